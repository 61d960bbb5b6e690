//! What is written on an invoice.

use serde::{Deserialize, Serialize};

use super::super::{BusinessNumber, CivilDate, Decimal, Side};

/// Everything a person reads on an invoice, besides what the provider stamps on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Who writes it.
    pub issuance: Issuance,
    /// How the supply is taxed.
    pub taxation: Taxation,
    /// What it says about the payment.
    pub purpose: Purpose,
    /// Legal date of the supply (작성일).
    pub write_date: CivilDate,
    /// The seller.
    pub supplier: Party,
    /// The buyer.
    pub recipient: Party,
    /// The sums.
    pub totals: Totals,
    /// How the total is paid.
    pub split: PaymentSplit,
    /// The lines, in order.
    #[serde(default)]
    pub items: Vec<Item>,
    /// Remarks (비고).
    #[serde(default)]
    pub remarks: Vec<String>,
    /// Book volume (권).
    pub book_volume: Option<i32>,
    /// Book issue (호).
    pub book_issue: Option<i32>,
    /// The merchant's serial number.
    pub serial_number: Option<String>,
    /// Who else gets the invoice by e-mail.
    #[serde(default)]
    pub contacts: Vec<ExtraContact>,
    /// Whether the supplier's contact gets a text message.
    pub send_sms: bool,
    /// What it modifies, if it modifies an invoice.
    pub modification: Option<Modification>,
}

/// Who writes an invoice. The supplier signs in both cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Issuance {
    /// The supplier (정발행).
    Forward,
    /// The recipient, who asks the supplier to sign (역발행).
    Reverse,
}

impl Issuance {
    /// The side that writes it, whose document key it needs from the start.
    pub const fn writer(self) -> Side {
        match self {
            Self::Forward => Side::Supplier,
            Self::Reverse => Side::Recipient,
        }
    }
}

/// How a supply is taxed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Taxation {
    /// 과세.
    Taxable,
    /// 영세율.
    ZeroRated,
    /// 면세.
    Exempt,
}

/// What an invoice says about the payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Purpose {
    /// It was paid (영수).
    Receipt,
    /// It is to be paid (청구).
    Claim,
    /// Neither is printed.
    Unsaid,
}

/// A side's company as it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its number.
    pub brn: BusinessNumber,
    /// Number of a place of business (종사업장번호), four digits.
    pub tax_registration_id: Option<String>,
    /// Name of the company.
    pub name: Option<String>,
    /// Who represents it.
    pub representative_name: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// Line of business (업태).
    pub business_type: Option<String>,
    /// Article of business (종목).
    pub business_class: Option<String>,
    /// Who is written to.
    pub contact: Option<PartyContact>,
    /// The counterparty that the party was taken from.
    #[serde(default)]
    pub counterparty_id: Option<String>,
}

/// Who is written to at a party.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyContact {
    /// Name.
    pub name: Option<String>,
    /// Department.
    pub department: Option<String>,
    /// Phone number.
    pub phone_number: Option<String>,
    /// Mobile phone number.
    pub mobile_phone_number: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
}

/// Somebody else who gets the invoice by e-mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraContact {
    /// Name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: String,
    /// Phone number.
    #[serde(default)]
    pub phone_number: Option<String>,
}

/// The sums of an invoice, in won.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Cost of supply (공급가액).
    pub supply: i64,
    /// Tax (세액).
    pub tax: i64,
    /// Both.
    pub total: i64,
}

/// How the total is paid, in won.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentSplit {
    /// In cash (현금).
    pub cash: Option<i64>,
    /// By check (수표).
    pub check: Option<i64>,
    /// By promissory note (어음).
    pub note: Option<i64>,
    /// On credit (외상미수금).
    pub credit: Option<i64>,
}

/// A line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// When it was bought.
    pub purchase_date: Option<CivilDate>,
    /// What it is.
    pub name: Option<String>,
    /// Its specification (규격).
    pub spec: Option<String>,
    /// How many.
    pub quantity: Option<Decimal>,
    /// Cost of one.
    pub unit_cost: Option<Decimal>,
    /// Cost of supply, in won.
    pub supply: Option<i64>,
    /// Tax, in won.
    pub tax: Option<i64>,
    /// Remark.
    pub remark: Option<String>,
}

/// What an invoice modifies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Modification {
    /// Why.
    pub reason: ModificationReason,
    /// The tax office's approval number of the invoice that is modified.
    pub original_approval_number: String,
    /// Its id, where it is one of ours.
    pub original_id: Option<String>,
    /// The first of the chain, where it is one of ours.
    pub root_id: Option<String>,
}

/// The legal reasons to modify an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ModificationReason {
    /// 기재사항의 착오정정.
    EntryError,
    /// 공급가액의 변동.
    SupplyCostChange,
    /// 환입.
    Return,
    /// 계약의 해제.
    ContractCancellation,
    /// 내국신용장 사후개설.
    LocalLetterOfCredit,
    /// 착오에 의한 이중발급.
    DuplicateIssuance,
}

/// The merchant's names for an invoice, one for each side; unique among a company's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentKeys {
    /// The supplier's.
    pub supplier: Option<String>,
    /// The recipient's.
    pub recipient: Option<String>,
}

impl DocumentKeys {
    /// A side's.
    pub fn of(&self, side: Side) -> Option<&str> {
        match side {
            Side::Supplier => self.supplier.as_deref(),
            Side::Recipient => self.recipient.as_deref(),
        }
    }
}

impl Document {
    /// A side's company.
    pub const fn party(&self, side: Side) -> &Party {
        match side {
            Side::Supplier => &self.supplier,
            Side::Recipient => &self.recipient,
        }
    }
}
