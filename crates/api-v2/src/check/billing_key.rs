//! Billing keys: their issue and their charges.

use naru_domain::{BillingKeyId, ChannelKey, PaymentId};
use naru_engine::payments::{ChargeKey, PayRequest};
use naru_engine::{Fault, IssueRequest};
use naru_wire_v2::{BillingKeyPaymentInput, IssueBillingKeyBody};

use super::bad;
use super::card::{credential, installment_months};
use super::customer::customer;
use super::order::{OrderInput, custom_data, order};
use super::pay::channel;
use super::text::{notice_urls, required};
use crate::limits::ID_MAX;

/// A charge of a billing key.
pub(crate) fn pay_with_billing_key(
    payment_id: PaymentId,
    body: BillingKeyPaymentInput,
) -> Result<PayRequest<ChargeKey>, Fault> {
    let charge = ChargeKey {
        billing_key: required("billingKey", body.billing_key, ID_MAX).map(BillingKeyId::new)?,
        channel: body
            .channel_key
            .map(|key| required("channelKey", key, ID_MAX).map(ChannelKey::new))
            .transpose()?,
        installment_months: installment_months("installmentMonth", body.installment_month)?,
        is_interest_free: body.use_free_interest_from_merchant.unwrap_or(false),
        use_card_point: body.use_card_point.unwrap_or(false),
    };
    let order = order(OrderInput {
        name: body.order_name,
        amount: body.amount,
        currency: body.currency,
        customer: body.customer,
        products: body.products,
        product_count: body.product_count,
        custom_data: body.custom_data,
        country: body.country,
        notice_urls: body.notice_urls,
        promotion_id: body.promotion_id,
        is_cultural_expense: None,
        is_escrow: None,
    })?;
    Ok(PayRequest {
        payment_id,
        order,
        skip_webhook: body.skip_webhook.unwrap_or(false),
        method: charge,
    })
}

/// An issue.
pub(crate) fn issue(body: IssueBillingKeyBody) -> Result<IssueRequest, Fault> {
    let channel = channel(body.channel_key, body.channel_group_id)?;
    let card = body.method.card.ok_or_else(|| bad("method", "a `card`"))?;
    Ok(IssueRequest {
        channel,
        card: credential(card.credential)?,
        customer: customer(body.customer)?,
        custom_data: custom_data(body.custom_data)?,
        notice_urls: notice_urls(body.notice_urls)?,
        skip_webhook: body.skip_webhook.unwrap_or(false),
    })
}
