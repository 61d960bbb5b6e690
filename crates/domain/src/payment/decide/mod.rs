//! The rules: given a payment and a command, what happens, or why it is refused.

mod act;
mod begin;
mod cancel;
mod close;
mod dispute;
mod resolve;
mod schedule;
mod window;

use serde::{Deserialize, Serialize};

use super::{Command, Event, Limits, Payment, Refusal, apply};
use crate::{AttemptId, CancellationId, Timestamp};

/// What a command leads to: facts, and what has to be done because of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// What must be done; each becomes a row in the same commit.
    pub effects: Vec<Effect>,
}

/// Work that follows from an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Find out what became of an attempt, unless its own request reports first.
    ResolveAttempt(AttemptId),
    /// Undo an attempt at the PG.
    Reverse(AttemptId),
    /// Find out what became of closing an account.
    ResolveClose {
        /// Which attempt.
        attempt: AttemptId,
        /// Latest moment at which the sender begins to write. It tells one closing from the next.
        send_by: Timestamp,
    },
    /// Find out what became of a cancellation, unless its own request reports first.
    ResolveCancellation(CancellationId),
    /// End an action, unless its own request reports first.
    ResolveAction {
        /// Its deadline. It tells one action from the next.
        send_by: Timestamp,
    },
    /// Look once at a virtual account's deadline whether its deposit came: PGs give no notice of
    /// the deadline, and a deposit's notice can be lost.
    WatchDeadline {
        /// Which attempt.
        attempt: AttemptId,
        /// When, by the business clock.
        at: Timestamp,
    },
    /// End an attempt that nobody confirms in time.
    WatchWindow {
        /// Which attempt.
        attempt: AttemptId,
        /// When, by the process clock.
        at: Timestamp,
    },
    /// Tell the merchant.
    Announce {
        /// What.
        what: Announcement,
        /// Which attempt.
        attempt: AttemptId,
        /// Why outside the ordinary course.
        trigger: Option<Trigger>,
    },
    /// Keep a discrepancy for `naru audit` and alert.
    Record(AttemptId, Discrepancy),
}

/// What merchants are told about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announcement {
    /// A window was opened.
    Ready,
    /// Paid.
    Paid,
    /// A virtual account was issued.
    VirtualAccountIssued,
    /// The outcome is not known yet.
    PayPending,
    /// Failed.
    Failed,
    /// A part was given back.
    PartialCancelled(CancellationId),
    /// All was given back.
    Cancelled(CancellationId),
    /// A refund's outcome is not known yet.
    CancelPending(CancellationId),
    /// A customer disputes it.
    DisputeCreated,
    /// A dispute came to an end.
    DisputeResolved,
}

/// What made a webhook go out other than the request's own result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trigger {
    /// A merchant asked for it again.
    Manual,
    /// A customer paid into a virtual account.
    VirtualAccountDeposit,
    /// A cancellation was resolved as done.
    AsyncCancelApproved,
    /// A cancellation was resolved as failed.
    AsyncCancelFailed,
    /// An attempt was resolved as paid.
    AsyncPayApproved,
    /// An attempt was resolved as failed.
    AsyncPayFailed,
    /// An attempt waits.
    AsyncPayPending,
    /// A PG told of a dispute.
    DisputeCreated,
    /// A PG told that a dispute ended.
    DisputeResolved,
}

/// Something that does not add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Discrepancy {
    /// A deposit of another amount than the one due. Changes no state.
    WrongDeposit {
        /// What was due.
        due: i64,
        /// What came.
        paid: i64,
    },
    /// Money beyond the one capture that a payment may have, which the PG can't give back by
    /// itself.
    Surplus {
        /// How much.
        amount: i64,
        /// The PG's words.
        problem: String,
    },
    /// The PG gave back money for a cancellation that counts as never sent.
    LateRefund {
        /// How much.
        amount: i64,
    },
    /// The PG's books show money given back that nobody asked for here.
    ForeignRefund {
        /// How much.
        amount: i64,
    },
    /// An approval whose answer was lost, and which the PG would not undo.
    UnclearApproval {
        /// How much may have been taken.
        amount: i64,
        /// The PG's words.
        problem: String,
    },
    /// The PG gave notice of a second deposit, which its inquiry does not show.
    SecondDeposit {
        /// How much.
        amount: i64,
        /// The PG's id of it.
        pg_deposit_id: String,
    },
}

