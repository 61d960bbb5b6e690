//! Notices: what a PG tells us on its own. They are hints (design 2a.8).

use bytes::Bytes;
use naru_domain::Timestamp;
use naru_domain::cash_receipt::IssuedReceipt;
use naru_domain::payment::EscrowState;
use serde::{Deserialize, Serialize};

/// A request that came in on a PG's notice URL.
#[derive(Clone)]
pub struct InboundRequest {
    /// Content type, as sent.
    pub content_type: Option<String>,
    /// The bytes.
    pub body: Bytes,
    /// The sender's address.
    pub peer: Option<std::net::IpAddr>,
}

impl std::fmt::Debug for InboundRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InboundRequest({} bytes)", self.body.len())
    }
}

/// What the PG is to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeAnswer {
    /// HTTP status.
    pub status: u16,
    /// Content type.
    pub content_type: &'static str,
    /// Body.
    pub body: &'static str,
}

/// A notice that was understood.
#[derive(Debug, Clone)]
pub struct Notification {
    /// Unique for the PG and merchant id; the same notice again has the same.
    pub event_id: String,
    /// The order id that we sent.
    pub order_id: String,
    /// What it says.
    pub content: NoticeContent,
    /// What the PG wants to hear once the notice is stored.
    pub answer: NoticeAnswer,
}

/// What a notice says.
#[derive(Debug, Clone)]
pub enum NoticeContent {
    /// A customer paid into a virtual account.
    Deposit(DepositNotice),
    /// An escrow stands somewhere else.
    Escrow(EscrowNotice),
    /// Nothing that is not known from elsewhere.
    Nothing,
}

/// An escrow stands somewhere else, says the PG. There is no inquiry for it: a connector gives
/// such a notice only if its sender is the PG as far as the protocol lets one know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscrowNotice {
    /// The PG's id of the payment.
    pub pg_tx_id: String,
    /// Where it stands.
    pub state: EscrowState,
    /// What was paid, where the PG says it.
    pub amount: Option<i64>,
}

/// A customer paid into a virtual account, says the PG.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositNotice {
    /// The account.
    pub account_number: String,
    /// What was paid in.
    pub amount: i64,
    /// Who paid.
    pub remitter_name: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The PG's id of the deposit itself.
    pub pg_deposit_id: String,
    /// The cash receipt that the PG issued with it. Only from a sender that the channel's settings
    /// name: an inquiry may not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cash_receipt: Option<IssuedReceipt>,
}

/// A notice that was not understood or not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Rejected {
    /// Why, without the notice's content.
    pub reason: String,
    /// What the PG is answered.
    pub answer: NoticeAnswer,
}
