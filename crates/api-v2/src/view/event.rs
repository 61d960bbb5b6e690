//! Payment events: money in and out, each with the payment around it.
//!
//! Amounts are those of the moment; everything else is the payment's as it is now.

use naru_engine::Fault;
use naru_engine::payments::EntryView;
use naru_wire_v2 as wire;

use super::attempt::{common, origin};
use super::cancellation::cancellation;
use super::payment::disputes;

macro_rules! fill {
    ($wire:ident, $view:ident, $c:ident, { $($field:ident: $value:expr),* $(,)? }) => {
        wire::$wire {
            cash_receipt: $c.receipt.receipt,
            cash_receipt_issuance_status: $c.receipt.status,
            channel: $c.channel,
            channel_group: $c.channel_group,
            country: $c.country,
            created_at: $view.entry.recorded_at.to_string(),
            currency: $c.currency,
            custom_data: $c.custom_data,
            customer: $c.customer,
            escrow: $c.escrow,
            event_amount: $view.entry.amount,
            is_cultural_expense: $c.is_cultural_expense,
            merchant_id: $c.merchant_id,
            method: $c.method,
            order_name: $c.order_name,
            payment_id: $view.entry.payment_id.to_string(),
            pg_tx_id: $c.facts.pg_tx_id,
            product_count: $c.product_count,
            products: $c.products,
            promotion_id: $c.promotion_id,
            receipt_url: $c.facts.receipt_url,
            requested_at: $view.payment.payment.created_at.to_string(),
            schedule_id: None,
            store_id: $c.store_id,
            total_amount: $c.amount,
            transaction_id: $c.transaction_id,
            version: $c.version,
            webhooks: $c.webhooks,
            $($field: $value),*
        }
    };
}

/// An entry of the ledger as an event of its payment. It has the id of what it is about: of the
/// attempt that took money, or of the cancellation that gave it back.
pub(crate) fn payment_event(view: &EntryView) -> Result<wire::PaymentEvent, Fault> {
    let payment = &view.payment.payment;
    let attempt = payment
        .attempt(view.entry.attempt)
        .ok_or_else(|| Fault::internal("an entry of the ledger without its attempt"))?;
    let mut c = common(payment, attempt, view.payment.webhooks.iter())?;
    let [cancelled, cancelled_tax_free] = view.entry.cancelled;
    c.amount.cancelled = cancelled;
    c.amount.cancelled_tax_free = cancelled_tax_free;
    let origin = origin(&attempt.origin);
    let Some(id) = view.entry.cancellation else {
        return Ok(wire::PaymentEvent::Paid(fill!(PaidPaymentEvent, view, c, {
            disputes: disputes(payment),
            id: attempt.id.to_string(),
            origin: origin,
            pg_response: c.facts.pg_response,
        })));
    };
    let cancellation = payment.cancellation(id).map(cancellation);
    Ok(if view.entry.is_whole {
        wire::PaymentEvent::Cancelled(fill!(CancelledPaymentEvent, view, c, {
            cancellation: cancellation, id: id.to_string(), origin: origin,
        }))
    } else {
        wire::PaymentEvent::PartialCancelled(fill!(PartialCancelledPaymentEvent, view, c, {
            cancellation: cancellation, id: id.to_string(), origin: origin,
        }))
    })
}
