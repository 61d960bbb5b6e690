//! Statuses as both faces show them, derived from the states.

use super::{Attempt, AttemptState, Payment};

/// Status of a payment or of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// A window is open.
    Ready,
    /// The outcome is not known yet.
    PayPending,
    /// A virtual account waits for its deposit.
    VirtualAccountIssued,
    /// Paid.
    Paid,
    /// Failed.
    Failed,
    /// A part was given back.
    PartialCancelled,
    /// All was given back.
    Cancelled,
}

impl Status {
    /// The name on the V2 wire and in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::PayPending => "PAY_PENDING",
            Self::VirtualAccountIssued => "VIRTUAL_ACCOUNT_ISSUED",
            Self::Paid => "PAID",
            Self::Failed => "FAILED",
            Self::PartialCancelled => "PARTIAL_CANCELLED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

impl Payment {
    /// Status of the attempt that is shown.
    pub fn status(&self) -> Status {
        self.shown()
            .map_or(Status::Ready, |attempt| self.status_of(attempt))
    }

    /// Status of one of its attempts.
    pub fn status_of(&self, attempt: &Attempt) -> Status {
        match &attempt.state {
            AttemptState::Ready | AttemptState::AwaitingConfirm { .. } => Status::Ready,
            AttemptState::Sending | AttemptState::Unknown { .. } => Status::PayPending,
            AttemptState::WaitingForDeposit { .. } => Status::VirtualAccountIssued,
            AttemptState::Captured { .. } => {
                let cancelled = self.cancelled().total;
                if cancelled == 0 {
                    Status::Paid
                } else if cancelled < attempt.order.amount.total {
                    Status::PartialCancelled
                } else {
                    Status::Cancelled
                }
            }
            AttemptState::Failed { .. }
            | AttemptState::Reversing { .. }
            | AttemptState::Reversed { .. } => Status::Failed,
        }
    }
}
