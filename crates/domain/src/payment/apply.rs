//! Folding events into a payment. Total: an event is a fact and is never refused.

use super::{
    Action, ActionEnd, Attempt, AttemptState, Cancellation, CancellationState, Capture, Escrow,
    EscrowState, Event, Failure, Payment, Shipment, Task,
};
use crate::{
    AccountRefund, AttemptId, CancellationId, MerchantId, Method, PaymentId, StoreId, Timestamp,
};

/// Applies an event. Only `AttemptBegan` and `ScheduleSet` make a payment of nothing; any other
/// event on nothing leaves nothing.
pub fn apply(payment: Option<Payment>, event: &Event) -> Option<Payment> {
    let mut payment = match (payment, event) {
        (Some(payment), _) => payment,
        (
            None,
            Event::AttemptBegan {
                merchant_id,
                store_id,
                payment_id,
                attempt,
            },
        ) => empty((merchant_id, store_id, payment_id), attempt.requested_at),
        (
            None,
            Event::ScheduleSet {
                merchant_id,
                store_id,
                payment_id,
                at,
                ..
            },
        ) => empty((merchant_id, store_id, payment_id), *at),
        (None, _) => return None,
    };
    payment.event_count += 1;
    payment.updated_at = change(&mut payment, event);
    Some(payment)
}

fn empty(
    (merchant_id, store_id, id): (&MerchantId, &StoreId, &PaymentId),
    at: Timestamp,
) -> Payment {
    Payment {
        merchant_id: merchant_id.clone(),
        store_id: store_id.clone(),
        id: id.clone(),
        created_at: at,
        updated_at: at,
        attempts: Vec::new(),
        cancellations: Vec::new(),
        disputes: Vec::new(),
        action: None,
        escrow: None,
        schedule: None,
        event_count: 0,
    }
}

fn change(payment: &mut Payment, event: &Event) -> Timestamp {
    match event {
        Event::AttemptBegan { attempt, .. } => begin(payment, attempt),
        Event::CancellationBegan { cancellation, at } => {
            let begun = Cancellation::clone(cancellation);
            payment.cancellations.push(begun);
            mark_refund(payment, AccountRefund::Pending);
            *at
        }
        Event::CancellationUnclear { id, at } => {
            set_cancellation(payment, *id, CancellationState::Requested);
            *at
        }
        Event::Cancelled {
            id,
            pg_cancellation_id,
            cancelled_at,
            at,
        } => {
            let state = CancellationState::Succeeded {
                pg_cancellation_id: pg_cancellation_id.clone(),
                at: *cancelled_at,
            };
            give_back(payment, *id, state, *cancelled_at);
            *at
        }
        Event::CancellationFailed { id, failure, at } => {
            fail_cancellation(payment, *id, failure, *at);
            *at
        }
        Event::DisputeOpened { at, .. } | Event::DisputeResolved { at, .. } => {
            change_dispute(payment, event);
            *at
        }
        Event::ScheduleSet { at, .. }
        | Event::ScheduleReleased { at, .. }
        | Event::ActionBegan { at, .. }
        | Event::ActionEnded { at, .. }
        | Event::EscrowMoved { at, .. } => {
            change_beside(payment, event);
            *at
        }
        Event::Authenticated { attempt, at, .. }
        | Event::ApprovalBegan { attempt, at, .. }
        | Event::AttemptUnclear { attempt, at }
        | Event::CallerTold { attempt, at }
        | Event::AccountIssued { attempt, at, .. }
        | Event::Captured { attempt, at, .. }
        | Event::AttemptFailed { attempt, at, .. }
        | Event::ReversalBegan { attempt, at, .. }
        | Event::Reversed { attempt, at }
        | Event::AccountClosing { attempt, at }
        | Event::CloseRefused { attempt, at, .. }
        | Event::ReceiptFound { attempt, at, .. }
        | Event::ReceiptCancelled { attempt, at, .. }
        | Event::DiscrepancyFound { attempt, at, .. } => {
            if let Some(found) = payment.attempts.iter_mut().find(|one| one.id == *attempt) {
                if let Event::Captured { capture, .. } = event {
                    payment.escrow = is_held(found, capture).then(Escrow::default);
                }
                change_attempt(found, event);
            }
            *at
        }
    }
}

