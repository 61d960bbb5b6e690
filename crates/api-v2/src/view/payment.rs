//! Payments and their transactions.
//!
//! On the wire each status is a type of its own, alike but for a few fields. What they share is
//! gathered once in [`Common`]; a macro moves it into the type of the status. A payment shows its
//! successful attempt, else the latest; a transaction is one attempt.

use naru_domain::payment::{
    Attempt, AttemptState, CancellationState, Failure, Origin, Payment, Platform, Product, Status,
};
use naru_domain::{Amount, Timestamp};
use naru_engine::Fault;
use naru_engine::payments::{PaymentView, WebhookView};
use naru_wire_v2 as wire;

use super::cancellation::cancellation;
use super::channel::channel;
use super::customer::customer;
use super::method::{account, method, method_kind};
use super::webhook::webhook;
use super::{known, whole_seconds};

/// What every status has.
struct Common {
    amount: wire::PaymentAmount,
    billing_key: Option<String>,
    channel: wire::SelectedChannel,
    country: Option<wire::Country>,
    currency: wire::Currency,
    custom_data: Option<String>,
    customer: wire::Customer,
    escrow: Option<wire::PaymentEscrow>,
    is_cultural_expense: Option<bool>,
    merchant_id: String,
    method: Option<wire::PaymentMethod>,
    order_name: String,
    product_count: Option<i32>,
    products: Option<Vec<wire::PaymentProduct>>,
    promotion_id: Option<String>,
    requested_at: String,
    status_changed_at: String,
    store_id: String,
    updated_at: String,
    webhooks: Option<Vec<wire::PaymentWebhook>>,
    facts: Facts,
    cancellations: Vec<wire::PaymentCancellation>,
    cancelled_at: String,
}

/// What an attempt's state says.
struct Facts {
    pg_tx_id: Option<String>,
    paid_at: Option<String>,
    pg_response: Option<String>,
    receipt_url: Option<String>,
    method: Option<wire::PaymentMethod>,
    failure: wire::PaymentFailure,
    failed_at: String,
}

