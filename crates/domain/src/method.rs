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

/// How a payment is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// By card.
    Card(CardPayment),
    /// By deposit into an account issued for this payment.
    VirtualAccount(VirtualAccount),
}

/// The kind of a method, known before the PG has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MethodKind {
    /// By card.
    Card,
    /// By deposit into an account issued for this payment.
    VirtualAccount,
}

impl Method {
    /// Its kind.
    pub const fn kind(&self) -> MethodKind {
        match self {
            Self::Card(_) => MethodKind::Card,
            Self::VirtualAccount(_) => MethodKind::VirtualAccount,
        }
    }
}
