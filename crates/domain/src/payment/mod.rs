//! The payment aggregate: a merchant's order id, the attempts at it, and its cancellations.
//!
//! A *payment* is what the merchant names; an *attempt* is one go at it through one channel, the
//! V2 wire's transaction. At rest a payment has at most one attempt whose money was taken and not
//! given back (P3).

mod action;
mod apply;
mod attempt;
mod cancellation;
mod command;
mod decide;
mod dispute;
mod escrow;
mod event;
mod promoted;
mod refusal;
mod status;

pub use action::{Action, ActionEnd, StoreSale, Task};
pub use apply::apply;
pub use attempt::{
    Attempt, AttemptState, Capture, Failure, Issued, OrderDetails, Origin, PaymentReceipt,
    Platform, Product, Window, WindowApproval,
};
pub use cancellation::{Cancellation, CancellationState, SealedRefundAccount};
pub use command::{
    AttemptOutcome, BeginAttempt, CancelRequest, Command, Confirmation, PreRegistration,
    RefundOutcome, Reporter, ReversalOutcome, SetSchedule, WindowReturn,
};
pub use decide::{Announcement, Decision, Discrepancy, Effect, Trigger, decide};
pub use dispute::{DISPUTE_ID_MAX, DISPUTE_REASON_MAX, DISPUTES_MAX, Dispute};
pub use escrow::{Escrow, EscrowState, Shipment};
pub use event::Event;
pub use promoted::{AppliedPromotion, BudgetChange, PromotedRefund, RetainOption};
pub use refusal::Refusal;
pub use status::Status;

use serde::{Deserialize, Serialize};

use crate::{
    Amount, AttemptId, CancellationId, MerchantId, PaymentId, ScheduleId, StoreId, Timestamp,
};

/// Limits on one payment; configuration, with these defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Attempts per payment.
    pub attempts_max: usize,
    /// Cancellations per payment, refused ones included.
    pub cancellations_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempts_max: 100,
            cancellations_max: 100,
        }
    }
}

/// A payment with everything that happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Its merchant.
    pub merchant_id: MerchantId,
    /// Its store.
    pub store_id: StoreId,
    /// The merchant's id for it.
    pub id: PaymentId,
    /// When the first attempt was asked for.
    pub created_at: Timestamp,
    /// When anything last changed.
    pub updated_at: Timestamp,
    /// Every attempt, oldest first. Empty only before a schedule has begun the first.
    pub attempts: Vec<Attempt>,
    /// Cancellations of the attempt whose money was taken, oldest first.
    pub cancellations: Vec<Cancellation>,
    /// Disputes of that attempt, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disputes: Vec<Dispute>,
    /// The action under way, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// The escrow of the attempt whose money was taken, if the PG holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escrow: Option<Escrow>,
    /// The schedule that will begin the next attempt, while it waits. A payment that nothing but a
    /// schedule has touched has no attempt, and readers do not see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleId>,
    /// How many events made it.
    pub event_count: i64,
}

impl Payment {
    /// Whether there has been an attempt: until then it does not exist for readers.
    pub const fn has_begun(&self) -> bool {
        !self.attempts.is_empty()
    }

    /// The attempt of that id.
    pub fn attempt(&self, id: AttemptId) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.id == id)
    }

    /// Whether another attempt of the same request took the place of this one.
    pub fn was_taken_over(&self, id: AttemptId) -> bool {
        let mut attempts = self.attempts.iter();
        attempts.any(|attempt| attempt.takes_over_from == Some(id))
    }

    /// The cancellation of that id.
    pub fn cancellation(&self, id: CancellationId) -> Option<&Cancellation> {
        self.cancellations
            .iter()
            .find(|cancellation| cancellation.id == id)
    }

    /// The attempt whose money was taken and kept, if there is one.
    pub fn captured(&self) -> Option<(&Attempt, &Capture)> {
        self.attempts
            .iter()
            .find_map(|attempt| match &attempt.state {
                AttemptState::Captured { capture } => Some((attempt, capture)),
                AttemptState::Ready
                | AttemptState::AwaitingConfirm { .. }
                | AttemptState::Sending
                | AttemptState::Unknown { .. }
                | AttemptState::WaitingForDeposit { .. }
                | AttemptState::Failed { .. }
                | AttemptState::Reversing { .. }
                | AttemptState::Reversed { .. } => None,
            })
    }

    /// The attempt that a reader is shown: the successful one, else the latest.
    pub fn shown(&self) -> Option<&Attempt> {
        self.captured()
            .map(|(attempt, _)| attempt)
            .or_else(|| self.attempts.last())
    }

    /// What was given back so far, in order terms.
    pub fn cancelled(&self) -> Amount {
        self.sum_of(|state| matches!(state, CancellationState::Succeeded { .. }))
    }

    /// What is given back or may be: succeeded and unresolved cancellations.
    pub fn reserved(&self) -> Amount {
        self.sum_of(|state| !matches!(state, CancellationState::Failed { .. }))
    }

    fn sum_of(&self, counts: impl Fn(&CancellationState) -> bool) -> Amount {
        self.cancellations
            .iter()
            .filter(|cancellation| counts(&cancellation.state))
            .fold(Amount::ZERO, |sum, cancellation| {
                sum.plus(cancellation.amount)
            })
    }
}