fn give_back(payment: &mut Payment, id: CancellationId, state: CancellationState, at: Timestamp) {
    set_cancellation(payment, id, state);
    mark_refund(payment, AccountRefund::Completed);
    follow_refund(payment, at);
    if let Some(attempt) = captured_mut(payment) {
        attempt.status_changed_at = at;
    }
}

/// The first attempt is when the payment begins, and a schedule's own ends its waiting.
fn begin(payment: &mut Payment, attempt: &Attempt) -> Timestamp {
    if payment.attempts.is_empty() {
        payment.created_at = attempt.requested_at;
    }
    if attempt.schedule.is_some() {
        payment.schedule = None;
    }
    payment.attempts.push(attempt.clone());
    attempt.requested_at
}

/// What changes neither an attempt nor a cancellation.
fn change_beside(payment: &mut Payment, event: &Event) {
    if let Event::ScheduleSet { schedule, .. } = event {
        payment.schedule = Some(schedule.clone());
    } else if let Event::ScheduleReleased { .. } = event {
        payment.schedule = None;
    } else if let Event::ActionBegan { action, .. } = event {
        payment.action = Some(Action::clone(action));
    } else if let Event::ActionEnded { end, .. } = event {
        end_action(payment, end);
    } else if let (Event::EscrowMoved { state, .. }, Some(escrow)) = (event, &mut payment.escrow) {
        escrow.state = *state;
        escrow.shipment = escrow.shipment.take().or(escrow.unconfirmed.take());
    }
}

fn change_attempt(attempt: &mut Attempt, event: &Event) {
    match event {
        Event::Authenticated { .. } | Event::ApprovalBegan { .. } => change_window(attempt, event),
        Event::AttemptUnclear { .. } => attempt.state = AttemptState::Unknown { told: false },
        Event::CallerTold { .. } => attempt.state = AttemptState::Unknown { told: true },
        Event::AccountIssued { issued, at, .. } => {
            attempt.state = AttemptState::WaitingForDeposit {
                issued: issued.as_ref().clone(),
                closing: false,
            };
            attempt.status_changed_at = *at;
        }
        Event::Captured { capture, .. } => {
            attempt.status_changed_at = capture.paid_at;
            attempt.state = AttemptState::Captured {
                capture: capture.as_ref().clone(),
            };
        }
        Event::AttemptFailed { failure, at, .. } => fail(attempt, failure, *at),
        Event::ReversalBegan { .. } => begin_reversal(attempt, event),
        Event::Reversed { .. } => {
            if let AttemptState::Reversing {
                capture,
                failure,
                at: since,
                ..
            } = &attempt.state
            {
                attempt.state = AttemptState::Reversed {
                    capture: capture.clone(),
                    failure: failure.clone(),
                    at: *since,
                };
            }
        }
        Event::AccountClosing { .. } => set_closing(attempt, true),
        Event::CloseRefused { .. } => set_closing(attempt, false),
        Event::ReceiptFound { .. } | Event::ReceiptCancelled { .. } => {
            change_receipt(attempt, event);
        }
        Event::DiscrepancyFound { .. }
        | Event::DisputeOpened { .. }
        | Event::DisputeResolved { .. }
        | Event::ScheduleSet { .. }
        | Event::ScheduleReleased { .. }
        | Event::AttemptBegan { .. }
        | Event::CancellationBegan { .. }
        | Event::CancellationUnclear { .. }
        | Event::Cancelled { .. }
        | Event::CancellationFailed { .. }
        | Event::ActionBegan { .. }
        | Event::ActionEnded { .. }
        | Event::EscrowMoved { .. } => {}
    }
}

