//! What an attempt shows in every status: order, amounts, channel, method, times.
//!
//! Amounts are arithmetic: what was cancelled belongs to the attempt whose money was taken.

use naru_domain::payment::{
    Attempt, AttemptState, CancellationState, Failure, Origin, Payment, Platform, Product,
};
use naru_domain::{Amount, Face, Timestamp};
use naru_engine::Fault;
use naru_engine::payments::WebhookView;
use naru_wire_v2 as wire;

use super::cancellation::cancellation;
use super::channel::{channel, channel_group};
use super::customer::customer;
use super::escrow::{Receipt, escrow, receipt};
use super::method::{account, method, method_kind};
use super::webhook::webhook;
use super::{known, whole_seconds};

/// What every status has.
pub(super) struct Common {
    pub(super) amount: wire::PaymentAmount,
    pub(super) billing_key: Option<String>,
    pub(super) channel: wire::SelectedChannel,
    pub(super) channel_group: Option<wire::ChannelGroupSummary>,
    pub(super) country: Option<wire::Country>,
    pub(super) currency: wire::Currency,
    pub(super) custom_data: Option<String>,
    pub(super) customer: wire::Customer,
    pub(super) escrow: Option<wire::PaymentEscrow>,
    pub(super) is_cultural_expense: Option<bool>,
    pub(super) merchant_id: String,
    pub(super) method: Option<wire::PaymentMethod>,
    pub(super) order_name: String,
    pub(super) product_count: Option<i32>,
    pub(super) products: Option<Vec<wire::PaymentProduct>>,
    pub(super) promotion_id: Option<String>,
    pub(super) requested_at: String,
    pub(super) schedule_id: Option<String>,
    pub(super) status_changed_at: String,
    pub(super) store_id: String,
    pub(super) updated_at: String,
    pub(super) webhooks: Option<Vec<wire::PaymentWebhook>>,
    pub(super) receipt: Receipt,
    pub(super) facts: Facts,
    pub(super) cancellations: Vec<wire::PaymentCancellation>,
    pub(super) cancelled_at: String,
    pub(super) transaction_id: String,
    pub(super) version: wire::PortOneVersion,
}

/// What an attempt's state says.
pub(super) struct Facts {
    pub(super) pg_tx_id: Option<String>,
    pub(super) paid_at: Option<String>,
    pub(super) pg_response: Option<String>,
    pub(super) receipt_url: Option<String>,
    pub(super) method: Option<wire::PaymentMethod>,
    pub(super) failure: wire::PaymentFailure,
    pub(super) failed_at: String,
}

/// Gathers what an attempt shows in every status.
pub(super) fn common<'a>(
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
        amount: amount(order.amount, attempt.discount(), cancelled),
        billing_key: attempt.key().map(ToString::to_string),
        channel: channel(&attempt.channel)?,
        channel_group: attempt.channel_group.as_ref().map(channel_group),
        country: order.country.as_deref().and_then(wire::Country::parse),
        currency: known("currency", wire::Currency::parse(order.currency.as_str()))?,
        custom_data: order.custom_data.clone(),
        customer: customer(&order.customer),
        escrow: is_captured.then(|| escrow(payment)).flatten(),
        receipt: receipt(&attempt.state, attempt.cash_receipt, &order.currency)?,
        is_cultural_expense: Some(order.is_cultural_expense),
        merchant_id: payment.merchant_id.to_string(),
        method: facts.method.take(),
        order_name: order.name.clone(),
        product_count: order.product_count,
        products: Some(products).filter(|list| !list.is_empty()),
        promotion_id: Some(order.promotion_id.clone().unwrap_or_default()),
        requested_at: attempt.requested_at.to_string(),
        schedule_id: attempt.schedule.as_ref().map(ToString::to_string),
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
        transaction_id: attempt.transaction_id(),
        version: match attempt.face() {
            Face::V1 => wire::PortOneVersion::V1,
            Face::V2 => wire::PortOneVersion::V2,
        },
    })
}

/// Amounts are arithmetic and the same in every status: `paid` is what was asked for less the
/// discount, whether or not it was paid and whatever was cancelled since. What was cancelled is in
/// the terms of the order, as `currentCancellableAmount` is.
const fn amount(order: Amount, discount: i64, cancelled: Amount) -> wire::PaymentAmount {
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
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Sending
        | AttemptState::Unknown { .. } => nothing,
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

/// A line of an order.
pub(super) fn product(product: &Product) -> wire::PaymentProduct {
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

/// Where a request came from.
pub(super) fn origin(origin: &Origin) -> wire::PaymentOrigin {
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
