//! One attempt at a payment.

use serde::{Deserialize, Serialize};

use super::AppliedPromotion;
use crate::cash_receipt::{IssuedReceipt, ReceiptKind};
use crate::{
    Amount, AttemptId, BillingKeyId, ChannelGroupSnapshot, ChannelSnapshot, Currency, Customer,
    Face, ImpUid, Method, MethodKind, Opener, ScheduleId, Timestamp, WindowWishes,
};

/// An attempt. On the V2 wire it is a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its id; without dashes it is the order id that the PG sees.
    pub id: AttemptId,
    /// What it is named by on both faces instead of its id, if it was made on the V1 face.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imp_uid: Option<ImpUid>,
    /// What was asked for.
    pub order: OrderDetails,
    /// Through which channel.
    pub channel: ChannelSnapshot,
    /// The group that the channel was drawn from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_group: Option<ChannelGroupSnapshot>,
    /// The attempt of the same request whose place this one took, since the PG surely never saw
    /// that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes_over_from: Option<AttemptId>,
    /// By which kind of method.
    pub method: MethodKind,
    /// Where the request came from.
    pub origin: Origin,
    /// The promotion that made it cheaper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promotion: Option<AppliedPromotion>,
    /// The billing key that was charged.
    pub billing_key: Option<BillingKeyId>,
    /// The cash receipt asked for with the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cash_receipt: Option<ReceiptKind>,
    /// The schedule that began it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleId>,
    /// The window that it began in, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// Whether the caller wants no webhook of this call's success.
    pub skip_webhook: bool,
    /// Latest moment, by the process clock, at which the sender may begin to write (design 2a.2).
    pub send_by: Timestamp,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When its status last changed.
    pub status_changed_at: Timestamp,
    /// Where it stands.
    pub state: AttemptState,
}

impl Attempt {
    /// On which face it was made.
    pub const fn face(&self) -> Face {
        match self.imp_uid {
            Some(_) => Face::V1,
            None => Face::V2,
        }
    }

    /// By what it was paid, or else is to be: a card's window has easy-pay providers as well.
    pub const fn paid_by(&self) -> MethodKind {
        match &self.state {
            AttemptState::Captured { capture } => capture.method.kind(),
            _ => self.method,
        }
    }

    /// The billing key that was charged, or that was issued with the money.
    pub fn key(&self) -> Option<&BillingKeyId> {
        let issued = match &self.state {
            AttemptState::Captured { capture } => capture.billing_key.as_ref(),
            _ => None,
        };
        self.billing_key.as_ref().or(issued)
    }

    /// The `transactionId` of the V2 wire.
    pub fn transaction_id(&self) -> String {
        match &self.imp_uid {
            Some(imp_uid) => imp_uid.to_string(),
            None => self.id.to_string(),
        }
    }

    /// The `imp_uid` of the V1 wire, which has 32 characters at most: without the dashes, where it
    /// is the attempt's own id.
    pub fn imp_uid(&self) -> String {
        match &self.imp_uid {
            Some(imp_uid) => imp_uid.to_string(),
            None => self.id.order_id(),
        }
    }
}

/// What the merchant asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderDetails {
    /// What is bought.
    pub name: String,
    /// What it costs.
    pub amount: Amount,
    /// In which currency.
    pub currency: Currency,
    /// Who buys.
    pub customer: Customer,
    /// The lines of the order.
    #[serde(default)]
    pub products: Vec<Product>,
    /// How many products, where the merchant counts them.
    pub product_count: Option<i32>,
    /// The merchant's own text.
    pub custom_data: Option<String>,
    /// ISO 3166 code.
    pub country: Option<String>,
    /// Webhook addresses that replace the store's.
    #[serde(default)]
    pub notice_urls: Vec<String>,
    /// Whether it counts as cultural expense.
    pub is_cultural_expense: bool,
    /// Whether the PG holds the money until the customer confirms.
    pub is_escrow: bool,
    /// The promotion asked for.
    pub promotion_id: Option<String>,
}