/// The steps of a window, up to the request for the money.
fn change_window(attempt: &mut Attempt, event: &Event) {
    if let Event::Authenticated { until, .. } = event {
        attempt.state = AttemptState::AwaitingConfirm { until: *until };
    } else if let Event::ApprovalBegan {
        send_by,
        skip_webhook,
        at,
        ..
    } = event
    {
        attempt.state = AttemptState::Sending;
        attempt.send_by = *send_by;
        attempt.skip_webhook = *skip_webhook;
        attempt.status_changed_at = *at;
    }
}

/// The receipt of a capture.
fn change_receipt(attempt: &mut Attempt, event: &Event) {
    let AttemptState::Captured { capture } = &mut attempt.state else {
        return;
    };
    if let Event::ReceiptFound { receipt, .. } = event {
        capture.cash_receipt = Some(receipt.as_ref().clone());
    } else if let (Event::ReceiptCancelled { cancelled_at, .. }, Some(receipt)) =
        (event, &mut capture.cash_receipt)
    {
        receipt.cancelled_at = Some(*cancelled_at);
    }
}

/// Whether the PG holds the money: as it says itself, else as it was asked to.
fn is_held(attempt: &Attempt, capture: &Capture) -> bool {
    let issued = match &attempt.state {
        AttemptState::WaitingForDeposit { issued, .. } => issued.escrow,
        AttemptState::Failed { issued, .. } => issued.as_ref().and_then(|issued| issued.escrow),
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::Captured { .. }
        | AttemptState::Reversing { .. }
        | AttemptState::Reversed { .. } => None,
    };
    attempt.order.is_escrow && capture.escrow.or(issued).unwrap_or(true)
}

/// What the end of an action changes besides ending it.
fn end_action(payment: &mut Payment, end: &ActionEnd) {
    let (Some(action), Some(escrow)) = (payment.action.take(), &mut payment.escrow) else {
        return;
    };
    match (action.task, end) {
        (
            Task::RegisterShipment { shipment } | Task::ChangeShipment { shipment },
            ActionEnd::Done { at, .. },
        ) => {
            escrow.shipment = Some(Shipment {
                applied_at: *at,
                ..shipment
            });
            escrow.unconfirmed = None;
            if escrow.state.leads_to(EscrowState::Registered) {
                escrow.state = EscrowState::Registered;
            }
        }
        (
            Task::RegisterShipment { shipment } | Task::ChangeShipment { shipment },
            ActionEnd::Unclear,
        ) => {
            // The PG's notice may have come before: it is of this shipment, for want of another.
            let is_told = escrow.shipment.is_none() && escrow.state.has_shipment();
            if is_told {
                escrow.shipment = Some(shipment);
            } else {
                escrow.unconfirmed = Some(shipment);
            }
        }
        (Task::AcceptRejection, ActionEnd::Done { .. }) => {
            if escrow.state.leads_to(EscrowState::RejectConfirmed) {
                escrow.state = EscrowState::RejectConfirmed;
            }
        }
        (
            Task::RegisterShipment { .. } | Task::ChangeShipment { .. } | Task::AcceptRejection,
            ActionEnd::Refused { .. },
        )
        | (Task::AcceptRejection, ActionEnd::Unclear)
        | (
            Task::CapturePayment | Task::RegisterStoreSales { .. },
            ActionEnd::Done { .. } | ActionEnd::Refused { .. } | ActionEnd::Unclear,
        ) => {}
    }
}

