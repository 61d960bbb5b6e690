//! Schedules: making, revoking, listing.

use naru_domain::{BillingKeyId, PaymentId, ScheduleId, StoreId, Timestamp};
use naru_engine::Fault;
use naru_engine::list::{ListFilter, Sort};
use naru_engine::payments::PayRequest;
use naru_engine::schedules::{REVOKED_MAX, RevokeSchedules, SchedulePayment};
use naru_wire_v2::{
    BillingKeyPaymentInput, BillingKeyPaymentScheduleInput, CreatePaymentScheduleBody,
    PaymentScheduleFilterInput, PaymentScheduleSortBy, PaymentScheduleSortInput,
    RevokePaymentSchedulesBody,
};

use super::bad;
use super::billing_key::pay_with_billing_key;
use super::list::{Columns, order, span};
use super::text::{required, time};
use crate::limits::ID_MAX;

/// A schedule: a charge of a billing key, at a time.
pub(crate) fn schedule(
    payment_id: PaymentId,
    body: CreatePaymentScheduleBody,
) -> Result<SchedulePayment, Fault> {
    let PayRequest {
        payment_id,
        order,
        method,
        ..
    } = pay_with_billing_key(payment_id, charge(body.payment)).map_err(inside_payment)?;
    Ok(SchedulePayment {
        payment_id,
        order,
        charge: method,
        time_to_pay: time("timeToPay", &body.time_to_pay)?,
    })
}

/// The same as a charge made at once, but that its webhooks can't be skipped.
fn charge(input: BillingKeyPaymentScheduleInput) -> BillingKeyPaymentInput {
    BillingKeyPaymentInput {
        amount: input.amount,
        billing_key: input.billing_key,
        bypass: input.bypass,
        cash_receipt: input.cash_receipt,
        channel_key: input.channel_key,
        country: input.country,
        currency: input.currency,
        custom_data: input.custom_data,
        customer: input.customer,
        installment_month: input.installment_month,
        locale: input.locale,
        notice_urls: input.notice_urls,
        order_name: input.order_name,
        product_count: input.product_count,
        product_type: input.product_type,
        products: input.products,
        promotion_id: input.promotion_id,
        shipping_address: input.shipping_address,
        skip_webhook: None,
        store_id: input.store_id,
        use_card_point: input.use_card_point,
        use_free_interest_from_merchant: input.use_free_interest_from_merchant,
    }
}

/// A refusal names the field first, in backticks; here it stands inside `payment`.
fn inside_payment(fault: Fault) -> Fault {
    match fault {
        Fault::InvalidRequest { message } => Fault::InvalidRequest {
            message: match message.strip_prefix('`') {
                Some(rest) if !rest.starts_with("paymentId`") => format!("`payment.{rest}"),
                Some(_) | None => message,
            },
        },
        other => other,
    }
}

/// Which schedules to revoke.
pub(crate) fn revoke_schedules(body: RevokePaymentSchedulesBody) -> Result<RevokeSchedules, Fault> {
    let ids = body.schedule_ids.unwrap_or_default();
    if ids.len() > REVOKED_MAX as usize {
        return Err(bad("scheduleIds", &format!("at most {REVOKED_MAX} ids")));
    }
    let billing_key = body
        .billing_key
        .map(|key| required("billingKey", key, ID_MAX).map(BillingKeyId::new))
        .transpose()?;
    if ids.is_empty() && billing_key.is_none() {
        return Err(bad("scheduleIds", "ids, or a `billingKey` instead"));
    }
    let ids = ids
        .into_iter()
        .enumerate()
        .map(|(index, id)| required(&format!("scheduleIds[{index}]"), id, ID_MAX));
    Ok(RevokeSchedules {
        billing_key,
        ids: ids
            .map(|id| id.map(ScheduleId::new))
            .collect::<Result<_, _>>()?,
    })
}

/// The filter of `GET /payment-schedules`. Without `until` it ends now, so that what is still to
/// come is not in it.
pub(crate) fn schedule_filter(
    input: Option<PaymentScheduleFilterInput>,
    sort: Option<PaymentScheduleSortInput>,
    (store, now): (StoreId, Timestamp),
) -> Result<ListFilter, Fault> {
    let input = input.unwrap_or_default();
    let sort = sort.unwrap_or_default();
    let (from, until) = span(input.from.as_deref(), input.until.as_deref(), now)?;
    let mut columns = Columns::default();
    columns.id(("billing_key", "filter.billingKey"), input.billing_key)?;
    columns.any(("status", "filter.status"), input.status, |status| {
        status.as_str().to_owned()
    })?;
    columns.is("is_test", input.is_for_test);
    Ok(ListFilter {
        stores: vec![store],
        time: "time_to_pay",
        from,
        until,
        columns: columns.0,
        ranges: Vec::new(),
        search: Vec::new(),
        sort: Sort {
            by: match sort.by {
                Some(PaymentScheduleSortBy::CreatedAt) => "created_at",
                Some(PaymentScheduleSortBy::TimeToPay) | None => "time_to_pay",
                Some(PaymentScheduleSortBy::CompletedAt) => "completed_at",
                Some(PaymentScheduleSortBy::StatusTimestamp) => "status_at",
            },
            order: order(sort.order),
        },
    })
}
