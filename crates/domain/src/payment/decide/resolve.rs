//! What became of an attempt, and of undoing one (design 2a.1 to 2a.3).

use super::super::{
    Attempt, AttemptOutcome, AttemptState, Capture, Event, Failure, Issued, Payment, Refusal,
    Reporter, ReversalOutcome,
};
use super::{Announcement, Decision, Discrepancy, Effect, Trigger, close};
use crate::{AttemptId, Currency, Timestamp};

type By = (Reporter, Timestamp);

pub(super) fn resolve(
    payment: &Payment,
    id: AttemptId,
    outcome: AttemptOutcome,
    by: By,
) -> Result<Decision, Refusal> {
    let attempt = payment.attempt(id).ok_or(Refusal::NothingToDo)?;
    match outcome {
        AttemptOutcome::Approved(capture) => approved(payment, attempt, *capture, by),
        AttemptOutcome::AccountIssued(issued) => account_issued(payment, attempt, *issued, by),
        AttemptOutcome::Declined(failure) => failed(attempt, failure, by),
        AttemptOutcome::NeverSeen => failed(attempt, Failure::never_seen(), by),
        AttemptOutcome::Unclear => match attempt.state {
            AttemptState::Sending => Ok(Decision::default()
                .event(Event::AttemptUnclear {
                    attempt: id,
                    at: by.1,
                })
                .effect(Effect::ResolveAttempt(id))),
            AttemptState::Ready
            | AttemptState::AwaitingConfirm { .. }
            | AttemptState::Unknown { .. }
            | AttemptState::WaitingForDeposit { .. }
            | AttemptState::Captured { .. }
            | AttemptState::Failed { .. }
            | AttemptState::Reversing { .. }
            | AttemptState::Reversed { .. } => Err(Refusal::NothingToDo),
        },
    }
}

pub(super) fn tell(payment: &Payment, id: AttemptId, at: Timestamp) -> Result<Decision, Refusal> {
    let attempt = payment.attempt(id).ok_or(Refusal::NothingToDo)?;
    match attempt.state {
        AttemptState::Sending | AttemptState::Unknown { told: false } => Ok(Decision::default()
            .event(Event::CallerTold { attempt: id, at })
            .effect(Effect::ResolveAttempt(id))
            .announce(id, Announcement::PayPending, Some(Trigger::AsyncPayPending))),
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Unknown { told: true }
        | AttemptState::WaitingForDeposit { .. }
        | AttemptState::Captured { .. }
        | AttemptState::Failed { .. }
        | AttemptState::Reversing { .. }
        | AttemptState::Reversed { .. } => Err(Refusal::NothingToDo),
    }
}

fn approved(
    payment: &Payment,
    attempt: &Attempt,
    capture: Capture,
    (by, at): By,
) -> Result<Decision, Refusal> {
    let undo = |code, message| Ok(undo_capture(attempt, &capture, (code, message), (by, at)));
    match &attempt.state {
        AttemptState::Sending | AttemptState::Unknown { .. } => {}
        AttemptState::Failed { issued: None, .. } => {
            return undo(
                Failure::LATE_APPROVAL,
                "approved after the attempt had failed",
            );
        }
        AttemptState::Ready | AttemptState::AwaitingConfirm { .. } => {
            return undo(
                Failure::LATE_APPROVAL,
                "approved although nobody asked for it",
            );
        }
        // An account that an inquiry finds paid has had its deposit; money on an attempt that has
        // its end is weighed like a deposit that comes again.
        AttemptState::WaitingForDeposit { .. }
        | AttemptState::Failed {
            issued: Some(_), ..
        }
        | AttemptState::Captured { .. }
        | AttemptState::Reversing { .. }
        | AttemptState::Reversed { .. } => {
            return close::deposit(payment, attempt.id, capture, at);
        }
    }
    if let Some((code, message)) = not_as_asked(attempt, &capture) {
        return undo(code, message);
    }
    if matches!(attempt.state, AttemptState::Unknown { told: true }) || payment.captured().is_some()
    {
        return undo(
            Failure::LATE_APPROVAL,
            "approved after the caller was told of failure",
        );
    }
    let id = attempt.id;
    let decision = Decision::default().event(Event::Captured {
        attempt: id,
        capture: Box::new(close::with_receipt(attempt, capture)),
        at,
    });
    Ok(match by {
        Reporter::Request if attempt.skip_webhook => decision,
        Reporter::Request => decision.announce(id, Announcement::Paid, None),
        // Nobody was told: the webhook goes out whatever `skipWebhook` said.
        Reporter::Resolver => {
            decision.announce(id, Announcement::Paid, Some(Trigger::AsyncPayApproved))
        }
    })
}

