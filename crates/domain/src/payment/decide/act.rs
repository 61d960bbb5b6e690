//! Actions on a captured payment, and the PG's news of its escrow.

use super::super::{
    Action, ActionEnd, EscrowState, Event, Payment, PaymentReceipt, Refusal, Status, Task,
};
use super::{Decision, Discrepancy, Effect, close};
use crate::cash_receipt::IssuedReceipt;
use crate::{AttemptId, Timestamp};

pub(super) fn act(
    payment: &Payment,
    task: Task,
    (send_by, at): (Timestamp, Timestamp),
) -> Result<Decision, Refusal> {
    match payment.status() {
        Status::Paid | Status::PartialCancelled => {}
        Status::Ready
        | Status::PayPending
        | Status::VirtualAccountIssued
        | Status::Failed
        | Status::Cancelled => return Err(Refusal::PaymentNotPaid),
    }
    let (attempt, _) = payment.captured().ok_or(Refusal::PaymentNotPaid)?;
    match &task {
        Task::RegisterShipment { .. } | Task::ChangeShipment { .. } => {
            payment.escrow.as_ref().ok_or(Refusal::NotEscrow)?;
        }
        Task::AcceptRejection => {
            let escrow = payment.escrow.as_ref().ok_or(Refusal::NotEscrow)?;
            if escrow.state != EscrowState::Rejected {
                return Err(Refusal::EscrowNotRejected);
            }
        }
        Task::CapturePayment | Task::RegisterStoreSales { .. } => {}
    }
    if payment.action.is_some() {
        return Err(Refusal::ActionInFlight);
    }
    let action = Action {
        task,
        send_by,
        requested_at: at,
    };
    Ok(Decision::default()
        .event(Event::ActionBegan {
            attempt: attempt.id,
            action: Box::new(action),
            at,
        })
        .effect(Effect::ResolveAction { send_by }))
}

pub(super) fn end(
    payment: &Payment,
    send_by: Timestamp,
    (end, at): (ActionEnd, Timestamp),
) -> Result<Decision, Refusal> {
    let (attempt, _) = payment.captured().ok_or(Refusal::NothingToDo)?;
    match &payment.action {
        Some(action) if action.send_by == send_by => {
            Ok(Decision::default().event(Event::ActionEnded {
                attempt: attempt.id,
                end,
                at,
            }))
        }
        Some(_) | None => Err(Refusal::NothingToDo),
    }
}

pub(super) fn escrow(
    payment: &Payment,
    attempt: AttemptId,
    (state, at): (EscrowState, Timestamp),
) -> Result<Decision, Refusal> {
    let (captured, _) = payment.captured().ok_or(Refusal::NothingToDo)?;
    let escrow = payment.escrow.as_ref().ok_or(Refusal::NothingToDo)?;
    if captured.id != attempt || !escrow.state.leads_to(state) {
        return Err(Refusal::NothingToDo);
    }
    Ok(Decision::default().event(Event::EscrowMoved { attempt, state, at }))
}

/// Nothing once something was given back: the receipt was for money that is not all there.
pub(super) fn receipt_found(
    payment: &Payment,
    attempt: AttemptId,
    (issued, at): (IssuedReceipt, Timestamp),
) -> Result<Decision, Refusal> {
    let (captured, capture) = payment.captured().ok_or(Refusal::NothingToDo)?;
    let is_news = captured.id == attempt && capture.cash_receipt.is_none();
    if !is_news || payment.status() != Status::Paid {
        return Err(Refusal::NothingToDo);
    }
    let receipt = PaymentReceipt {
        kind: captured.cash_receipt,
        issued,
        amount: captured.charged(),
        cancelled_at: None,
        is_manual: false,
    };
    Ok(Decision::default().event(Event::ReceiptFound {
        attempt,
        receipt: Box::new(receipt),
        at,
    }))
}

/// In the place of one that was cancelled. Whatever was given back of the money: the merchant
/// knows for how much.
pub(super) fn receipt_issued(
    payment: &Payment,
    (receipt, at): (Box<PaymentReceipt>, Timestamp),
) -> Result<Decision, Refusal> {
    let (captured, capture) = payment.captured().ok_or(Refusal::NothingToDo)?;
    let before = capture.cash_receipt.as_ref();
    if before.is_some_and(|before| before.cancelled_at.is_none()) {
        return Err(Refusal::NothingToDo);
    }
    Ok(Decision::default().event(Event::ReceiptFound {
        attempt: captured.id,
        receipt,
        at,
    }))
}

pub(super) fn receipt_cancelled(
    payment: &Payment,
    (cancelled_at, at): (Timestamp, Timestamp),
) -> Result<Decision, Refusal> {
    let (attempt, capture) = payment.captured().ok_or(Refusal::NothingToDo)?;
    match &capture.cash_receipt {
        Some(receipt) if receipt.cancelled_at.is_none() => {
            Ok(Decision::default().event(Event::ReceiptCancelled {
                attempt: attempt.id,
                cancelled_at,
                at,
            }))
        }
        Some(_) | None => Err(Refusal::NothingToDo),
    }
}

pub(super) fn note(
    payment: &Payment,
    attempt: AttemptId,
    (discrepancy, at): (Discrepancy, Timestamp),
) -> Result<Decision, Refusal> {
    let attempt = payment.attempt(attempt).ok_or(Refusal::NothingToDo)?;
    Ok(close::record(attempt, discrepancy, at))
}
