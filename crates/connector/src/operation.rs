//! What can be asked of a PG. These types may hold card data: they live only in memory, and
//! their secrets neither print nor serialise (P8).

use naru_domain::cash_receipt::ReceiptKind;
use naru_domain::payment::Shipment;
use naru_domain::{Amount, Currency, Customer, MethodKind, Timestamp};

use crate::{AuthenticatedWindow, IdentityOperation, OperationKind, Secret};

/// An operation with all it needs.
#[derive(Debug, Clone)]
pub enum Operation {
    /// Card payment with typed-in card data.
    PayCard(PayCard),
    /// Issue of a virtual account.
    IssueVirtualAccount(IssueVirtualAccount),
    /// Approval of what a customer authenticated in a window.
    ApproveWindow(Box<AuthenticatedWindow>),
    /// Undoing such an approval, whether or not it happened.
    NetCancel(Box<AuthenticatedWindow>),
    /// Issue of a billing key.
    IssueBillingKey(IssueBillingKey),
    /// Charge of a billing key.
    ChargeBillingKey(ChargeBillingKey),
    /// Deletion of a billing key.
    DeleteBillingKey(DeleteBillingKey),
    /// Taking money that was only authorised.
    CapturePayment(CapturePayment),
    /// Refund, whole or in part.
    Refund(Refund),
    /// Closing of a virtual account.
    CloseVirtualAccount(CloseVirtualAccount),
    /// Telling the PG of a shipment.
    RegisterShipment(Box<RegisterShipment>),
    /// Accepting a rejection.
    AcceptRejection(AcceptRejection),
    /// Adding sales of other stores to the PG's receipt.
    RegisterStoreSales(RegisterStoreSales),
    /// Issue of a cash receipt.
    IssueCashReceipt(IssueCashReceipt),
    /// Cancellation of a cash receipt.
    CancelCashReceipt(CancelCashReceipt),
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
            Self::ApproveWindow(_) => OperationKind::ApproveWindow,
            Self::NetCancel(_) => OperationKind::NetCancel,
            Self::IssueBillingKey(_) => OperationKind::IssueBillingKey,
            Self::ChargeBillingKey(_) => OperationKind::ChargeBillingKey,
            Self::DeleteBillingKey(_) => OperationKind::DeleteBillingKey,
            Self::CapturePayment(_) => OperationKind::CapturePayment,
            Self::Refund(_) => OperationKind::Refund,
            Self::CloseVirtualAccount(_) => OperationKind::CloseVirtualAccount,
            Self::RegisterShipment(_) => OperationKind::RegisterShipment,
            Self::AcceptRejection(_) => OperationKind::AcceptRejection,
            Self::RegisterStoreSales(_) => OperationKind::RegisterStoreSales,
            Self::IssueCashReceipt(_) => OperationKind::IssueCashReceipt,
            Self::CancelCashReceipt(_) => OperationKind::CancelCashReceipt,
            Self::Inquire(Inquire::CashReceipt { .. }) => OperationKind::InquireCashReceipt,
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
    /// A card, or a phone bill.
    pub method: MethodKind,
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

/// Taking money that was only authorised, whole: by agreement with the PG it takes nothing by
/// itself.
#[derive(Debug, Clone)]
pub struct CapturePayment {
    /// The PG's id of the payment.
    pub pg_tx_id: String,
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

/// Where goods come from or go to, as far as the merchant says.
#[derive(Debug, Clone, Default)]
pub struct Party {
    /// Name.
    pub name: Option<String>,
    /// Phone number.
    pub phone_number: Option<String>,
    /// Postal code.
    pub zipcode: Option<String>,
    /// The address in one line.
    pub address: Option<String>,
}

/// Telling the PG that the goods of an escrow payment were sent, or correcting it.
#[derive(Debug, Clone)]
pub struct RegisterShipment {
    /// The PG's id of the payment.
    pub pg_tx_id: String,
    /// The order id that we sent.
    pub order_id: String,
    /// What was paid.
    pub amount: i64,
    /// With whom it was sent.
    pub shipment: Shipment,
    /// Whether it corrects what was told before.
    pub is_change: bool,
    /// From where.
    pub sender: Party,
    /// To where.
    pub receiver: Party,
    /// How many kinds of goods the merchant names.
    pub product_count: usize,
}

/// Accepting that the customer of an escrow payment rejected the goods.
#[derive(Debug, Clone)]
pub struct AcceptRejection {
    /// The PG's id of the payment.
    pub pg_tx_id: String,
    /// Who accepts it.
    pub accepted_by: String,
}

/// Adding the sales of other stores to the PG's receipt.
#[derive(Debug, Clone)]
pub struct RegisterStoreSales {
    /// The PG's id of the payment.
    pub pg_tx_id: String,
    /// The sales.
    pub sales: Vec<StoreSaleAsked>,
}

/// A sale of another store, as the merchant says it.
#[derive(Debug, Clone)]
pub struct StoreSaleAsked {
    /// Number of the store's business.
    pub business_number: String,
    /// Its name.
    pub name: String,
    /// What was sold there.
    pub total: i64,
    /// The tax-free part.
    pub tax_free: Option<i64>,
    /// The VAT.
    pub vat: Option<i64>,
    /// What is neither.
    pub supply: Option<i64>,
    /// In which currency.
    pub currency: Currency,
}

/// Issue of a cash receipt on its own.
#[derive(Debug, Clone)]
pub struct IssueCashReceipt {
    /// What was bought.
    pub name: String,
    /// For how much.
    pub amount: Amount,
    /// In which currency.
    pub currency: Currency,
    /// For whom.
    pub kind: ReceiptKind,
    /// The number that names the customer or the business to the tax office.
    pub identity: Secret,
    /// Who bought.
    pub customer: Customer,
}

/// Cancellation of a cash receipt on its own.
#[derive(Debug, Clone)]
pub struct CancelCashReceipt {
    /// The PG's id of it.
    pub pg_receipt_id: String,
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
    /// By the PG's id of a cash receipt.
    CashReceipt {
        /// The PG's id of it.
        pg_receipt_id: String,
    },
}
