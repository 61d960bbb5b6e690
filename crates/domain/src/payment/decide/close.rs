//! Virtual accounts: deposits and closing (design 2a.8).

use super::super::{Attempt, AttemptState, Capture, Event, Failure, Payment, Refusal};
use super::{Announcement, Decision, Discrepancy, Effect, Trigger};
use crate::{AttemptId, Timestamp};

pub(super) fn close(
    payment: &Payment,
    send_by: Timestamp,
    at: Timestamp,
) -> Result<Decision, Refusal> {
    let waiting = payment
        .attempts
        .iter()
        .find_map(|attempt| match &attempt.state {
            AttemptState::WaitingForDeposit { closing, .. } => Some((attempt.id, *closing)),
            AttemptState::Ready
            | AttemptState::AwaitingConfirm { .. }
            | AttemptState::Sending
            | AttemptState::Unknown { .. }
            | AttemptState::Captured { .. }
            | AttemptState::Failed { .. }
            | AttemptState::Reversing { .. }
            | AttemptState::Reversed { .. } => None,
        });
    match waiting {
        None => Err(Refusal::PaymentNotWaitingForDeposit),
        Some((_, true)) => Err(Refusal::AttemptInFlight),
        Some((id, false)) => Ok(Decision::default()
            .event(Event::AccountClosing { attempt: id, at })
            .effect(Effect::ResolveClose {
                attempt: id,
                send_by,
            })),
    }
}

pub(super) fn resolve(
    payment: &Payment,
    id: AttemptId,
    outcome: Result<Timestamp, Failure>,
    at: Timestamp,
) -> Result<Decision, Refusal> {
    let attempt = payment.attempt(id).ok_or(Refusal::NothingToDo)?;
    let AttemptState::WaitingForDeposit { closing, .. } = attempt.state else {
        return Err(Refusal::NothingToDo);
    };
    Ok(match outcome {
        // What the PG has closed is closed, also after a closing that was given up as never sent.
        Ok(_) => {
            let message = "the virtual account was closed";
            Decision::default()
                .event(Event::AttemptFailed {
                    attempt: id,
                    failure: Failure::own(Failure::ACCOUNT_CLOSED, message),
                    at,
                })
                .announce(id, Announcement::Failed, None)
        }
        Err(_) if !closing => return Err(Refusal::NothingToDo),
        Err(failure) => Decision::default().event(Event::CloseRefused {
            attempt: id,
            failure,
            at,
        }),
    })
}

pub(super) fn deposit(
    payment: &Payment,
    id: AttemptId,
    capture: Capture,
    at: Timestamp,
) -> Result<Decision, Refusal> {
    let attempt = payment.attempt(id).ok_or(Refusal::NothingToDo)?;
    match &attempt.state {
        // The notice waits in the inbox until the issue has been answered.
        AttemptState::Sending | AttemptState::Unknown { .. } => Err(Refusal::NothingToDo),
        // Nobody asked the PG for anything yet.
        AttemptState::Ready | AttemptState::AwaitingConfirm { .. } => {
            let undo = surplus(attempt, capture, at);
            Ok(undo.announce(attempt.id, Announcement::Failed, None))
        }
        AttemptState::WaitingForDeposit { .. } => Ok(pay(attempt, capture, at)),
        // A deposit on a closed account pays, if nothing else has or may.
        AttemptState::Failed {
            issued: Some(_), ..
        } => {
            if payment.captured().is_some() || has_open_attempt(payment) {
                Ok(surplus(attempt, capture, at))
            } else {
                Ok(pay(attempt, capture, at))
            }
        }
        AttemptState::Failed { issued: None, .. } => Ok(surplus(attempt, capture, at)),
        AttemptState::Captured { capture: known } => again(attempt, Some(known), &capture, at),
        AttemptState::Reversing { capture: known, .. }
        | AttemptState::Reversed { capture: known, .. } => {
            again(attempt, known.as_ref(), &capture, at)
        }
    }
}

fn pay(attempt: &Attempt, capture: Capture, at: Timestamp) -> Decision {
    if capture.amount != attempt.charged().total {
        return wrong_deposit(attempt, capture.amount, at);
    }
    let id = attempt.id;
    Decision::default()
        .event(Event::Captured {
            attempt: id,
            capture: Box::new(with_receipt(attempt, capture)),
            at,
        })
        .announce(id, Announcement::Paid, Some(Trigger::VirtualAccountDeposit))
}

/// The receipt that the PG issued with the money is for how much was asked, and for whom: in a
/// window the customer says it, not the request.
pub(super) fn with_receipt(attempt: &Attempt, mut capture: Capture) -> Capture {
    if let Some(receipt) = &mut capture.cash_receipt {
        receipt.kind = attempt.cash_receipt.or(receipt.kind);
        receipt.amount = attempt.charged();
    }
    capture
}

/// Money for an attempt that has its end. The same money reported again is no news; other money
/// is never merged and never dropped (P3): it changes no state and is left to a person.
fn again(
    attempt: &Attempt,
    known: Option<&Capture>,
    capture: &Capture,
    at: Timestamp,
) -> Result<Decision, Refusal> {
    if known.is_some_and(|known| known.pg_tx_id == capture.pg_tx_id) {
        return Err(Refusal::NothingToDo);
    }
    let discrepancy = Discrepancy::Surplus {
        amount: capture.amount,
        problem: format!("taken again as `{}`", capture.pg_tx_id),
    };
    Ok(record(attempt, discrepancy, at))
}

fn has_open_attempt(payment: &Payment) -> bool {
    payment.attempts.iter().any(|attempt| match attempt.state {
        AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::WaitingForDeposit { .. } => true,
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Captured { .. }
        | AttemptState::Failed { .. }
        | AttemptState::Reversing { .. }
        | AttemptState::Reversed { .. } => false,
    })
}

fn wrong_deposit(attempt: &Attempt, paid: i64, at: Timestamp) -> Decision {
    let due = attempt.charged().total;
    record(attempt, Discrepancy::WrongDeposit { due, paid }, at)
}

pub(super) fn record(attempt: &Attempt, discrepancy: Discrepancy, at: Timestamp) -> Decision {
    let id = attempt.id;
    Decision::default()
        .event(Event::DiscrepancyFound {
            attempt: id,
            discrepancy: discrepancy.clone(),
            at,
        })
        .effect(Effect::Record(id, discrepancy))
}

/// Money for a payment that is paid already. It goes back; since a deposit needs the customer's
/// account for that, the reversal will usually end as a discrepancy.
fn surplus(attempt: &Attempt, capture: Capture, at: Timestamp) -> Decision {
    Decision::default()
        .event(Event::ReversalBegan {
            attempt: attempt.id,
            capture: Some(Box::new(capture)),
            issued: None,
            failure: Failure::own(
                Failure::LATE_APPROVAL,
                "deposited after the attempt had failed",
            ),
            at,
        })
        .effect(Effect::Reverse(attempt.id))
}