macro_rules! fill {
    ($wire:ident, $from:ident, { $($field:ident: $value:expr),* $(,)? }) => {
        wire::$wire {
            amount: $from.amount,
            billing_key: $from.billing_key,
            channel_group: None,
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
            schedule_id: None,
            status_changed_at: $from.status_changed_at,
            store_id: $from.store_id,
            updated_at: $from.updated_at,
            version: wire::PortOneVersion::V2,
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
    let id = payment.id.to_string();
    let transaction_id = attempt.id.to_string();
    let origin = origin(&attempt.origin);
    Ok(match payment.status_of(attempt) {
        Status::Ready => wire::Payment::Ready(fill!(ReadyPayment, c, {
            id: id, transaction_id: transaction_id, origin: origin,
            channel: Some(c.channel),
        })),
        Status::PayPending => wire::Payment::PayPending(fill!(PayPendingPayment, c, {
            id: id, transaction_id: transaction_id, origin: origin,
            channel: c.channel,
            pg_tx_id: c.facts.pg_tx_id,
        })),
        Status::VirtualAccountIssued => {
            wire::Payment::VirtualAccountIssued(fill!(VirtualAccountIssuedPayment, c, {
                id: id, transaction_id: transaction_id, origin: origin,
                channel: c.channel,
                pg_tx_id: c.facts.pg_tx_id,
            }))
        }
        Status::Paid => wire::Payment::Paid(fill!(PaidPayment, c, {
            id: id, transaction_id: transaction_id, origin: origin,
            channel: c.channel,
            cancellations: Some(c.cancellations).filter(|list| !list.is_empty()),
            cash_receipt: None,
            cash_receipt_issuance_status: None,
            // Required, and `[]` rather than absent.
            disputes: Vec::new(),
            paid_at: c.facts.paid_at.unwrap_or_default(),
            pg_response: c.facts.pg_response,
            pg_tx_id: c.facts.pg_tx_id,
            receipt_url: c.facts.receipt_url,
        })),
        Status::Failed => wire::Payment::Failed(fill!(FailedPayment, c, {
            id: id, transaction_id: transaction_id, origin: origin,
            channel: Some(c.channel),
            failed_at: c.facts.failed_at,
            failure: c.facts.failure,
        })),
        Status::PartialCancelled => {
            wire::Payment::PartialCancelled(fill!(PartialCancelledPayment, c, {
                id: id, transaction_id: transaction_id, origin: origin,
                channel: c.channel,
                cancellations: c.cancellations,
                cancelled_at: c.cancelled_at,
                cash_receipt: None,
                cash_receipt_issuance_status: None,
                paid_at: c.facts.paid_at,
                pg_tx_id: c.facts.pg_tx_id,
                receipt_url: c.facts.receipt_url,
            }))
        }
        Status::Cancelled => wire::Payment::Cancelled(fill!(CancelledPayment, c, {
            id: id, transaction_id: transaction_id, origin: origin,
            channel: c.channel,
            cancellations: c.cancellations,
            cancelled_at: c.cancelled_at,
            cash_receipt: None,
            cash_receipt_issuance_status: None,
            paid_at: c.facts.paid_at,
            pg_tx_id: c.facts.pg_tx_id,
            receipt_url: c.facts.receipt_url,
        })),
    })
}

/// Every attempt at a payment, oldest first.
pub(crate) fn transactions(view: &PaymentView) -> Result<Vec<wire::PaymentTransaction>, Fault> {
    let one = |attempt: &Attempt| {
        let id = attempt.id.to_string();
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
    let id = attempt.id.to_string();
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
            cash_receipt: None,
            cash_receipt_issuance_status: None,
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
                cash_receipt: None,
                cash_receipt_issuance_status: None,
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
                cash_receipt: None,
                cash_receipt_issuance_status: None,
                paid_at: c.facts.paid_at,
                pg_tx_id: c.facts.pg_tx_id,
                receipt_url: c.facts.receipt_url,
            }))
        }
    }
}

fn common<'a>(
    payment: &Payment,
    attempt: &Attempt,
    webhooks: impl Iterator<Item = &'a WebhookView>,
) -> Result<Common, Fault> {
    let order = &attempt.order;
    let is_captured = matches!(attempt.state, AttemptState::Captured { .. });
    // Cancellations are of the attempt whose money was taken.
    let (cancelled, cancellations) = if is_captured {
        (payment.cancelled(), payment.cancellations.as_slice())
    } else {
        (Amount::ZERO, [].as_slice())
    };
    let latest = cancellations.iter().rev().find_map(|one| match one.state {
        CancellationState::Succeeded { at, .. } => Some(at),
        CancellationState::Sending
        | CancellationState::Requested
        | CancellationState::Failed { .. } => None,
    });
    let mut facts = facts(attempt);
    let webhooks: Vec<_> = webhooks.map(webhook).collect();
    let products: Vec<_> = order.products.iter().map(product).collect();
    Ok(Common {
        amount: amount(order.amount, cancelled),
        billing_key: attempt.billing_key.as_ref().map(ToString::to_string),
        channel: channel(&attempt.channel)?,
        country: order.country.as_deref().and_then(wire::Country::parse),
        currency: known("currency", wire::Currency::parse(order.currency.as_str()))?,
        custom_data: order.custom_data.clone(),
        customer: customer(&order.customer),
        escrow: (order.is_escrow && is_captured).then_some(wire::PaymentEscrow::BeforeRegistered(
            wire::BeforeRegisteredPaymentEscrow {},
        )),
        is_cultural_expense: Some(order.is_cultural_expense),
        merchant_id: payment.merchant_id.to_string(),
        method: facts.method.take(),
        order_name: order.name.clone(),
        product_count: order.product_count,
        products: Some(products).filter(|list| !list.is_empty()),
        promotion_id: Some(order.promotion_id.clone().unwrap_or_default()),
        requested_at: attempt.requested_at.to_string(),
        status_changed_at: whole_seconds(attempt.status_changed_at),
        store_id: payment.store_id.to_string(),
        updated_at: attempt
            .status_changed_at
            .max(attempt.requested_at)
            .to_string(),
        webhooks: Some(webhooks).filter(|list| !list.is_empty()),
        facts,
        cancellations: cancellations.iter().map(cancellation).collect(),
        cancelled_at: whole_seconds(latest.unwrap_or(attempt.status_changed_at)),
    })
}

