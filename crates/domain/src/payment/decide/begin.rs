//! Beginning an attempt.

use super::super::{
    AttemptState, BeginAttempt, Event, Failure, Limits, OrderDetails, Payment, PreRegistration,
    Refusal, apply,
};
use super::{Announcement, Decision, Effect};
use crate::promotion::PromotionRefusal;
use crate::{AttemptId, ScheduleId, Timestamp};

pub(super) fn begin(
    payment: Option<&Payment>,
    begin: BeginAttempt,
    limits: Limits,
) -> Result<Decision, Refusal> {
    if let Some(payment) = payment {
        may_begin(payment, begin.attempt.schedule.as_ref(), limits)?;
    } else if begin.attempt.schedule.is_some() {
        return Err(Refusal::ScheduleNotLive);
    }
    if !begin.attempt.order.amount.parts_hold() {
        return Err(Refusal::SumOfPartsExceedsTotalAmount);
    }
    registered_amount_holds(&begin.attempt.order, begin.pre_registration.as_ref())?;
    match begin.promotion_refusal {
        None => {}
        Some(PromotionRefusal::PayMethodDoesNotMatch) => {
            return Err(Refusal::PromotionPayMethodDoesNotMatch);
        }
        Some(PromotionRefusal::DiscountExceedsTotal) => {
            return Err(Refusal::DiscountAmountExceedsTotalAmount);
        }
    }
    let attempt = begin.attempt.id;
    let is_window = begin.attempt.window.is_some();
    let event = Event::AttemptBegan {
        merchant_id: begin.merchant_id,
        store_id: begin.store_id,
        payment_id: begin.payment_id,
        attempt: Box::new(begin.attempt),
    };
    let decision = Decision::default().event(event);
    Ok(if is_window {
        // The PG is asked for nothing before the customer has come back from it.
        decision.announce(attempt, Announcement::Ready, None)
    } else {
        decision.effect(Effect::ResolveAttempt(attempt))
    })
}

/// One attempt ends as never seen by its PG, and in the same commit another one begins under the
/// rules of every beginning (P3). The merchant is told of the end of the last one alone: the
/// payment has not failed.
pub(super) fn fail_over(
    payment: &Payment,
    failed: AttemptId,
    next: BeginAttempt,
    (limits, at): (Limits, Timestamp),
) -> Result<Decision, Refusal> {
    let attempt = payment.attempt(failed).ok_or(Refusal::NothingToDo)?;
    match attempt.state {
        AttemptState::Sending => {}
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Unknown { .. }
        | AttemptState::WaitingForDeposit { .. }
        | AttemptState::Captured { .. }
        | AttemptState::Failed { .. }
        | AttemptState::Reversing { .. }
        | AttemptState::Reversed { .. } => return Err(Refusal::NothingToDo),
    }
    let ended = Event::AttemptFailed {
        attempt: failed,
        failure: Failure::never_seen(),
        at,
    };
    let after = apply(Some(payment.clone()), &ended).map(|after| Payment {
        // A schedule's attempt hands its schedule on.
        schedule: attempt.schedule.clone(),
        ..after
    });
    let mut decision = begin(after.as_ref(), next, limits)?;
    decision.events.insert(0, ended);
    Ok(decision)
}

/// No new attempt while an earlier one is unresolved or captured (P3). An attempt that is being
/// reversed has failed for the merchant, but its money is still ours: the next attempt waits. While
/// a schedule waits, the next attempt is its own.
fn may_begin(payment: &Payment, own: Option<&ScheduleId>, limits: Limits) -> Result<(), Refusal> {
    may_send(payment, own)?;
    if payment.attempts.len() >= limits.attempts_max {
        return Err(Refusal::MaxTransactionCountReached);
    }
    Ok(())
}

/// The same for an attempt that has begun in a window, and is about to be sent.
pub(super) fn may_send(payment: &Payment, own: Option<&ScheduleId>) -> Result<(), Refusal> {
    let states = || payment.attempts.iter().map(|attempt| &attempt.state);
    let has = |wanted: fn(&AttemptState) -> bool| states().any(wanted);
    if has(|state| {
        matches!(
            state,
            AttemptState::Captured { .. } | AttemptState::WaitingForDeposit { .. }
        )
    }) {
        return Err(Refusal::AlreadyPaid);
    }
    match (own, &payment.schedule) {
        (None, None) => {}
        (None, Some(_)) => return Err(Refusal::PaymentScheduleAlreadyExists),
        (Some(own), Some(live)) if own == live => {}
        (Some(_), _) => return Err(Refusal::ScheduleNotLive),
    }
    if has(|state| {
        matches!(
            state,
            AttemptState::Sending
                | AttemptState::Unknown { told: false }
                | AttemptState::Reversing { .. }
        )
    }) {
        return Err(Refusal::AttemptInFlight);
    }
    if has(|state| matches!(state, AttemptState::Unknown { told: true })) {
        return Err(Refusal::OutcomeUnknown);
    }
    Ok(())
}

pub(super) fn registered_amount_holds(
    order: &OrderDetails,
    registered: Option<&PreRegistration>,
) -> Result<(), Refusal> {
    let Some(registered) = registered else {
        return Ok(());
    };
    if registered
        .total
        .is_some_and(|total| total != order.amount.total)
    {
        return Err(Refusal::DiffersFromPreRegistration("amount.total"));
    }
    if registered
        .tax_free
        .is_some_and(|tax_free| tax_free != order.amount.tax_free)
    {
        return Err(Refusal::DiffersFromPreRegistration("amount.taxFree"));
    }
    if registered
        .currency
        .as_ref()
        .is_some_and(|currency| *currency != order.currency)
    {
        return Err(Refusal::DiffersFromPreRegistration("currency"));
    }
    Ok(())
}
