//! Cancellations: money given back, whole or in part.

use serde::{Deserialize, Serialize};

use super::{Failure, PromotedRefund};
use crate::{Amount, CancellationId, Sealed, Timestamp};

/// A cancellation of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// Its id.
    pub id: CancellationId,
    /// What is given back, in order terms.
    pub amount: Amount,
    /// What goes back in money, where a promotion had made it cheaper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promoted: Option<PromotedRefund>,
    /// The merchant's reason.
    pub reason: String,
    /// CUSTOMER or ADMIN, where the merchant says who asked.
    pub requester: Option<String>,
    /// The bank account that the money goes to, where it needs one.
    pub refund_account: Option<SealedRefundAccount>,
    /// Whether the caller wants no webhook of this call's success.
    pub skip_webhook: bool,
    /// What had gone back at the PG before it, by our books: tells the inquiry what to expect.
    pub cancelled_before: i64,
    /// Latest moment, by the process clock, at which the sender may begin to write.
    pub send_by: Timestamp,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Where it stands.
    pub state: CancellationState,
}

/// A refund account as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedRefundAccount {
    /// The contract's bank code.
    pub bank: String,
    /// The account number.
    pub number: Sealed,
    /// Whose account it is.
    pub holder_name: Sealed,
}

/// Where a cancellation stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state")]
pub enum CancellationState {
    /// The intent is on disk; the PG may or may not have been reached.
    Sending,
    /// The PG's answer was unclear; it is resolved by inquiry and never sent again.
    Requested,
    /// The money was given back.
    Succeeded {
        /// The PG's id of the refund.
        pg_cancellation_id: Option<String>,
        /// When.
        at: Timestamp,
    },
    /// The PG refused, or never saw it.
    Failed {
        /// Why.
        failure: Failure,
        /// When.
        at: Timestamp,
    },
}

impl CancellationState {
    /// Whether the PG may still act on it.
    pub const fn is_open(&self) -> bool {
        match self {
            Self::Sending | Self::Requested => true,
            Self::Succeeded { .. } | Self::Failed { .. } => false,
        }
    }
}