/// Amounts are arithmetic and the same in every status: `paid` is what was asked for less the
/// discount, whether or not it was paid and whatever was cancelled since.
const fn amount(order: Amount, cancelled: Amount) -> wire::PaymentAmount {
    let discount = 0;
    wire::PaymentAmount {
        cancelled: cancelled.total,
        cancelled_tax_free: cancelled.tax_free,
        discount,
        paid: order.total - discount,
        supply: Some(order.supply()),
        tax_free: order.tax_free,
        total: order.total,
        vat: Some(order.vat),
    }
}

fn facts(attempt: &Attempt) -> Facts {
    let nothing = Facts {
        pg_tx_id: None,
        paid_at: None,
        pg_response: None,
        receipt_url: None,
        method: method_kind(attempt.method),
        failure: wire::PaymentFailure::default(),
        failed_at: whole_seconds(attempt.status_changed_at),
    };
    match &attempt.state {
        AttemptState::Sending | AttemptState::Unknown { .. } => nothing,
        AttemptState::WaitingForDeposit { issued, .. } => Facts {
            pg_tx_id: Some(issued.pg_tx_id.clone()),
            method: Some(account(&issued.account)),
            ..nothing
        },
        AttemptState::Captured { capture } => Facts {
            pg_tx_id: Some(capture.pg_tx_id.clone()),
            paid_at: Some(whole_seconds(capture.paid_at)),
            pg_response: Some(capture.pg_response.clone()).filter(|text| !text.is_empty()),
            receipt_url: capture.receipt_url.clone(),
            method: Some(method(&capture.method)),
            ..nothing
        },
        AttemptState::Failed {
            failure: why,
            at,
            issued,
        } => Facts {
            method: issued.as_ref().map_or(nothing.method.clone(), |issued| {
                Some(account(&issued.account))
            }),
            ..failed(nothing, why, *at)
        },
        AttemptState::Reversing {
            capture,
            failure: why,
            at,
            ..
        }
        | AttemptState::Reversed {
            capture,
            failure: why,
            at,
        } => Facts {
            method: capture.as_ref().map_or(nothing.method.clone(), |capture| {
                Some(method(&capture.method))
            }),
            ..failed(nothing, why, *at)
        },
    }
}

fn failed(nothing: Facts, why: &Failure, at: Timestamp) -> Facts {
    Facts {
        failure: wire::PaymentFailure {
            pg_code: Some(why.pg_code.clone()),
            pg_message: Some(why.pg_message.clone()),
            reason: Some(why.reason()),
        },
        failed_at: whole_seconds(at),
        ..nothing
    }
}

fn product(product: &Product) -> wire::PaymentProduct {
    wire::PaymentProduct {
        amount: product.amount,
        code: product.code.clone(),
        id: product.id.clone(),
        link: product.link.clone(),
        name: product.name.clone(),
        quantity: product.quantity,
        tag: product.tag.clone(),
    }
}

fn origin(origin: &Origin) -> wire::PaymentOrigin {
    wire::PaymentOrigin {
        ip_address: origin.ip_address.clone(),
        platform_type: match origin.platform {
            Platform::Pc => wire::PaymentOriginPlatformType::Pc,
            Platform::Mobile => wire::PaymentOriginPlatformType::Mobile,
            Platform::Api => wire::PaymentOriginPlatformType::Api,
        },
        url: None,
        user_agent: origin.user_agent.clone(),
    }
}
