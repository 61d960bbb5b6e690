//! How a payment was made, as the PG reports it.
//!
//! Enum texts (issuer, brand, bank …) are those of the V2 contract; a connector that meets a code
//! it does not know leaves the field out rather than guess.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A card, never with its full number (P8).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Card {
    /// Code of the publisher.
    pub publisher: Option<String>,
    /// Code of the issuer, such as `SHINHAN_CARD`.
    pub issuer: Option<String>,
    /// LOCAL, MASTER, VISA …
    pub brand: Option<String>,
    /// CREDIT, DEBIT or GIFT.
    pub kind: Option<String>,
    /// PERSONAL or CORPORATE.
    pub owner: Option<String>,
    /// First six to eight digits.
    pub bin: Option<String>,
    /// What the PG calls the card.
    pub name: Option<String>,
    /// Masked number.
    pub masked_number: Option<String>,
}

/// A card payment's particulars.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CardPayment {
    /// The card.
    pub card: Card,
    /// The card company's approval number.
    pub approval_number: Option<String>,
    /// Months; 0 is a lump sum.
    pub installment_months: u16,
    /// Whether the customer pays no interest on instalments.
    pub is_interest_free: bool,
    /// Whether card points were used.
    pub point_used: bool,
}

/// A virtual account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualAccount {
    /// Code of the bank, such as `SHINHAN`.
    pub bank: Option<String>,
    /// The account number: public, since the customer pays into it.
    pub account_number: String,
    /// Whether the number was chosen by the merchant.
    pub is_fixed: bool,
    /// Whom the account is shown to belong to.
    pub remittee_name: Option<String>,
    /// Who paid in, after the deposit.
    pub remitter_name: Option<String>,
    /// Until when a deposit is taken.
    pub expires_at: Option<Timestamp>,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// Where a refund to the customer's account stands.
    pub refund: Option<AccountRefund>,
}

/// Where a refund to the customer's bank account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountRefund {
    /// Asked for.
    Pending,
    /// A partial refund failed.
    PartialFailed,
    /// The refund failed.
    Failed,
    /// Paid back.
    Completed,
}

/// A transfer from the customer's bank account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Code of the bank, such as `SHINHAN`.
    pub bank: Option<String>,
}

/// A payment with the customer's phone bill.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MobilePayment {
    /// The phone's number, masked.
    pub phone_number: Option<String>,
}

/// A payment with gift certificates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiftCertificate {
    /// Whose, such as `CULTURELAND`.
    pub kind: Option<String>,
    /// The issuer's approval number.
    pub approval_number: Option<String>,
}

/// A payment by an easy-pay provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EasyPay {
    /// Such as `KAKAOPAY`; nothing if the PG names one that is not known.
    pub provider: Option<String>,
    /// What the customer paid with there.
    pub by: EasyPayBy,
}

/// What a customer pays with at an easy-pay provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EasyPayBy {
    /// A card.
    Card(Box<CardPayment>),
    /// Money that they keep there.
    Charge,
}

/// How a payment is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// By card.
    Card(CardPayment),
    /// By deposit into an account issued for this payment.
    VirtualAccount(VirtualAccount),
    /// By transfer from a bank account.
    Transfer(Transfer),
    /// With the phone bill.
    Mobile(MobilePayment),
    /// With gift certificates.
    GiftCertificate(GiftCertificate),
    /// By an easy-pay provider.
    EasyPay(EasyPay),
}

/// The kind of a method, known before the PG has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MethodKind {
    /// By card.
    Card,
    /// By deposit into an account issued for this payment.
    VirtualAccount,
    /// By transfer from a bank account.
    Transfer,
    /// With the phone bill.
    Mobile,
    /// With gift certificates.
    GiftCertificate,
    /// By an easy-pay provider.
    EasyPay,
}

impl MethodKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Card,
        Self::VirtualAccount,
        Self::Transfer,
        Self::Mobile,
        Self::GiftCertificate,
        Self::EasyPay,
    ];

    /// Whether the customer pays later, into an account.
    pub const fn is_deposit(self) -> bool {
        matches!(self, Self::VirtualAccount)
    }
}

impl Method {
    /// Its kind.
    pub const fn kind(&self) -> MethodKind {
        match self {
            Self::Card(_) => MethodKind::Card,
            Self::VirtualAccount(_) => MethodKind::VirtualAccount,
            Self::Transfer(_) => MethodKind::Transfer,
            Self::Mobile(_) => MethodKind::Mobile,
            Self::GiftCertificate(_) => MethodKind::GiftCertificate,
            Self::EasyPay(_) => MethodKind::EasyPay,
        }
    }

    /// The card that was charged, directly or behind an easy-pay provider.
    pub fn card(&self) -> Option<&CardPayment> {
        match self {
            Self::Card(card) => Some(card),
            Self::EasyPay(paid) => match &paid.by {
                EasyPayBy::Card(card) => Some(card),
                EasyPayBy::Charge => None,
            },
            Self::VirtualAccount(_)
            | Self::Transfer(_)
            | Self::Mobile(_)
            | Self::GiftCertificate(_) => None,
        }
    }
}
