//! Cancelling (P5, design 2a.7).

use super::super::{
    Attempt, CancelRequest, Cancellation, CancellationState, Event, Failure, Limits, Payment,
    RefundOutcome, Refusal, Reporter, Status, promoted,
};
use super::{Announcement, Decision, Discrepancy, Effect, Trigger, close};
use crate::{Amount, AttemptId, CancellationId, Timestamp};

pub(super) fn cancel(
    payment: &Payment,
    request: CancelRequest,
    limits: Limits,
    at: Timestamp,
) -> Result<Decision, Refusal> {
    match payment.status() {
        Status::Cancelled => return Err(Refusal::PaymentAlreadyCancelled),
        Status::Paid | Status::PartialCancelled => {}
        Status::Ready | Status::PayPending | Status::VirtualAccountIssued | Status::Failed => {
            return Err(Refusal::PaymentNotPaid);
        }
    }
    let (attempt, _) = payment.captured().ok_or(Refusal::PaymentNotPaid)?;
    if payment.cancellations.iter().any(|one| one.state.is_open()) {
        return Err(Refusal::CancellationInFlight);
    }
    if payment.cancellations.len() >= limits.cancellations_max {
        return Err(Refusal::MaxCancelCountReached);
    }
    let rest = attempt.order.amount.minus(payment.reserved());
    let amount = request.parts(rest);
    check(&request, amount, rest)?;
    let promoted = promoted::refund(payment, attempt, (amount, rest), request.retain)?;
    let id = request.id;
    let cancellation = Cancellation {
        id,
        amount,
        promoted,
        reason: request.reason,
        requester: request.requester,
        refund_account: request.refund_account,
        skip_webhook: request.skip_webhook,
        cancelled_before: payment.refunded().total,
        send_by: request.send_by,
        requested_at: at,
        state: CancellationState::Sending,
    };
    Ok(Decision::default()
        .event(Event::CancellationBegan {
            cancellation: Box::new(cancellation),
            at,
        })
        .effect(Effect::ResolveCancellation(id)))
}

/// The amount checks, in order of precedence. The faces refuse what is zero or negative before it
/// comes here; should one get through, it is refused as outside what can be cancelled.
fn check(request: &CancelRequest, amount: Amount, rest: Amount) -> Result<(), Refusal> {
    if request
        .current_cancellable
        .is_some_and(|believed| believed != rest.total)
    {
        return Err(Refusal::CancellableAmountConsistencyBroken);
    }
    if amount.total <= 0 || amount.total > rest.total {
        return Err(Refusal::CancelAmountExceedsCancellableAmount);
    }
    if amount.tax_free.saturating_add(amount.vat) > amount.total {
        return Err(Refusal::SumOfPartsExceedsCancelAmount);
    }
    if amount.tax_free < 0 || amount.tax_free > rest.tax_free {
        return Err(Refusal::CancelTaxFreeAmountExceedsCancellableTaxFreeAmount);
    }
    let left = rest.minus(amount);
    // The VAT left may not exceed the taxable amount left: parts never exceed the total (P5).
    if amount.taxable() > rest.taxable()
        || amount.vat < 0
        || amount.vat > rest.vat
        || left.vat > left.taxable()
    {
        return Err(Refusal::CancelTaxAmountExceedsCancellableTaxAmount);
    }
    Ok(())
}

pub(super) fn resolve(
    payment: &Payment,
    id: CancellationId,
    outcome: RefundOutcome,
    by: (Reporter, Timestamp),
) -> Result<Decision, Refusal> {
    let cancellation = payment.cancellation(id).ok_or(Refusal::NothingToDo)?;
    let (attempt, _) = payment.captured().ok_or(Refusal::NothingToDo)?;
    let at = by.1;
    if !cancellation.state.is_open() {
        return over(attempt, cancellation, &outcome, at);
    }
    Ok(match outcome {
        RefundOutcome::Refunded {
            pg_cancellation_id,
            at: cancelled_at,
        } => {
            let decision = Decision::default().event(Event::Cancelled {
                id,
                pg_cancellation_id,
                cancelled_at,
                at,
            });
            let after = payment.cancelled().plus(cancellation.amount);
            let is_whole = after.total >= attempt.order.amount.total;
            announce_refund(decision, attempt.id, cancellation, (is_whole, by.0))
        }
        RefundOutcome::Refused(failure) => refused(id, failure, at),
        RefundOutcome::Unclear => match cancellation.state {
            CancellationState::Sending => Decision::default()
                .event(Event::CancellationUnclear { id, at })
                .effect(Effect::ResolveCancellation(id))
                .announce(attempt.id, Announcement::CancelPending(id), None),
            CancellationState::Requested
            | CancellationState::Succeeded { .. }
            | CancellationState::Failed { .. } => return Err(Refusal::NothingToDo),
        },
    })
}

/// Ends a cancellation that is still open. Whoever asks has found out that the PG does not have it
/// and never will: what its sender still may send can't be stopped.
pub(super) fn stop(
    payment: &Payment,
    id: CancellationId,
    at: Timestamp,
) -> Result<Decision, Refusal> {
    let cancellation = payment
        .cancellation(id)
        .ok_or(Refusal::CancellationNotFound)?;
    if !cancellation.state.is_open() {
        return Err(Refusal::CancellationNotPending);
    }
    let failure = Failure::own(
        Failure::CANCELLATION_STOPPED,
        "the merchant stopped the cancellation; nothing was refunded",
    );
    Ok(refused(id, failure, at))
}

/// A report about a cancellation that has its end. Money that went back although the cancellation
/// counts as never carried out is not dropped: it changes no state and is left to a person.
fn over(
    attempt: &Attempt,
    cancellation: &Cancellation,
    outcome: &RefundOutcome,
    at: Timestamp,
) -> Result<Decision, Refusal> {
    match (&cancellation.state, outcome) {
        (CancellationState::Failed { failure, .. }, RefundOutcome::Refunded { .. })
            if [Failure::NOT_SENT, Failure::CANCELLATION_STOPPED]
                .contains(&failure.pg_code.as_str()) =>
        {
            let amount = cancellation.amount.total;
            let discrepancy = Discrepancy::LateRefund { amount };
            Ok(close::record(attempt, discrepancy, at))
        }
        (
            CancellationState::Sending
            | CancellationState::Requested
            | CancellationState::Succeeded { .. }
            | CancellationState::Failed { .. },
            RefundOutcome::Refunded { .. } | RefundOutcome::Refused(_) | RefundOutcome::Unclear,
        ) => Err(Refusal::NothingToDo),
    }
}

fn refused(id: CancellationId, failure: Failure, at: Timestamp) -> Decision {
    Decision::default().event(Event::CancellationFailed { id, failure, at })
}

fn announce_refund(
    decision: Decision,
    attempt: AttemptId,
    cancellation: &Cancellation,
    (is_whole, by): (bool, Reporter),
) -> Decision {
    let what = if is_whole {
        Announcement::Cancelled(cancellation.id)
    } else {
        Announcement::PartialCancelled(cancellation.id)
    };
    match by {
        Reporter::Request if cancellation.skip_webhook => decision,
        Reporter::Request => decision.announce(attempt, what, None),
        Reporter::Resolver => decision.announce(attempt, what, Some(Trigger::AsyncCancelApproved)),
    }
}