impl OrderDetails {
    /// An order in won that says nothing but what must be said.
    pub fn in_won(name: impl Into<String>, amount: Amount, customer: Customer) -> Self {
        Self {
            name: name.into(),
            amount,
            currency: Currency::krw(),
            customer,
            products: Vec::new(),
            product_count: None,
            custom_data: None,
            country: None,
            notice_urls: Vec::new(),
            is_cultural_expense: false,
            is_escrow: false,
            promotion_id: None,
        }
    }
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The merchant's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// A tag.
    pub tag: Option<String>,
    /// A code.
    pub code: Option<String>,
    /// Price of one, in minor units.
    pub amount: i64,
    /// How many.
    pub quantity: i32,
    /// A link to it.
    pub link: Option<String>,
}

/// Where a request came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Kind of client.
    pub platform: Platform,
    /// The client's address.
    pub ip_address: String,
    /// The client's user agent.
    pub user_agent: Option<String>,
}

/// Kinds of client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Platform {
    /// A browser on a computer.
    Pc,
    /// A browser on a phone.
    Mobile,
    /// A merchant's server.
    Api,
}

/// A PG's window that an attempt begins in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Until when the customer may come back from it, by the process clock.
    pub expires_at: Timestamp,
    /// Who says that the money may be taken, once the customer has authenticated.
    pub approval: WindowApproval,
    /// Until when a deposit is taken, where it is paid by virtual account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_expires_at: Option<Timestamp>,
    /// Whether a billing key is issued with the money that it takes.
    #[serde(default, skip_serializing_if = "is_false")]
    pub issues_key: bool,
    /// The page that opened it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opener: Option<Opener>,
    /// What that page wishes of it.
    #[serde(default)]
    pub wishes: WindowWishes,
}

/// Who says that the money may be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by")]
pub enum WindowApproval {
    /// Nobody is asked.
    AtOnce,
    /// The merchant confirms by a call.
    ByMerchant,
    /// The merchant's server is asked.
    ByUrl {
        /// Where.
        url: String,
    },
}

/// Where an attempt stands. Each state carries exactly its facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state")]
pub enum AttemptState {
    /// A window is open; the PG is asked for nothing.
    Ready,
    /// The customer has authenticated in the window; somebody has to say that the money may be
    /// taken.
    AwaitingConfirm {
        /// Until when, by the process clock.
        until: Timestamp,
    },
    /// The intent is on disk; the PG may or may not have been reached.
    Sending,
    /// The PG's answer was unclear.
    Unknown {
        /// Whether the caller was answered that it is unclear. Then a capture is reversed.
        told: bool,
    },
    /// A virtual account waits for its deposit.
    WaitingForDeposit {
        /// The account.
        issued: Issued,
        /// Whether the merchant asked to close it and the PG has not yet answered.
        closing: bool,
    },
    /// The money was taken.
    Captured {
        /// How.
        capture: Capture,
    },
    /// No money was taken, or an account was closed.
    Failed {
        /// Why.
        failure: Failure,
        /// When.
        at: Timestamp,
        /// The account that was closed, if it was one: a late deposit still pays.
        issued: Option<Issued>,
    },
    /// Money was taken, or an account issued, that must be undone.
    Reversing {
        /// What to undo: a capture.
        capture: Option<Capture>,
        /// What to undo: an account.
        issued: Option<Issued>,
        /// What the caller sees.
        failure: Failure,
        /// Since when the attempt counts as failed.
        at: Timestamp,
    },
    /// It was undone.
    Reversed {
        /// What was undone.
        capture: Option<Capture>,
        /// What the caller sees.
        failure: Failure,
        /// Since when the attempt counts as failed.
        at: Timestamp,
    },
}

/// Money that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// The PG's id.
    pub pg_tx_id: String,
    /// What was taken.
    pub amount: i64,
    /// In which currency, where the PG says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// When.
    pub paid_at: Timestamp,
    /// How.
    pub method: Method,
    /// The PG's receipt page.
    pub receipt_url: Option<String>,
    /// Whether the PG holds the money until the customer confirms, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escrow: Option<bool>,
    /// The cash receipt that the PG issued with it, or that the merchant asked for afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cash_receipt: Option<PaymentReceipt>,
    /// The billing key that was issued with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_key: Option<BillingKeyId>,
    /// The PG's answer, without secrets.
    pub pg_response: String,
}

