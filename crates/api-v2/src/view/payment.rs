//! Payments and their transactions.
//!
//! On the wire each status is a type of its own, alike but for a few fields. What they share is
//! gathered once in [`Common`]; a macro moves it into the type of the status. A payment shows its
//! successful attempt, else the latest; a transaction is one attempt.

use naru_domain::payment::{Attempt, Dispute, Payment, Status};
use naru_engine::Fault;
use naru_engine::payments::PaymentView;
use naru_wire_v2 as wire;

use super::attempt::{Common, common, origin};

macro_rules! fill {
    ($wire:ident, $from:ident, { $($field:ident: $value:expr),* $(,)? }) => {
        wire::$wire {
            amount: $from.amount,
            billing_key: $from.billing_key,
            channel_group: $from.channel_group,
            country: $from.country,
            currency: $from.currency,
            custom_data: $from.custom_data,
            customer: $from.customer,
            escrow: $from.escrow,
            is_cultural_expense: $from.is_cultural_expense,
            merchant_id: $from.merchant_id,
            method: $from.method,
            order_name: $from.order_name,
            product_count: $from.product_count,
            products: $from.products,
            promotion_id: $from.promotion_id,
            requested_at: $from.requested_at,
            schedule_id: $from.schedule_id,
            status_changed_at: $from.status_changed_at,
            store_id: $from.store_id,
            updated_at: $from.updated_at,
            version: $from.version,
            webhooks: $from.webhooks,
            $($field: $value),*
        }
    };
}

/// A payment.
pub(crate) fn payment(view: &PaymentView) -> Result<wire::Payment, Fault> {
    let payment = &view.payment;
    let attempt = payment
        .shown()
        .ok_or_else(|| Fault::internal("a payment without an attempt"))?;
    let mut c = common(payment, attempt, view.webhooks.iter())?;
    c.requested_at = payment.created_at.to_string();
    c.updated_at = payment.updated_at.to_string();
    let named = Named {
        id: payment.id.to_string(),
        transaction_id: attempt.transaction_id(),
        origin: origin(&attempt.origin),
        disputes: disputes(payment),
    };
    Ok(of_status(payment.status_of(attempt), c, named))
}

/// What a payment has besides what its transaction has.
struct Named {
    id: String,
    transaction_id: String,
    origin: wire::PaymentOrigin,
    disputes: Vec<wire::Dispute>,
}

/// Disputes of a payment, as it is paid.
pub(super) fn disputes(payment: &Payment) -> Vec<wire::Dispute> {
    payment.disputes.iter().map(dispute).collect()
}

fn dispute(dispute: &Dispute) -> wire::Dispute {
    wire::Dispute {
        created_at: dispute.created_at.to_string(),
        pg_dispute_id: dispute.pg_dispute_id.clone(),
        reason: dispute.reason.clone(),
        resolved_at: dispute.resolved_at.map(|at| at.to_string()),
        status: match dispute.resolved_at {
            None => wire::DisputeStatus::Unresolved,
            Some(_) => wire::DisputeStatus::Resolved,
        },
    }
}

fn of_status(status: Status, c: Common, named: Named) -> wire::Payment {
    match status {
        Status::Ready => wire::Payment::Ready(fill!(ReadyPayment, c, {
            id: named.id, transaction_id: named.transaction_id, origin: named.origin,
            channel: Some(c.channel),
        })),
        Status::PayPending => wire::Payment::PayPending(fill!(PayPendingPayment, c, {
            id: named.id, transaction_id: named.transaction_id, origin: named.origin,
            channel: c.channel,
            pg_tx_id: c.facts.pg_tx_id,
        })),
        Status::VirtualAccountIssued => {
            wire::Payment::VirtualAccountIssued(fill!(VirtualAccountIssuedPayment, c, {
                id: named.id, transaction_id: named.transaction_id, origin: named.origin,
                channel: c.channel,
                pg_tx_id: c.facts.pg_tx_id,
            }))
        }
        Status::Paid => wire::Payment::Paid(fill!(PaidPayment, c, {
            id: named.id, transaction_id: named.transaction_id, origin: named.origin,
            channel: c.channel,
            cancellations: Some(c.cancellations).filter(|list| !list.is_empty()),
            cash_receipt: c.receipt.receipt,
            cash_receipt_issuance_status: c.receipt.status,
            // Required, and `[]` rather than absent.
            disputes: named.disputes,
            paid_at: c.facts.paid_at.unwrap_or_default(),
            pg_response: c.facts.pg_response,
            pg_tx_id: c.facts.pg_tx_id,
            receipt_url: c.facts.receipt_url,
        })),
        Status::Failed => wire::Payment::Failed(fill!(FailedPayment, c, {
            id: named.id, transaction_id: named.transaction_id, origin: named.origin,
            channel: Some(c.channel),
            failed_at: c.facts.failed_at,
            failure: c.facts.failure,
        })),
        Status::PartialCancelled => {
            wire::Payment::PartialCancelled(fill!(PartialCancelledPayment, c, {
                id: named.id, transaction_id: named.transaction_id, origin: named.origin,
                channel: c.channel,
                cancellations: c.cancellations,
                cancelled_at: c.cancelled_at,
                cash_receipt: c.receipt.receipt,
                cash_receipt_issuance_status: c.receipt.status,
                paid_at: c.facts.paid_at,
                pg_tx_id: c.facts.pg_tx_id,
                receipt_url: c.facts.receipt_url,
            }))
        }
        Status::Cancelled => wire::Payment::Cancelled(fill!(CancelledPayment, c, {
            id: named.id, transaction_id: named.transaction_id, origin: named.origin,
            channel: c.channel,
            cancellations: c.cancellations,
            cancelled_at: c.cancelled_at,
            cash_receipt: c.receipt.receipt,
            cash_receipt_issuance_status: c.receipt.status,
            paid_at: c.facts.paid_at,
            pg_tx_id: c.facts.pg_tx_id,
            receipt_url: c.facts.receipt_url,
        })),
    }
}

