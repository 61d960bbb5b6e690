//! Attempts that begin in a PG's window: the customer comes back, somebody confirms, and only then
//! is the PG asked for money.

use super::super::{
    AttemptState, Confirmation, Event, Failure, Payment, Refusal, WindowApproval, WindowReturn,
};
use super::begin::may_send;
use super::{Announcement, Decision, Effect};
use crate::{AttemptId, Timestamp};

/// The customer comes back once; whatever comes again is no news.
pub(super) fn returned(
    payment: &Payment,
    back: WindowReturn,
    at: Timestamp,
) -> Result<Decision, Refusal> {
    let attempt = payment.attempt(back.attempt).ok_or(Refusal::NothingToDo)?;
    let (AttemptState::Ready, Some(window)) = (&attempt.state, &attempt.window) else {
        return Err(Refusal::NothingToDo);
    };
    let id = attempt.id;
    if back.now > window.expires_at {
        return Ok(failed(id, expired("the customer came back"), at));
    }
    if let Err(failure) = back.outcome {
        return Ok(failed(id, failure, at));
    }
    Ok(match window.approval {
        WindowApproval::AtOnce => {
            may_send(payment, None)?;
            begin_approval(id, (back.send_by, false), at)
        }
        WindowApproval::ByMerchant | WindowApproval::ByUrl { .. } => {
            let until = back.confirm_by;
            Decision::default()
                .event(Event::Authenticated {
                    attempt: id,
                    until,
                    at,
                })
                .effect(Effect::WatchWindow {
                    attempt: id,
                    at: until,
                })
        }
    })
}

/// Whether the PG may be asked for the money, in order of precedence: what is paid already, the
/// token, what the caller believes, what runs.
pub(super) fn confirm(
    payment: &Payment,
    word: Confirmation,
    at: Timestamp,
) -> Result<Decision, Refusal> {
    if payment.captured().is_some() {
        return Err(Refusal::AlreadyPaid);
    }
    let attempt = word
        .attempt
        .and_then(|id| payment.attempt(id))
        .filter(|attempt| attempt.window.is_some())
        .ok_or(Refusal::InvalidPaymentToken)?;
    match &attempt.state {
        AttemptState::AwaitingConfirm { until } if word.now <= *until => {}
        // Confirmed before; what follows says what became of it.
        AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::WaitingForDeposit { .. } => {}
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Captured { .. }
        | AttemptState::Failed { .. }
        | AttemptState::Reversing { .. }
        | AttemptState::Reversed { .. } => return Err(Refusal::InvalidPaymentToken),
    }
    if let AttemptState::WaitingForDeposit { .. } = attempt.state {
        return Err(Refusal::AlreadyPaid);
    }
    let order = &attempt.order;
    let differs = [
        (
            "txId",
            word.tx_id.is_some_and(|id| id != attempt.id.to_string()),
        ),
        (
            "currency",
            word.currency.is_some_and(|one| one != order.currency),
        ),
        (
            "totalAmount",
            word.total.is_some_and(|one| one != order.amount.total),
        ),
        (
            "taxFreeAmount",
            word.tax_free
                .is_some_and(|one| one != order.amount.tax_free),
        ),
        (
            "isTest",
            word.is_test
                .is_some_and(|one| one != attempt.channel.is_test),
        ),
    ];
    if let Some((field, _)) = differs.into_iter().find(|(_, differs)| *differs) {
        return Err(Refusal::InformationMismatch(field));
    }
    may_send(payment, None)?;
    Ok(begin_approval(
        attempt.id,
        (word.send_by, word.skip_webhook),
        at,
    ))
}

/// Nobody confirms any more.
pub(super) fn end(
    payment: &Payment,
    id: AttemptId,
    (failure, at): (Failure, Timestamp),
) -> Result<Decision, Refusal> {
    let attempt = payment.attempt(id).ok_or(Refusal::NothingToDo)?;
    match attempt.state {
        AttemptState::AwaitingConfirm { .. } => Ok(failed(id, failure, at)),
        AttemptState::Ready
        | AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::WaitingForDeposit { .. }
        | AttemptState::Captured { .. }
        | AttemptState::Failed { .. }
        | AttemptState::Reversing { .. }
        | AttemptState::Reversed { .. } => Err(Refusal::NothingToDo),
    }
}

fn begin_approval(
    attempt: AttemptId,
    (send_by, skip_webhook): (Timestamp, bool),
    at: Timestamp,
) -> Decision {
    Decision::default()
        .event(Event::ApprovalBegan {
            attempt,
            send_by,
            skip_webhook,
            at,
        })
        .effect(Effect::ResolveAttempt(attempt))
}

fn failed(attempt: AttemptId, failure: Failure, at: Timestamp) -> Decision {
    Decision::default()
        .event(Event::AttemptFailed {
            attempt,
            failure,
            at,
        })
        .announce(attempt, Announcement::Failed, None)
}

fn expired(what: &str) -> Failure {
    let message = format!("{what} too late; no money was taken");
    Failure::own(Failure::WINDOW_EXPIRED, &message)
}
