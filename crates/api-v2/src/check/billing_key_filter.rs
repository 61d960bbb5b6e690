//! The filter of `GET /billing-keys`.

use naru_domain::{StoreId, Timestamp};
use naru_engine::list::{ListFilter, Sort};
use naru_engine::{Fault, Value};
use naru_wire_v2::{
    self as wire, BillingKeyFilterInput, BillingKeySortBy, BillingKeySortInput,
    BillingKeyTimeRangeField,
};

use super::list::{Columns, order, span, term};
use super::text::text;
use crate::limits::ID_MAX;

/// The filter of `GET /billing-keys`.
pub(crate) fn billing_key_filter(
    input: Option<BillingKeyFilterInput>,
    sort: Option<BillingKeySortInput>,
    (stores, now): (Vec<StoreId>, Timestamp),
) -> Result<ListFilter, Fault> {
    let input = input.unwrap_or_default();
    let (from, until) = span(input.from.as_deref(), input.until.as_deref(), now)?;
    let (by, direction) = sort.map_or((None, None), |sort| (sort.by, sort.order));
    let search = input
        .text_search
        .as_ref()
        .map(|one| {
            term(
                "filter.textSearch.value",
                one.field.as_str(),
                one.value.clone(),
            )
        })
        .transpose()?
        .flatten();
    Ok(ListFilter {
        stores,
        time: match input.time_range_field {
            Some(BillingKeyTimeRangeField::RequestedAt) | None => "requested_at",
            Some(BillingKeyTimeRangeField::IssuedAt) => "issued_at",
            Some(BillingKeyTimeRangeField::DeletedAt) => "deleted_at",
            Some(BillingKeyTimeRangeField::StatusTimestamp) => "status_at",
        },
        from,
        until,
        ranges: Vec::new(),
        search: search.into_iter().collect(),
        sort: Sort {
            by: match by {
                Some(BillingKeySortBy::RequestedAt) | None => "requested_at",
                Some(BillingKeySortBy::IssuedAt) => "issued_at",
                Some(BillingKeySortBy::DeletedAt) => "deleted_at",
                Some(BillingKeySortBy::StatusTimestamp) => "status_at",
            },
            order: order(direction),
        },
        columns: billing_key_columns(input)?,
    })
}

fn billing_key_columns(
    input: BillingKeyFilterInput,
) -> Result<Vec<(&'static str, Vec<Value>)>, Fault> {
    let mut columns = Columns::default();
    columns.any(("status", "filter.status"), input.status, |one| {
        one.as_str().to_owned()
    })?;
    columns.any(("method", "filter.methods"), input.methods, |one| {
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
    let field = "filter.channelGroupIds";
    for id in input.channel_group_ids.iter().flatten() {
        text(field, id.clone(), ID_MAX)?;
    }
    columns.any(("channel_group_id", field), input.channel_group_ids, |id| {
        id
    })?;
    columns.id(("customer_id", "filter.customerId"), input.customer_id)?;
    columns.is(
        "platform_type",
        input.platform_type.map(wire::PaymentClientType::as_str),
    );
    columns.is(
        "portone_version",
        input.version.map(wire::PortOneVersion::as_str),
    );
    Ok(columns.0)
}