/// Every attempt at a payment, oldest first.
pub(crate) fn transactions(view: &PaymentView) -> Result<Vec<wire::PaymentTransaction>, Fault> {
    let one = |attempt: &Attempt| {
        let id = attempt.transaction_id();
        // Every version of a webhook's body names its transaction.
        let own = view
            .webhooks
            .iter()
            .filter(|webhook| webhook.body.contains(&id));
        let common = common(&view.payment, attempt, own)?;
        Ok(transaction(&view.payment, attempt, common))
    };
    view.payment.attempts.iter().map(one).collect()
}

fn transaction(payment: &Payment, attempt: &Attempt, c: Common) -> wire::PaymentTransaction {
    let id = attempt.transaction_id();
    let payment_id = payment.id.to_string();
    match payment.status_of(attempt) {
        Status::Ready => wire::PaymentTransaction::Ready(fill!(ReadyPaymentTransaction, c, {
            id: id, payment_id: payment_id,
            channel: Some(c.channel),
        })),
        Status::PayPending => {
            wire::PaymentTransaction::PayPending(fill!(PayPendingPaymentTransaction, c, {
                id: id, payment_id: payment_id,
                channel: c.channel,
                pg_tx_id: c.facts.pg_tx_id,
            }))
        }
        Status::VirtualAccountIssued => wire::PaymentTransaction::VirtualAccountIssued(
            fill!(VirtualAccountIssuedPaymentTransaction, c, {
                id: id, payment_id: payment_id,
                channel: c.channel,
                pg_tx_id: c.facts.pg_tx_id,
            }),
        ),
        Status::Paid => wire::PaymentTransaction::Paid(fill!(PaidPaymentTransaction, c, {
            id: id, payment_id: payment_id,
            channel: c.channel,
            cash_receipt: c.receipt.receipt,
            cash_receipt_issuance_status: c.receipt.status,
            paid_at: c.facts.paid_at.unwrap_or_default(),
            pg_response: c.facts.pg_response,
            pg_tx_id: c.facts.pg_tx_id,
            receipt_url: c.facts.receipt_url,
        })),
        Status::Failed => wire::PaymentTransaction::Failed(fill!(FailedPaymentTransaction, c, {
            id: id, payment_id: payment_id,
            channel: Some(c.channel),
            failed_at: c.facts.failed_at,
            failure: c.facts.failure,
        })),
        Status::PartialCancelled => wire::PaymentTransaction::PartialCancelled(
            fill!(PartialCancelledPaymentTransaction, c, {
                id: id, payment_id: payment_id,
                channel: c.channel,
                cancellations: c.cancellations,
                cancelled_at: c.cancelled_at,
                cash_receipt: c.receipt.receipt,
                cash_receipt_issuance_status: c.receipt.status,
                paid_at: c.facts.paid_at,
                pg_tx_id: c.facts.pg_tx_id,
                receipt_url: c.facts.receipt_url,
            }),
        ),
        Status::Cancelled => {
            wire::PaymentTransaction::Cancelled(fill!(CancelledPaymentTransaction, c, {
                id: id, payment_id: payment_id,
                channel: c.channel,
                cancellations: c.cancellations,
                cancelled_at: c.cancelled_at,
                cash_receipt: c.receipt.receipt,
                cash_receipt_issuance_status: c.receipt.status,
                paid_at: c.facts.paid_at,
                pg_tx_id: c.facts.pg_tx_id,
                receipt_url: c.facts.receipt_url,
            }))
        }
    }
}
