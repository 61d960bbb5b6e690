//! Instant payments and amounts registered beforehand.

use naru_domain::payment::PreRegistration;
use naru_domain::{ChannelGroupId, ChannelKey, Currency, Customer, PaymentId, Timestamp};
use naru_engine::Fault;
use naru_engine::payments::{ChannelChoice, PayInstantly, PayMethod, PayRequest};
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
    let channel = channel(body.channel_key, body.channel_group_id)?;
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
    if let ChannelChoice::Group(_) = channel {
        reachable(&order.customer)?;
    }
    Ok(PayRequest {
        payment_id,
        order,
        skip_webhook: body.skip_webhook.unwrap_or(false),
        method: PayInstantly { channel, method },
    })
}

/// The channel, or the group to draw one from. Where both are named, the channel counts.
pub(crate) fn channel(key: Option<String>, group: Option<String>) -> Result<ChannelChoice, Fault> {
    match (key, group) {
        (Some(key), _) => {
            let key = required("channelKey", key, ID_MAX)?;
            Ok(ChannelChoice::Channel(ChannelKey::new(key)))
        }
        (None, Some(group)) => {
            let group = required("channelGroupId", group, ID_MAX)?;
            Ok(ChannelChoice::Group(ChannelGroupId::new(group)))
        }
        (None, None) => Err(bad(
            "channelKey",
            "the key of a channel, or a `channelGroupId` instead",
        )),
    }
}

/// What some PGs want of every customer is wanted with every group: which of its channels is
/// drawn must not decide whether a request is good.
fn reachable(customer: &Customer) -> Result<(), Fault> {
    let wanted = [
        ("customer.name", &customer.name),
        ("customer.phoneNumber", &customer.phone_number),
        ("customer.email", &customer.email),
    ];
    match wanted.iter().find(|(_, value)| value.is_none()) {
        Some((field, _)) => Err(bad(field, "a text, since `channelGroupId` is given")),
        None => Ok(()),
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
