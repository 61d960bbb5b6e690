//! A payment that a schedule will begin: while the schedule waits, nothing else begins it.

use super::super::{
    Announcement, AttemptState, BeginAttempt, Event, Failure, Limits, Payment, Refusal, SetSchedule,
};
use super::Decision;
use super::begin::registered_amount_holds;
use crate::{ScheduleId, Timestamp};

pub(super) fn set(
    payment: Option<&Payment>,
    set: SetSchedule,
    limits: Limits,
    at: Timestamp,
) -> Result<Decision, Refusal> {
    if let Some(payment) = payment {
        may_set(payment, limits)?;
    }
    if !set.order.amount.parts_hold() {
        return Err(Refusal::SumOfPartsExceedsTotalAmount);
    }
    registered_amount_holds(&set.order, set.pre_registration.as_ref())?;
    Ok(Decision::default().event(Event::ScheduleSet {
        merchant_id: set.merchant_id,
        store_id: set.store_id,
        payment_id: set.payment_id,
        schedule: set.schedule,
        at,
    }))
}

/// An attempt that is being reversed has failed for the merchant; its end is waited for when the
/// schedule is due.
fn may_set(payment: &Payment, limits: Limits) -> Result<(), Refusal> {
    let is_taken = |state: &AttemptState| match state {
        AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::WaitingForDeposit { .. }
        | AttemptState::Captured { .. } => true,
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Failed { .. }
        | AttemptState::Reversing { .. }
        | AttemptState::Reversed { .. } => false,
    };
    if payment
        .attempts
        .iter()
        .any(|attempt| is_taken(&attempt.state))
    {
        return Err(Refusal::AlreadyPaidOrWaiting);
    }
    if payment.schedule.is_some() {
        return Err(Refusal::PaymentScheduleAlreadyExists);
    }
    if payment.attempts.len() >= limits.attempts_max {
        return Err(Refusal::MaxTransactionCountReached);
    }
    Ok(())
}

pub(super) fn release(
    payment: &Payment,
    schedule: ScheduleId,
    at: Timestamp,
) -> Result<Decision, Refusal> {
    if payment.schedule.as_ref() != Some(&schedule) {
        return Err(Refusal::NothingToDo);
    }
    Ok(Decision::default().event(Event::ScheduleReleased { schedule, at }))
}

/// The attempt of a schedule that can't be carried out: it fails before anything is sent, so it
/// may stand beside any other. The merchant is told as of any failure.
pub(super) fn refuse(
    payment: Option<&Payment>,
    begin: BeginAttempt,
    failure: Failure,
    at: Timestamp,
) -> Result<Decision, Refusal> {
    let live = payment.and_then(|payment| payment.schedule.as_ref());
    if live.is_none() || live != begin.attempt.schedule.as_ref() {
        return Err(Refusal::ScheduleNotLive);
    }
    let attempt = begin.attempt.id;
    Ok(Decision::default()
        .event(Event::AttemptBegan {
            merchant_id: begin.merchant_id,
            store_id: begin.store_id,
            payment_id: begin.payment_id,
            attempt: Box::new(begin.attempt),
        })
        .event(Event::AttemptFailed {
            attempt,
            failure,
            at,
        })
        .announce(attempt, Announcement::Failed, None))
}
