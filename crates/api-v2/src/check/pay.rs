//! Instant payments and amounts registered beforehand.

use naru_domain::payment::PreRegistration;
use naru_domain::{ChannelKey, Currency, PaymentId, Timestamp};
use naru_engine::Fault;
use naru_engine::payments::{PayInstantly, PayMethod, PayRequest};
use naru_wire_v2::{InstantPaymentInput, InstantPaymentMethodInput, PreRegisterPaymentBody};

use super::bad;
use super::card::card;
use super::order::{OrderInput, not_negative, order, positive};
use super::text::required;
use super::virtual_account::account;
use crate::limits::ID_MAX;

/// An instant payment.
pub(crate) fn pay_instantly(
    payment_id: PaymentId,
    body: InstantPaymentInput,
    now: Timestamp,
) -> Result<PayRequest<PayInstantly>, Fault> {
    let channel = channel_key(body.channel_key, body.channel_group_id.as_deref())?;
    let method = method(body.method, now)?;
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
        is_cultural_expense: body.is_cultural_expense,
        is_escrow: body.is_escrow,
    })?;
    Ok(PayRequest {
        payment_id,
        order,
        skip_webhook: body.skip_webhook.unwrap_or(false),
        method: PayInstantly { channel, method },
    })
}

/// The channel. Where a group is named too, the channel counts.
pub(super) fn channel_key(key: Option<String>, group: Option<&str>) -> Result<ChannelKey, Fault> {
    match (key, group) {
        (Some(key), _) => required("channelKey", key, ID_MAX).map(ChannelKey::new),
        (None, Some(_)) => Err(bad(
            "channelGroupId",
            "nothing: this version of the server has no channel groups, name a `channelKey`",
        )),
        (None, None) => Err(bad("channelKey", "the key of a channel")),
    }
}

fn method(input: InstantPaymentMethodInput, now: Timestamp) -> Result<PayMethod, Fault> {
    match (input.card, input.virtual_account) {
        (Some(input), None) => card(input).map(PayMethod::Card),
        (None, Some(input)) => account(input, now),
        _ => Err(bad("method", "exactly one of `card` and `virtualAccount`")),
    }
}

/// An amount registered beforehand. What is left out is not checked later.
pub(crate) fn pre_registration(body: &PreRegisterPaymentBody) -> Result<PreRegistration, Fault> {
    let total = positive("totalAmount", body.total_amount)?;
    let tax_free = not_negative("taxFreeAmount", body.tax_free_amount)?;
    if let (Some(total), Some(tax_free)) = (total, tax_free)
        && tax_free > total
    {
        return Err(bad("taxFreeAmount", "at most `totalAmount`"));
    }
    Ok(PreRegistration {
        total,
        tax_free,
        currency: body
            .currency
            .map(|currency| Currency::new(currency.as_str())),
    })
}