/// Decides a command. `at` is the business clock.
pub fn decide(
    payment: Option<&Payment>,
    command: Command,
    limits: Limits,
    at: Timestamp,
) -> Result<Decision, Refusal> {
    let begun = || {
        let begun = payment.filter(|payment| payment.has_begun());
        begun.ok_or(Refusal::PaymentNotFound)
    };
    match command {
        Command::Begin(begin) => begin::begin(payment, *begin, limits),
        Command::Return(back) => window::returned(begun()?, *back, at),
        Command::Confirm(word) => window::confirm(begun()?, *word, at),
        Command::EndWindow { attempt, failure } => window::end(begun()?, attempt, (failure, at)),
        Command::Schedule(set) => schedule::set(payment, *set, limits, at),
        Command::Refuse(begin, failure) => schedule::refuse(payment, *begin, failure, at),
        Command::ReleaseSchedule { schedule } => {
            schedule::release(payment.ok_or(Refusal::PaymentNotFound)?, schedule, at)
        }
        Command::FailOver { failed, next } => {
            begin::fail_over(begun()?, failed, *next, (limits, at))
        }
        Command::Resolve {
            attempt,
            outcome,
            by,
        } => resolve::resolve(begun()?, attempt, outcome, (by, at)),
        Command::Tell { attempt } => resolve::tell(begun()?, attempt, at),
        Command::ResolveReversal { attempt, outcome } => {
            resolve::reversal(begun()?, attempt, outcome, at)
        }
        Command::CloseAccount { send_by } => close::close(begun()?, send_by, at),
        Command::ResolveClose { attempt, outcome } => {
            close::resolve(begun()?, attempt, outcome, at)
        }
        Command::Deposit { attempt, capture } => close::deposit(begun()?, attempt, *capture, at),
        Command::Cancel(request) => cancel::cancel(begun()?, *request, limits, at),
        Command::ResolveCancellation { id, outcome, by } => {
            cancel::resolve(begun()?, id, outcome, (by, at))
        }
        Command::StopCancellation { id } => cancel::stop(begun()?, id, at),
        Command::OpenDispute(dispute) => dispute::open(begun()?, dispute, at),
        Command::ResolveDispute {
            pg_dispute_id,
            resolved_at,
        } => dispute::resolve(begun()?, pg_dispute_id.as_deref(), (resolved_at, at)),
        Command::Act { task, send_by } => act::act(begun()?, task, (send_by, at)),
        Command::EndAction { send_by, end } => act::end(begun()?, send_by, (end, at)),
        Command::EscrowNews { attempt, state } => act::escrow(begun()?, attempt, (state, at)),
        Command::ReceiptFound { attempt, issued } => {
            act::receipt_found(begun()?, attempt, (issued, at))
        }
        Command::ReceiptIssued { receipt } => act::receipt_issued(begun()?, (receipt, at)),
        Command::ReceiptCancelled { cancelled_at } => {
            act::receipt_cancelled(begun()?, (cancelled_at, at))
        }
        Command::Note {
            attempt,
            discrepancy,
        } => act::note(begun()?, attempt, (discrepancy, at)),
    }
}

impl Decision {
    fn event(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }

    fn effect(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }

    fn announce(self, attempt: AttemptId, what: Announcement, trigger: Option<Trigger>) -> Self {
        self.effect(Effect::Announce {
            what,
            attempt,
            trigger,
        })
    }

    /// The payment after this decision.
    pub fn fold(&self, payment: Option<Payment>) -> Option<Payment> {
        self.events.iter().fold(payment, apply)
    }
}