/// What goes with the money: the escrow of a sale that was undone is over, and the receipt of a
/// deposit is cancelled, or made smaller, by the PG itself.
fn follow_refund(payment: &mut Payment, at: Timestamp) {
    let Some((attempt, _)) = payment.captured() else {
        return;
    };
    let rest = attempt.charged().minus(payment.refunded());
    if rest.total == 0
        && let Some(escrow) = &mut payment.escrow
    {
        escrow.state = EscrowState::Cancelled;
        escrow.shipment = escrow.shipment.take().or(escrow.unconfirmed.take());
    }
    let Some(attempt) = captured_mut(payment) else {
        return;
    };
    if let AttemptState::Captured { capture } = &mut attempt.state
        && let Some(receipt) = &mut capture.cash_receipt
        && receipt.cancelled_at.is_none()
        && !receipt.is_manual
    {
        if rest.total == 0 {
            receipt.cancelled_at = Some(at);
        } else {
            receipt.amount = rest;
        }
    }
}

fn begin_reversal(attempt: &mut Attempt, event: &Event) {
    let Event::ReversalBegan {
        capture,
        issued,
        failure,
        at,
        ..
    } = event
    else {
        return;
    };
    // One that had failed before still failed then, and for the reason that was announced.
    let (failure, since) = match &attempt.state {
        AttemptState::Failed { failure, at, .. } => (failure.clone(), *at),
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::WaitingForDeposit { .. }
        | AttemptState::Captured { .. }
        | AttemptState::Reversing { .. }
        | AttemptState::Reversed { .. } => {
            attempt.status_changed_at = *at;
            (failure.clone(), *at)
        }
    };
    attempt.state = AttemptState::Reversing {
        capture: capture.as_deref().cloned(),
        issued: issued.as_deref().cloned(),
        failure,
        at: since,
    };
}

fn fail(attempt: &mut Attempt, failure: &Failure, at: Timestamp) {
    let issued = match &attempt.state {
        AttemptState::WaitingForDeposit { issued, .. } => Some(issued.clone()),
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::Captured { .. }
        | AttemptState::Failed { .. }
        | AttemptState::Reversing { .. }
        | AttemptState::Reversed { .. } => None,
    };
    attempt.status_changed_at = at;
    attempt.state = AttemptState::Failed {
        failure: failure.clone(),
        at,
        issued,
    };
}

fn fail_cancellation(payment: &mut Payment, id: CancellationId, failure: &Failure, at: Timestamp) {
    let state = CancellationState::Failed {
        failure: failure.clone(),
        at,
    };
    set_cancellation(payment, id, state);
    let after = if payment.cancelled().total > 0 {
        AccountRefund::PartialFailed
    } else {
        AccountRefund::Failed
    };
    mark_refund(payment, after);
}

fn change_dispute(payment: &mut Payment, event: &Event) {
    if let Event::DisputeOpened { dispute, .. } = event {
        payment.disputes.push(dispute.clone());
    } else if let Event::DisputeResolved {
        index, resolved_at, ..
    } = event
        && let Some(dispute) = payment.disputes.get_mut(*index)
    {
        dispute.resolved_at = Some(*resolved_at);
    }
}

fn set_closing(attempt: &mut Attempt, now: bool) {
    if let AttemptState::WaitingForDeposit { closing, .. } = &mut attempt.state {
        *closing = now;
    }
}

fn set_cancellation(payment: &mut Payment, id: CancellationId, state: CancellationState) {
    if let Some(found) = payment.cancellations.iter_mut().find(|one| one.id == id) {
        found.state = state;
    }
}

fn captured_mut(payment: &mut Payment) -> Option<&mut Attempt> {
    let id: AttemptId = payment.captured()?.0.id;
    payment.attempts.iter_mut().find(|attempt| attempt.id == id)
}

/// A refund of a virtual account is a bank transfer, whose progress the method shows.
fn mark_refund(payment: &mut Payment, refund: AccountRefund) {
    let Some(attempt) = captured_mut(payment) else {
        return;
    };
    if let AttemptState::Captured { capture } = &mut attempt.state
        && let Method::VirtualAccount(account) = &mut capture.method
    {
        account.refund = Some(refund);
    }
}