/// Why what was taken is not what was asked for, if it is not.
fn not_as_asked(attempt: &Attempt, capture: &Capture) -> Option<(&'static str, &'static str)> {
    let currency = &attempt.order.currency;
    let is_other = |taken: &Currency| taken != currency;
    if capture.amount != attempt.charged().total || capture.currency.as_ref().is_some_and(is_other)
    {
        return Some((
            Failure::AMOUNT_MISMATCH,
            "the payment gateway took another amount than was asked for; it is given back",
        ));
    }
    if attempt.is_of_other_payer(&capture.method) {
        return Some((
            Failure::PROMOTION_CARD,
            "paid by a card that the promotion is not for; it is given back",
        ));
    }
    let issues_key = attempt.window.as_ref().is_some_and(|it| it.issues_key);
    (issues_key && capture.billing_key.is_none()).then_some((
        Failure::NO_BILLING_KEY,
        "paid, but the billing key that was to be issued with it is lost; it is given back",
    ))
}

fn undo_capture(
    attempt: &Attempt,
    capture: &Capture,
    (code, message): (&str, &str),
    (by, at): By,
) -> Decision {
    let decision = Decision::default()
        .event(Event::ReversalBegan {
            attempt: attempt.id,
            capture: Some(Box::new(capture.clone())),
            issued: None,
            failure: Failure::own(code, message),
            at,
        })
        .effect(Effect::Reverse(attempt.id));
    announce_failure(attempt, decision, by)
}

/// `Failed` goes out once per attempt: not again for one that had failed before.
fn announce_failure(attempt: &Attempt, decision: Decision, by: Reporter) -> Decision {
    match attempt.state {
        AttemptState::Failed { .. } => decision,
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::WaitingForDeposit { .. }
        | AttemptState::Captured { .. }
        | AttemptState::Reversing { .. }
        | AttemptState::Reversed { .. } => {
            decision.announce(attempt.id, Announcement::Failed, trigger_of_failure(by))
        }
    }
}

const fn trigger_of_failure(by: Reporter) -> Option<Trigger> {
    match by {
        Reporter::Request => None,
        Reporter::Resolver => Some(Trigger::AsyncPayFailed),
    }
}

fn account_issued(
    payment: &Payment,
    attempt: &Attempt,
    issued: Issued,
    (by, at): By,
) -> Result<Decision, Refusal> {
    let id = attempt.id;
    let is_unwanted = match &attempt.state {
        AttemptState::Sending | AttemptState::Unknown { told: false } => {
            payment.captured().is_some()
        }
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Unknown { told: true }
        | AttemptState::Failed { issued: None, .. } => true,
        AttemptState::WaitingForDeposit { .. }
        | AttemptState::Captured { .. }
        | AttemptState::Failed { .. }
        | AttemptState::Reversing { .. }
        | AttemptState::Reversed { .. } => return Err(Refusal::NothingToDo),
    };
    if is_unwanted {
        let message = "issued after the caller was told of failure";
        let decision = Decision::default()
            .event(Event::ReversalBegan {
                attempt: id,
                capture: None,
                issued: Some(Box::new(issued)),
                failure: Failure::own(Failure::LATE_APPROVAL, message),
                at,
            })
            .effect(Effect::Reverse(id));
        return Ok(announce_failure(attempt, decision, by));
    }
    let deadline = issued.account.expires_at;
    let issued = Box::new(issued);
    let mut decision = Decision::default().event(Event::AccountIssued {
        attempt: id,
        issued,
        at,
    });
    if let Some(at) = deadline {
        decision = decision.effect(Effect::WatchDeadline { attempt: id, at });
    }
    Ok(match by {
        Reporter::Request if attempt.skip_webhook => decision,
        Reporter::Request | Reporter::Resolver => {
            decision.announce(id, Announcement::VirtualAccountIssued, None)
        }
    })
}

fn failed(attempt: &Attempt, failure: Failure, (by, at): By) -> Result<Decision, Refusal> {
    match attempt.state {
        AttemptState::Sending | AttemptState::Unknown { .. } => {}
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::WaitingForDeposit { .. }
        | AttemptState::Captured { .. }
        | AttemptState::Failed { .. }
        | AttemptState::Reversing { .. }
        | AttemptState::Reversed { .. } => return Err(Refusal::NothingToDo),
    }
    Ok(Decision::default()
        .event(Event::AttemptFailed {
            attempt: attempt.id,
            failure,
            at,
        })
        .announce(attempt.id, Announcement::Failed, trigger_of_failure(by)))
}

pub(super) fn reversal(
    payment: &Payment,
    id: AttemptId,
    outcome: ReversalOutcome,
    at: Timestamp,
) -> Result<Decision, Refusal> {
    let attempt = payment.attempt(id).ok_or(Refusal::NothingToDo)?;
    let AttemptState::Reversing { capture, .. } = &attempt.state else {
        return Err(Refusal::NothingToDo);
    };
    Ok(match outcome {
        ReversalOutcome::Done => Decision::default().event(Event::Reversed { attempt: id, at }),
        // Recorded and alerted, never merged, never dropped (P3): the attempt stays in reversal.
        ReversalOutcome::Impossible(failure) => {
            let discrepancy = Discrepancy::Surplus {
                amount: capture.as_ref().map_or(0, |capture| capture.amount),
                problem: failure.reason(),
            };
            Decision::default()
                .event(Event::DiscrepancyFound {
                    attempt: id,
                    discrepancy: discrepancy.clone(),
                    at,
                })
                .effect(Effect::Record(id, discrepancy))
        }
    })
}
