//! What can be asked of a PG. These types may hold card data: they live only in memory, and
//! their secrets neither print nor serialise (P8).

use naru_domain::{Amount, Currency, Customer, MethodKind, Timestamp};

use crate::{IdentityOperation, OperationKind, Secret};

/// An operation with all it needs.
#[derive(Debug, Clone)]
pub enum Operation {
    /// Card payment with typed-in card data.
    PayCard(PayCard),
    /// Issue of a virtual account.
    IssueVirtualAccount(IssueVirtualAccount),
    /// Issue of a billing key.
    IssueBillingKey(IssueBillingKey),
    /// Charge of a billing key.
    ChargeBillingKey(ChargeBillingKey),
    /// Deletion of a billing key.
    DeleteBillingKey(DeleteBillingKey),
    /// Refund, whole or in part.
    Refund(Refund),
    /// Closing of a virtual account.
    CloseVirtualAccount(CloseVirtualAccount),
    /// Inquiry.
    Inquire(Inquire),
    /// A step of an identity verification.
    Identity(IdentityOperation),
}

impl Operation {
    /// Its kind.
    pub const fn kind(&self) -> OperationKind {
        match self {
            Self::PayCard(_) => OperationKind::PayCard,
            Self::IssueVirtualAccount(_) => OperationKind::IssueVirtualAccount,
            Self::IssueBillingKey(_) => OperationKind::IssueBillingKey,
            Self::ChargeBillingKey(_) => OperationKind::ChargeBillingKey,
            Self::DeleteBillingKey(_) => OperationKind::DeleteBillingKey,
            Self::Refund(_) => OperationKind::Refund,
            Self::CloseVirtualAccount(_) => OperationKind::CloseVirtualAccount,
            Self::Inquire(Inquire::ByTransaction { .. }) => OperationKind::InquireByTransaction,
            Self::Inquire(Inquire::ByOrder { .. }) => OperationKind::InquireByOrder,
            Self::Identity(step) => step.kind(),
        }
    }
}

/// What is bought, by whom.
#[derive(Debug, Clone)]
pub struct Order {
    /// The order id that the PG sees: 32 hex digits, never reused.
    pub order_id: String,
    /// The merchant's own payment id; some PGs restrict its characters.
    pub payment_id: String,
    /// What is bought.
    pub name: String,
    /// What it costs.
    pub amount: Amount,
    /// In which currency.
    pub currency: Currency,
    /// Who buys.
    pub customer: Customer,
    /// Whether the PG is to hold the money until the customer confirms.
    pub is_escrow: bool,
}

/// Card data typed in by a customer.
#[derive(Debug, Clone)]
pub struct CardCredential {
    /// 14 to 16 digits.
    pub number: Secret,
    /// Two digits.
    pub expiry_year: Secret,
    /// Two digits.
    pub expiry_month: Secret,
    /// YYMMDD, or ten digits of a business.
    pub birth_or_business_number: Option<Secret>,
    /// First two digits of the card's password.
    pub password_two_digits: Option<Secret>,
}

/// Card payment with typed-in card data.
#[derive(Debug, Clone)]
pub struct PayCard {
    /// What is bought.
    pub order: Order,
    /// The card.
    pub card: CardCredential,
    /// Months; 0 or 1 is a lump sum.
    pub installment_months: u16,
    /// Whether the merchant bears the interest.
    pub is_interest_free: bool,
    /// Whether to use card points.
    pub use_card_point: bool,
}

/// Which account a deposit goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountChoice {
    /// The PG picks one.
    Normal,
    /// The merchant names a number of a pool that the PG gave out.
    FixedNumber(String),
    /// The merchant names an id that the PG gave out.
    FixedId(String),
}

/// A cash receipt asked for with a payment.
#[derive(Debug, Clone)]
pub enum CashReceiptWish {
    /// None.
    None,
    /// For a person's income deduction.
    Personal(Secret),
    /// For a business's expenses.
    Corporate(Secret),
}

/// Issue of a virtual account.
#[derive(Debug, Clone)]
pub struct IssueVirtualAccount {
    /// What is bought.
    pub order: Order,
    /// The contract's bank code, such as `SHINHAN`.
    pub bank: String,
    /// Until when a deposit is taken.
    pub expires_at: Timestamp,
    /// Which account.
    pub account: AccountChoice,
    /// Cash receipt.
    pub cash_receipt: CashReceiptWish,
    /// Whom the account is shown to belong to.
    pub remittee_name: Option<String>,
}

/// Issue of a billing key.
#[derive(Debug, Clone)]
pub struct IssueBillingKey {
    /// The order id that the PG sees.
    pub order_id: String,
    /// What the PG shows.
    pub name: String,
    /// Whose card it is.
    pub customer: Customer,
    /// The card.
    pub card: CardCredential,
}

/// Charge of a billing key.
#[derive(Debug, Clone)]
pub struct ChargeBillingKey {
    /// What is bought.
    pub order: Order,
    /// The PG's own billing key.
    pub pg_billing_key: Secret,
    /// Months; 0 or 1 is a lump sum.
    pub installment_months: u16,
    /// Whether the merchant bears the interest.
    pub is_interest_free: bool,
    /// Whether to use card points.
    pub use_card_point: bool,
}

/// Deletion of a billing key. It may be asked for twice: a key that is gone already is
/// [`crate::Outcome::KeyDeleted`].
#[derive(Debug, Clone)]
pub struct DeleteBillingKey {
    /// The PG's own billing key.
    pub pg_billing_key: Secret,
    /// Why.
    pub reason: Option<String>,
    /// CUSTOMER or ADMIN.
    pub requester: Option<String>,
}

/// The customer's bank account that a refund goes to.
#[derive(Debug, Clone)]
pub struct RefundAccount {
    /// The contract's bank code.
    pub bank: String,
    /// The account number.
    pub number: Secret,
    /// Whose account it is.
    pub holder_name: Secret,
}

/// Refund, whole or in part.
#[derive(Debug, Clone)]
pub struct Refund {
    /// The PG's id of the payment.
    pub pg_tx_id: String,
    /// How it was paid.
    pub method: MethodKind,
    /// Why it is refunded.
    pub reason: String,
    /// What is refunded now.
    pub amount: Amount,
    /// What remains after this refund.
    pub remaining_total: i64,
    /// Whether something was refunded before.
    pub is_first: bool,
    /// The payment's currency.
    pub currency: Currency,
    /// Needed where money goes to a bank account.
    pub account: Option<RefundAccount>,
}

/// Closing of a virtual account that waits for its deposit.
#[derive(Debug, Clone)]
pub struct CloseVirtualAccount {
    /// The PG's id of the account's issue.
    pub pg_tx_id: String,
    /// Why.
    pub reason: String,
}

/// Inquiry: what does the PG know?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inquire {
    /// By the PG's transaction id.
    ByTransaction {
        /// The PG's id.
        pg_tx_id: String,
    },
    /// By the order id that we sent.
    ByOrder {
        /// 32 hex digits.
        order_id: String,
    },
}
