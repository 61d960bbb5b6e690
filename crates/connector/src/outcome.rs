//! What became of an operation.

use naru_domain::cash_receipt::{IssuedReceipt, ReceiptKind};
use naru_domain::{Card, Currency, Method, Timestamp, VirtualAccount};
use serde::{Deserialize, Serialize};

use crate::{IdentityOutcome, Secret};

/// The end of an exchange.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The PG took the money.
    Approved(Approval),
    /// A virtual account waits for its deposit. No money has moved.
    AccountIssued(IssuedAccount),
    /// A billing key exists.
    KeyIssued(IssuedKey),
    /// A step of an identity verification has an answer that is not a final refusal.
    Identity(IdentityOutcome),
    /// A billing key is gone, or was gone before.
    KeyDeleted {
        /// When.
        at: Timestamp,
    },
    /// A refund is done.
    Refunded(Refunded),
    /// A virtual account takes no more deposits.
    AccountClosed {
        /// When.
        at: Timestamp,
    },
    /// Something was done that moves no money.
    Acted(Acted),
    /// A cash receipt exists.
    Receipt(ReceiptFound),
    /// An inquiry found the transaction.
    Found(Box<Transaction>),
    /// An inquiry found nothing. Not the same as "not captured": design 2a.2.
    NotFound,
    /// The PG refused; nothing happened there.
    Declined(Decline),
    /// Nobody knows; ask again later.
    Unknown(Unknown),
    /// The PG surely never saw it.
    NotSent {
        /// Why.
        reason: String,
    },
}

/// Money was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The PG's id.
    pub pg_tx_id: String,
    /// What the PG says it took.
    pub amount: i64,
    /// In which currency, where the PG says it.
    pub currency: Option<Currency>,
    /// When.
    pub at: Timestamp,
    /// How.
    pub method: Method,
    /// The PG's receipt page.
    pub receipt_url: Option<String>,
    /// Whether the PG holds the money until the customer confirms, where it says so.
    #[serde(default)]
    pub escrow: Option<bool>,
    /// The cash receipt that was issued with it.
    #[serde(default)]
    pub cash_receipt: Option<ReceiptOfApproval>,
    /// The PG's billing key that was issued with it. Never written down with the rest.
    #[serde(skip)]
    pub pg_billing_key: Option<Secret>,
    /// The PG's answer as text, without anything secret.
    pub raw: String,
}

/// A cash receipt that the PG issued with the money, as far as it tells: no id of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptOfApproval {
    /// For whom.
    pub kind: Option<ReceiptKind>,
    /// The tax office's number of it.
    pub issue_number: Option<String>,
}

/// A virtual account was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedAccount {
    /// The PG's id.
    pub pg_tx_id: String,
    /// What the PG says is to be paid in, where it says so.
    pub amount: Option<i64>,
    /// When.
    pub at: Timestamp,
    /// The account.
    pub account: VirtualAccount,
    /// Whether the PG will hold the money until the customer confirms, where it says so.
    #[serde(default)]
    pub escrow: Option<bool>,
    /// The PG's answer as text, without anything secret.
    pub raw: String,
}

/// A billing key was issued.
#[derive(Debug, Clone)]
pub struct IssuedKey {
    /// The PG's own key: a secret.
    pub pg_billing_key: Secret,
    /// The PG's id of the issue, where it gives one.
    pub pg_tx_id: Option<String>,
    /// The card behind it.
    pub card: Card,
    /// When.
    pub at: Timestamp,
}

/// A refund was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refunded {
    /// The PG's id of the refund.
    pub pg_cancellation_id: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Something was done that moves no money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acted {
    /// When.
    pub at: Timestamp,
    /// The PG's receipt page, where it has to do with one.
    pub receipt_url: Option<String>,
}

/// A cash receipt as the PG has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReceiptFound {
    /// It was issued just now.
    Issued(IssuedReceipt),
    /// None was issued: the PG says that there is one for this sale already.
    IssuedBefore(Decline),
    /// It is in the PG's books.
    InBooks {
        /// When it was cancelled, if it was.
        cancelled_at: Option<Timestamp>,
    },
}

/// The PG refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decline {
    /// The PG's most specific code.
    pub code: String,
    /// The PG's text.
    pub message: String,
}

/// The outcome is unclear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// Why, without content.
    pub reason: String,
}

/// A transaction in the PG's books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Where it stands.
    pub state: TransactionState,
    /// The order id, where the PG says it.
    pub order_id: Option<String>,
    /// What has been refunded in all.
    pub cancelled_total: i64,
    /// When the last refund was, where the PG says it.
    pub cancelled_at: Option<Timestamp>,
    /// The PG's id of the last refund, where it says it.
    pub pg_cancellation_id: Option<String>,
    /// Every refund, oldest first, where the PG lists them.
    pub refunds: Option<Vec<RefundInBooks>>,
    /// The approval, or for an account that waits what would be approved.
    pub approval: Approval,
    /// What was paid into a virtual account.
    pub deposit: Option<Deposit>,
}

/// A refund in the PG's books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundInBooks {
    /// The PG's id of it.
    pub id: Option<String>,
    /// How much.
    pub amount: i64,
    /// When.
    pub at: Option<Timestamp>,
}

/// Where a transaction stands in the PG's books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionState {
    /// A virtual account waits for its deposit.
    Waiting,
    /// The money is taken; perhaps a part was refunded since.
    Approved,
    /// All was refunded, or a virtual account was closed.
    Cancelled,
    /// The PG refused it.
    Declined,
}

/// A deposit in the PG's books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposit {
    /// How much.
    pub amount: i64,
    /// Who paid.
    pub remitter_name: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The cash receipt that the PG issued with it, where its books say so.
    pub cash_receipt: Option<IssuedReceipt>,
}
