//! The filter of `GET /payments`.

use naru_domain::{StoreId, Timestamp};
use naru_engine::list::{ListFilter, SearchTerm, Sort};
use naru_engine::payments::PaymentFilter;
use naru_engine::{Fault, Value};
use naru_wire_v2::{
    self as wire, PaymentFilterInput, PaymentSortBy, PaymentStatus, PaymentTimestampType,
};

use super::bad;
use super::list::{Columns, order, range, span, term};
use crate::limits::SEARCH_TERMS_MAX;

/// The filter of `GET /payments`.
pub(crate) fn payment_filter(
    input: Option<PaymentFilterInput>,
    (stores, now): (Vec<StoreId>, Timestamp),
) -> Result<PaymentFilter, Fault> {
    let input = input.unwrap_or_default();
    let (from, until) = span(input.from.as_deref(), input.until.as_deref(), now)?;
    let ranges = [
        range(
            "cash_receipt_issued_at",
            "cashReceiptIssuedAtRange",
            input.cash_receipt_issued_at_range.as_ref(),
        )?,
        range(
            "cash_receipt_cancelled_at",
            "cashReceiptCancelledAtRange",
            input.cash_receipt_cancelled_at_range.as_ref(),
        )?,
    ];
    let list = ListFilter {
        stores,
        time: match input.timestamp_type {
            Some(PaymentTimestampType::CreatedAt) => "created_at",
            Some(PaymentTimestampType::StatusChangedAt) | None => "status_changed_at",
        },
        from,
        until,
        ranges: ranges.into_iter().flatten().collect(),
        sort: Sort {
            by: match input.sort_by {
                Some(PaymentSortBy::RequestedAt) => "created_at",
                Some(PaymentSortBy::StatusChangedAt) | None => "status_changed_at",
            },
            order: order(input.sort_order),
        },
        search: payment_search(&input)?,
        columns: Vec::new(),
    };
    let webhook_status = input.webhook_status.map(wire::PaymentWebhookStatus::as_str);
    Ok(PaymentFilter {
        webhook_statuses: webhook_status.into_iter().collect(),
        list: ListFilter {
            columns: payment_columns(input)?,
            ..list
        },
    })
}

fn payment_search(input: &PaymentFilterInput) -> Result<Vec<SearchTerm>, Fault> {
    let terms = input.text_search.as_deref().unwrap_or_default();
    if terms.len() > SEARCH_TERMS_MAX {
        return Err(bad(
            "filter.textSearch",
            &format!("at most {SEARCH_TERMS_MAX} words"),
        ));
    }
    let mut found = Vec::new();
    for (index, one) in terms.iter().enumerate() {
        let field = format!("filter.textSearch[{index}].value");
        found.extend(term(&field, one.field.as_str(), one.value.clone())?);
    }
    Ok(found)
}

/// The list of statuses says PENDING where payments say PAY_PENDING.
const fn status_name(status: PaymentStatus) -> &'static str {
    match status {
        PaymentStatus::Pending => "PAY_PENDING",
        status => status.as_str(),
    }
}

fn payment_columns(input: PaymentFilterInput) -> Result<Vec<(&'static str, Vec<Value>)>, Fault> {
    let mut columns = Columns::default();
    columns.id(("merchant_id", "filter.merchantId"), input.merchant_id)?;
    columns.any(("status", "filter.status"), input.status, |status| {
        status_name(status).to_owned()
    })?;
    columns.any(("method", "filter.methods"), input.methods, |one| {
        one.as_str().to_owned()
    })?;
    columns.any(
        ("pg_provider", "filter.pgProvider"),
        input.pg_provider,
        |one| one.as_str().to_owned(),
    )?;
    columns.is("is_test", input.is_test);
    columns.is("is_scheduled", input.is_scheduled);
    columns.is(
        "portone_version",
        input.version.map(wire::PortOneVersion::as_str),
    );
    columns.is(
        "platform_type",
        input.platform_type.map(wire::PaymentClientType::as_str),
    );
    columns.is("currency", input.currency.map(wire::Currency::as_str));
    columns.is("is_escrow", input.is_escrow);
    columns.is(
        "escrow_status",
        input
            .escrow_status
            .map(wire::PaymentFilterInputEscrowStatus::as_str),
    );
    columns.is("card_brand", input.card_brand.map(wire::CardBrand::as_str));
    columns.is("card_type", input.card_type.map(wire::CardType::as_str));
    columns.is(
        "card_owner_type",
        input.card_owner_type.map(wire::CardOwnerType::as_str),
    );
    columns.is(
        "gift_certificate_type",
        input
            .gift_certificate_type
            .map(wire::PaymentMethodGiftCertificateType::as_str),
    );
    columns.is(
        "cash_receipt_type",
        input
            .cash_receipt_type
            .map(wire::CashReceiptInputType::as_str),
    );
    columns.is(
        "cash_receipt_status",
        input
            .cash_receipt_status
            .map(wire::PaymentCashReceiptStatus::as_str),
    );
    Ok(columns.0)
}
