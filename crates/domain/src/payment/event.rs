//! What happened to a payment. Events are facts; folding them gives the payment.

use serde::{Deserialize, Serialize};

use super::{
    Action, ActionEnd, Attempt, Cancellation, Capture, Discrepancy, Dispute, EscrowState, Failure,
    Issued, PaymentReceipt,
};
use crate::{AttemptId, CancellationId, MerchantId, PaymentId, ScheduleId, StoreId, Timestamp};

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event")]
pub enum Event {
    /// An attempt's intent is on disk.
    AttemptBegan {
        /// The payment's merchant.
        merchant_id: MerchantId,
        /// The payment's store.
        store_id: StoreId,
        /// The payment.
        payment_id: PaymentId,
        /// The attempt.
        attempt: Box<Attempt>,
    },
    /// The customer has authenticated in the window.
    Authenticated {
        /// Which attempt.
        attempt: AttemptId,
        /// Until when somebody may confirm, by the process clock.
        until: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// The intent to have the PG approve what was authenticated is on disk.
    ApprovalBegan {
        /// Which attempt.
        attempt: AttemptId,
        /// Latest moment to begin to write, by the process clock.
        send_by: Timestamp,
        /// Whether the caller wants no webhook of success.
        skip_webhook: bool,
        /// When.
        at: Timestamp,
    },
    /// A schedule will begin it.
    ScheduleSet {
        /// The payment's merchant.
        merchant_id: MerchantId,
        /// The payment's store.
        store_id: StoreId,
        /// The payment.
        payment_id: PaymentId,
        /// The schedule.
        schedule: ScheduleId,
        /// When.
        at: Timestamp,
    },
    /// The schedule was revoked.
    ScheduleReleased {
        /// The schedule.
        schedule: ScheduleId,
        /// When.
        at: Timestamp,
    },
    /// The PG's answer was unclear.
    AttemptUnclear {
        /// Which attempt.
        attempt: AttemptId,
        /// When.
        at: Timestamp,
    },
    /// The caller was told that the outcome is unclear.
    CallerTold {
        /// Which attempt.
        attempt: AttemptId,
        /// When.
        at: Timestamp,
    },
    /// A virtual account waits for its deposit.
    AccountIssued {
        /// Which attempt.
        attempt: AttemptId,
        /// The account.
        issued: Box<Issued>,
        /// When it was recorded.
        at: Timestamp,
    },
    /// Money was taken.
    Captured {
        /// Which attempt.
        attempt: AttemptId,
        /// How.
        capture: Box<Capture>,
        /// When it was recorded.
        at: Timestamp,
    },
    /// The attempt failed.
    AttemptFailed {
        /// Which attempt.
        attempt: AttemptId,
        /// Why.
        failure: Failure,
        /// When.
        at: Timestamp,
    },
    /// Money or an account must be undone.
    ReversalBegan {
        /// Which attempt.
        attempt: AttemptId,
        /// The money.
        capture: Option<Box<Capture>>,
        /// The account.
        issued: Option<Box<Issued>>,
        /// Why.
        failure: Failure,
        /// When.
        at: Timestamp,
    },
    /// It was undone.
    Reversed {
        /// Which attempt.
        attempt: AttemptId,
        /// When.
        at: Timestamp,
    },
    /// The merchant asked to close the account.
    AccountClosing {
        /// Which attempt.
        attempt: AttemptId,
        /// When.
        at: Timestamp,
    },
    /// The PG did not close the account.
    CloseRefused {
        /// Which attempt.
        attempt: AttemptId,
        /// Why.
        failure: Failure,
        /// When.
        at: Timestamp,
    },
    /// A cancellation's intent is on disk.
    CancellationBegan {
        /// The cancellation.
        cancellation: Box<Cancellation>,
        /// When.
        at: Timestamp,
    },
    /// The PG's answer to a refund was unclear.
    CancellationUnclear {
        /// Which.
        id: CancellationId,
        /// When.
        at: Timestamp,
    },
    /// Money was given back.
    Cancelled {
        /// Which cancellation.
        id: CancellationId,
        /// The PG's id of the refund.
        pg_cancellation_id: Option<String>,
        /// When the PG did it.
        cancelled_at: Timestamp,
        /// When it was recorded.
        at: Timestamp,
    },
    /// A refund was refused.
    CancellationFailed {
        /// Which cancellation.
        id: CancellationId,
        /// Why.
        failure: Failure,
        /// When.
        at: Timestamp,
    },
    /// The PG told of a dispute.
    DisputeOpened {
        /// The dispute.
        dispute: Dispute,
        /// When it was recorded.
        at: Timestamp,
    },
    /// A dispute came to an end.
    DisputeResolved {
        /// Which, by its place.
        index: usize,
        /// When it ended.
        resolved_at: Timestamp,
        /// When it was recorded.
        at: Timestamp,
    },
    /// An action's intent is on disk.
    ActionBegan {
        /// Which attempt.
        attempt: AttemptId,
        /// The action.
        action: Box<Action>,
        /// When.
        at: Timestamp,
    },
    /// An action has come to its end.
    ActionEnded {
        /// Which attempt.
        attempt: AttemptId,
        /// How.
        end: ActionEnd,
        /// When.
        at: Timestamp,
    },
    /// The PG says where an escrow stands.
    EscrowMoved {
        /// Which attempt.
        attempt: AttemptId,
        /// Where.
        state: EscrowState,
        /// When.
        at: Timestamp,
    },
    /// The cash receipt of a deposit that was recorded without it, or one asked for by itself.
    ReceiptFound {
        /// Which attempt.
        attempt: AttemptId,
        /// The receipt.
        receipt: Box<PaymentReceipt>,
        /// When.
        at: Timestamp,
    },
    /// The cash receipt was cancelled apart from the money.
    ReceiptCancelled {
        /// Which attempt.
        attempt: AttemptId,
        /// When the PG did it.
        cancelled_at: Timestamp,
        /// When it was recorded.
        at: Timestamp,
    },
    /// Something does not add up and needs a person; changes no state.
    DiscrepancyFound {
        /// Which attempt.
        attempt: AttemptId,
        /// What.
        discrepancy: Discrepancy,
        /// When.
        at: Timestamp,
    },
}

impl Event {
    /// Its name in the store.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::AttemptBegan { .. } => "AttemptBegan",
            Self::Authenticated { .. } => "Authenticated",
            Self::ApprovalBegan { .. } => "ApprovalBegan",
            Self::ScheduleSet { .. } => "ScheduleSet",
            Self::ScheduleReleased { .. } => "ScheduleReleased",
            Self::AttemptUnclear { .. } => "AttemptUnclear",
            Self::CallerTold { .. } => "CallerTold",
            Self::AccountIssued { .. } => "AccountIssued",
            Self::Captured { .. } => "Captured",
            Self::AttemptFailed { .. } => "AttemptFailed",
            Self::ReversalBegan { .. } => "ReversalBegan",
            Self::Reversed { .. } => "Reversed",
            Self::AccountClosing { .. } => "AccountClosing",
            Self::CloseRefused { .. } => "CloseRefused",
            Self::CancellationBegan { .. } => "CancellationBegan",
            Self::CancellationUnclear { .. } => "CancellationUnclear",
            Self::Cancelled { .. } => "Cancelled",
            Self::CancellationFailed { .. } => "CancellationFailed",
            Self::DisputeOpened { .. } => "DisputeOpened",
            Self::DisputeResolved { .. } => "DisputeResolved",
            Self::ActionBegan { .. } => "ActionBegan",
            Self::ActionEnded { .. } => "ActionEnded",
            Self::EscrowMoved { .. } => "EscrowMoved",
            Self::ReceiptFound { .. } => "ReceiptFound",
            Self::ReceiptCancelled { .. } => "ReceiptCancelled",
            Self::DiscrepancyFound { .. } => "DiscrepancyFound",
        }
    }
}
