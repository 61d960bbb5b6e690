//! Virtual accounts: deposits and closing (design 2a.8).

use super::super::{Attempt, AttemptState, Capture, Event, Failure, Payment, Refusal};
use super::{Announcement, Decision, Discrepancy, Effect, Trigger};
use crate::{AttemptId, Timestamp};

pub(super) fn close(payment: &Payment, at: Timestamp) -> Result<Decision, Refusal> {
    let waiting = payment
        .attempts
        .iter()
        .find_map(|attempt| match &attempt.state {
            AttemptState::WaitingForDeposit { closing, .. } => Some((attempt.id, *closing)),
            AttemptState::Sending
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
            .effect(Effect::ResolveClose(id))),
    }
}

pub(super) fn resolve(
    payment: &Payment,
    id: AttemptId,
    outcome: Result<Timestamp, Failure>,
    at: Timestamp,
) -> Result<Decision, Refusal> {
    let attempt = payment.attempt(id).ok_or(Refusal::NothingToDo)?;
    if !matches!(
        attempt.state,
        AttemptState::WaitingForDeposit { closing: true, .. }
    ) {
        return Err(Refusal::NothingToDo);
    }
    Ok(match outcome {
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
        AttemptState::WaitingForDeposit { .. } => {}
        // A deposit on a closed account pays, if nothing else has.
        AttemptState::Failed {
            issued: Some(_), ..
        } => {
            if payment.captured().is_some() || has_open_attempt(payment, id) {
                return Ok(surplus(attempt, capture, at));
            }
        }
        AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::Captured { .. }
        | AttemptState::Failed { issued: None, .. }
        | AttemptState::Reversing { .. }
        | AttemptState::Reversed { .. } => return Err(Refusal::NothingToDo),
    }
    if capture.amount != attempt.order.amount.total {
        return Ok(wrong_deposit(attempt, capture.amount, at));
    }
    Ok(Decision::default()
        .event(Event::Captured {
            attempt: id,
            capture: Box::new(capture),
            at,
        })
        .announce(id, Announcement::Paid, Some(Trigger::VirtualAccountDeposit)))
}

fn has_open_attempt(payment: &Payment, except: AttemptId) -> bool {
    payment.attempts.iter().any(|attempt| match attempt.state {
        AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::WaitingForDeposit { .. } => attempt.id != except,
        AttemptState::Captured { .. }
        | AttemptState::Failed { .. }
        | AttemptState::Reversing { .. }
        | AttemptState::Reversed { .. } => false,
    })
}

fn wrong_deposit(attempt: &Attempt, paid: i64, at: Timestamp) -> Decision {
    let discrepancy = Discrepancy::WrongDeposit {
        due: attempt.order.amount.total,
        paid,
    };
    Decision::default()
        .event(Event::DiscrepancyFound {
            attempt: attempt.id,
            discrepancy: discrepancy.clone(),
            at,
        })
        .effect(Effect::Record(attempt.id, discrepancy))
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
                "deposited after the account was closed",
            ),
            at,
        })
        .effect(Effect::Reverse(attempt.id))
}