/// A cash receipt that the PG issued with the money, or that the merchant asked for by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentReceipt {
    /// For whom, where it is known.
    pub kind: Option<ReceiptKind>,
    /// What the PG issued.
    pub issued: IssuedReceipt,
    /// What it is about; less once a part of the payment was given back.
    pub amount: Amount,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// Whether it was asked for by itself. Such a one does not follow the money.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_manual: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "for serde")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// A virtual account that was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// The PG's id of the issue.
    pub pg_tx_id: String,
    /// When.
    pub at: Timestamp,
    /// The account.
    pub account: crate::VirtualAccount,
    /// Whether the PG will hold the money until the customer confirms, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escrow: Option<bool>,
    /// The PG's answer, without secrets.
    pub pg_response: String,
}

/// Why something failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The PG's code, or one of ours that begins with `NARU_`.
    pub pg_code: String,
    /// The PG's text, or ours.
    pub pg_message: String,
}

impl Failure {
    /// The PG never saw the request.
    pub const NOT_SENT: &'static str = "NARU_NOT_SENT";
    /// Nobody knows yet; the caller was told so.
    pub const OUTCOME_UNKNOWN: &'static str = "NARU_OUTCOME_UNKNOWN";
    /// The PG took another amount than it was asked for.
    pub const AMOUNT_MISMATCH: &'static str = "NARU_AMOUNT_MISMATCH";
    /// Money was taken, and the billing key that was to come with it did not.
    pub const NO_BILLING_KEY: &'static str = "NARU_NO_BILLING_KEY";
    /// Paid in a window by another card than the promotion is for.
    pub const PROMOTION_CARD: &'static str = "NARU_PROMOTION_CARD";
    /// The promotion's budget was spent while the customer was in the window.
    pub const PROMOTION_SPENT: &'static str = "NARU_PROMOTION_SPENT";
    /// Money arrived after the caller had been told of failure.
    pub const LATE_APPROVAL: &'static str = "NARU_LATE_APPROVAL";
    /// A schedule came due and could not be carried out; nothing was sent.
    pub const SCHEDULE_REFUSED: &'static str = "NARU_SCHEDULE_REFUSED";
    /// The merchant stopped the cancellation before the PG had carried it out.
    pub const CANCELLATION_STOPPED: &'static str = "NARU_CANCELLATION_STOPPED";
    /// The customer did not come back from the window in time, or nobody confirmed in time.
    pub const WINDOW_EXPIRED: &'static str = "NARU_WINDOW_EXPIRED";
    /// The customer left the window.
    pub const WINDOW_LEFT: &'static str = "NARU_WINDOW_LEFT";
    /// The merchant's server did not say that the money may be taken.
    pub const CONFIRM_REFUSED: &'static str = "NARU_CONFIRM_REFUSED";
    /// The answer to an approval was lost, and the approval undone.
    pub const NET_CANCELLED: &'static str = "NARU_NET_CANCELLED";
    /// The merchant closed the virtual account.
    pub const ACCOUNT_CLOSED: &'static str = "NARU_VIRTUAL_ACCOUNT_CLOSED";

    /// The PG surely does not have it and never will.
    pub fn never_seen() -> Self {
        Self::own(
            Self::NOT_SENT,
            "the payment gateway never saw the request; no money was taken",
        )
    }

    /// A failure of our own.
    pub fn own(code: &str, message: &str) -> Self {
        Self {
            pg_code: code.to_owned(),
            pg_message: message.to_owned(),
        }
    }

    /// One line for people.
    pub fn reason(&self) -> String {
        let code = format!("[{}]", self.pg_code);
        // Some PGs begin their text with the code.
        match self.pg_message.strip_prefix(&code) {
            Some(text) => format!("{code} {}", text.trim_start()),
            None => format!("{code} {}", self.pg_message),
        }
    }
}
