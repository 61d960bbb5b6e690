//! Cash receipts: for whom, for what, and the filter of their list.

use naru_domain::cash_receipt::ReceiptKind;
use naru_domain::{ChannelKey, Currency, Customer, StoreId, Timestamp};
use naru_engine::cash_receipts::{IssueReceiptRequest, ReceiptFilter};
use naru_engine::list::{ListFilter, Sort};
use naru_engine::{Fault, Secret, Value};
use naru_wire_v2::{
    self as wire, CashReceiptFilterInput, CashReceiptSortBy, CashReceiptSortInput,
    CashReceiptTimeRangeField, IssueCashReceiptBody, IssueCashReceiptCustomerInput,
};

use super::bad;
use super::customer::phone_number;
use super::list::{Columns, order, span};
use super::order::amount;
use super::text::{digits, optional, payment_id, required, text, time};
use crate::limits::{EMAIL_MAX, ID_MAX, NAME_MAX, ORDER_NAME_MAX, RECEIPT_DIGITS_MAX};

/// A receipt to be issued. What only other PGs need is read and not passed on.
pub(crate) fn issue_cash_receipt(body: IssueCashReceiptBody) -> Result<IssueReceiptRequest, Fault> {
    if let Some(paid_at) = &body.paid_at {
        time("paidAt", paid_at)?;
    }
    if let Some(number) = &body.business_registration_number {
        let is_business = digits(number).is_some_and(|number| number.len() == 10);
        if !is_business {
            return Err(bad("businessRegistrationNumber", "ten digits"));
        }
    }
    let request = IssueReceiptRequest {
        payment_id: payment_id(&body.payment_id)?,
        channel: required("channelKey", body.channel_key, ID_MAX).map(ChannelKey::new)?,
        kind: match body.r#type {
            wire::CashReceiptType::Personal => ReceiptKind::Personal,
            wire::CashReceiptType::Corporate => ReceiptKind::Corporate,
        },
        order_name: required("orderName", body.order_name, ORDER_NAME_MAX)?,
        currency: Currency::new(body.currency.as_str()),
        identity: identity_number("customer.identityNumber", &body.customer.identity_number)?,
        customer: customer(body.customer)?,
        amount: amount(&body.amount)?,
    };
    if !request.amount.parts_hold() {
        return Err(bad(
            "amount",
            "`taxFree` and `vat` of at most `total` together",
        ));
    }
    Ok(request)
}

/// The number that names a customer or a business to the tax office.
pub(super) fn identity_number(field: &str, value: &str) -> Result<Secret, Fault> {
    digits(value)
        .filter(|number| (1..=RECEIPT_DIGITS_MAX).contains(&number.len()))
        .map(Secret::new)
        .ok_or_else(|| bad(field, &format!("1 to {RECEIPT_DIGITS_MAX} digits")))
}

fn customer(input: IssueCashReceiptCustomerInput) -> Result<Customer, Fault> {
    Ok(Customer {
        name: optional("customer.name", input.name, NAME_MAX)?,
        email: optional("customer.email", input.email, EMAIL_MAX)?,
        phone_number: phone_number(input.phone_number)?,
        ..Customer::default()
    })
}

/// The filter of `GET /cash-receipts`.
pub(crate) fn cash_receipt_filter(
    input: Option<CashReceiptFilterInput>,
    sort: Option<CashReceiptSortInput>,
    (stores, now): (Vec<StoreId>, Timestamp),
) -> Result<ReceiptFilter, Fault> {
    let mut input = input.unwrap_or_default();
    let (from, until) = span(input.from.as_deref(), input.until.as_deref(), now)?;
    let (by, direction) = sort.map_or((None, None), |sort| (sort.by, sort.order));
    let order_name = input.order_name.take();
    let order_name = order_name.filter(|name| !name.trim().is_empty());
    Ok(ReceiptFilter {
        order_name: order_name
            .map(|name| text("filter.orderName", name, ORDER_NAME_MAX))
            .transpose()?,
        list: ListFilter {
            stores,
            time: match input.time_range_field {
                Some(CashReceiptTimeRangeField::IssuedAt) | None => "issued_at",
                Some(CashReceiptTimeRangeField::CancelledAt) => "cancelled_at",
                Some(CashReceiptTimeRangeField::StatusUpdatedAt) => "status_changed_at",
            },
            from,
            until,
            columns: columns(input)?,
            ranges: Vec::new(),
            search: Vec::new(),
            sort: Sort {
                by: match by {
                    Some(CashReceiptSortBy::IssuedAt) | None => "issued_at",
                    Some(CashReceiptSortBy::CancelledAt) => "cancelled_at",
                    Some(CashReceiptSortBy::StatusUpdatedAt) => "status_changed_at",
                },
                order: order(direction),
            },
        },
    })
}

fn columns(input: CashReceiptFilterInput) -> Result<Vec<(&'static str, Vec<Value>)>, Fault> {
    let mut columns = Columns::default();
    for (column, id) in [
        (("payment_id", "filter.paymentId"), input.payment_id),
        (("pg_receipt_id", "filter.pgReceiptId"), input.pg_receipt_id),
        (
            ("pg_merchant_id", "filter.pgMerchantId"),
            input.pg_merchant_id,
        ),
    ] {
        columns.id(column, id)?;
    }
    columns.is("is_test", input.is_test);
    columns.is("is_manual", input.is_manual);
    columns.any(("status", "filter.statuses"), input.statuses, |one| {
        one.as_str().to_owned()
    })?;
    columns.any(("receipt_type", "filter.types"), input.types, |one| {
        one.as_str().to_owned()
    })?;
    columns.any(
        ("pg_provider", "filter.pgProviders"),
        input.pg_providers,
        |one| one.as_str().to_owned(),
    )?;
    columns.any(
        ("pg_company", "filter.pgCompanies"),
        input.pg_companies,
        |one| one.as_str().to_owned(),
    )?;
    columns.is(
        "portone_version",
        input.version.map(wire::PortOneVersion::as_str),
    );
    Ok(columns.0)
}
