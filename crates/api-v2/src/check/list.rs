//! Lists: pages, filters and their defaults.
//!
//! Values of one filter are alternatives, filters add up, an empty list filters nothing. Each
//! filter of the contract has a column, or the search index, behind it.

use naru_domain::{StoreId, Timestamp};
use naru_engine::Value;
use naru_engine::payments::{Page, PaymentFilter, PaymentSort, SearchTerm, SortOrder, TimeField};
use naru_engine::{Caller, Engine, Fault};
use naru_wire_v2::{
    self as wire, BillingKeyFilterInput, BillingKeySortBy, BillingKeySortInput,
    BillingKeyTimeRangeField, DateTimeRange, PageInput, PaymentFilterInput, PaymentSortBy,
    PaymentStatus, PaymentTextSearchField, PaymentTimestampType,
};

use super::bad;
use super::text::{digits, text, time};
use crate::limits::{
    FILTER_VALUES_MAX, ID_MAX, LIST_DAYS, PAGE_END_MAX, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX,
    SEARCH_TERMS_MAX, SEARCH_VALUE_MAX,
};

/// Which page.
pub(crate) fn page(input: Option<PageInput>) -> Result<Page, Fault> {
    let (number, size) = input.map_or((None, None), |page| (page.number, page.size));
    let (number, size) = (number.unwrap_or(0), size.unwrap_or(PAGE_SIZE_DEFAULT));
    let number_u32 =
        u32::try_from(number).map_err(|_| bad("page.number", "a number that is not negative"))?;
    let size_u32 = u32::try_from(size)
        .ok()
        .filter(|_| (1..=PAGE_SIZE_MAX).contains(&size))
        .ok_or_else(|| bad("page.size", &format!("a number from 1 to {PAGE_SIZE_MAX}")))?;
    if (i64::from(number) + 1) * i64::from(size) > PAGE_END_MAX {
        return Err(bad(
            "page",
            &format!("(`number` + 1) × `size` of at most {PAGE_END_MAX}"),
        ));
    }
    Ok(Page {
        number: number_u32,
        size: size_u32,
    })
}

/// The stores that a list is about: the named one, else all that the caller may see.
pub(crate) async fn stores(
    engine: &Engine,
    caller: &Caller,
    named: Option<&str>,
) -> Result<Vec<StoreId>, Fault> {
    match named {
        None => engine.stores_of(caller).await,
        Some(named) if named.contains('\0') => Err(Fault::Forbidden),
        Some(named) => {
            let store = engine.store_for(caller, Some(named)).await?;
            Ok(vec![store.id.clone()])
        }
    }
}

/// The columns that a filter names, with the values that match.
#[derive(Default)]
struct Columns(Vec<(&'static str, Vec<Value>)>);

impl Columns {
    fn is<T: Into<Value>>(&mut self, column: &'static str, value: Option<T>) {
        if let Some(value) = value {
            self.0.push((column, vec![value.into()]));
        }
    }

    fn any<T>(
        &mut self,
        (column, field): (&'static str, &str),
        values: Option<Vec<T>>,
        name: impl Fn(T) -> String,
    ) -> Result<(), Fault> {
        let values = values.unwrap_or_default();
        if values.len() > FILTER_VALUES_MAX {
            return Err(bad(field, &format!("at most {FILTER_VALUES_MAX} values")));
        }
        if !values.is_empty() {
            let values = values.into_iter().map(|value| name(value).into()).collect();
            self.0.push((column, values));
        }
        Ok(())
    }
}

/// From and until, where the default is the last 90 days.
fn span(
    from: Option<&str>,
    until: Option<&str>,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), Fault> {
    let until = until.map_or(Ok(now), |text| time("filter.until", text))?;
    let from = from.map_or(Ok(until.plus_seconds(-LIST_DAYS * 86_400)), |text| {
        time("filter.from", text)
    })?;
    Ok((from, until))
}

fn range(
    column: &'static str,
    field: &str,
    input: Option<&DateTimeRange>,
) -> Result<Option<(&'static str, Timestamp, Timestamp)>, Fault> {
    let Some(range) = input else {
        return Ok(None);
    };
    let from = time(&format!("filter.{field}.from"), &range.from)?;
    let until = time(&format!("filter.{field}.until"), &range.until)?;
    Ok(Some((column, from, until)))
}

fn order(input: Option<wire::SortOrder>) -> SortOrder {
    match input {
        Some(wire::SortOrder::Asc) => SortOrder::Ascending,
        Some(wire::SortOrder::Desc) | None => SortOrder::Descending,
    }
}

/// A word to search for; an empty one searches for nothing.
fn term(field: &str, name: &str, value: String) -> Result<Option<SearchTerm>, Fault> {
    let mut value = text(field, value, SEARCH_VALUE_MAX)?;
    // Phone numbers are kept as digits.
    if name == PaymentTextSearchField::CustomerPhoneNumber.as_str()
        && let Some(number) = digits(&value)
    {
        value = number;
    }
    Ok((!value.trim().is_empty()).then(|| SearchTerm {
        field: name.to_owned(),
        value,
    }))
}

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
    Ok(PaymentFilter {
        stores,
        time: match input.timestamp_type {
            Some(PaymentTimestampType::CreatedAt) => TimeField::CreatedAt,
            Some(PaymentTimestampType::StatusChangedAt) | None => TimeField::StatusChangedAt,
        },
        from,
        until,
        ranges: ranges.into_iter().flatten().collect(),
        webhook_statuses: input
            .webhook_status
            .map(wire::PaymentWebhookStatus::as_str)
            .into_iter()
            .collect(),
        sort: PaymentSort {
            by: match input.sort_by {
                Some(PaymentSortBy::RequestedAt) => TimeField::CreatedAt,
                Some(PaymentSortBy::StatusChangedAt) | None => TimeField::StatusChangedAt,
            },
            order: order(input.sort_order),
        },
        search: payment_search(&input)?,
        columns: payment_columns(input)?,
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
    let merchant_id = input
        .merchant_id
        .map(|id| text("filter.merchantId", id, ID_MAX))
        .transpose()?;
    columns.is("merchant_id", merchant_id);
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

/// The filter of `GET /billing-keys`.
pub(crate) fn billing_key_filter(
    input: Option<BillingKeyFilterInput>,
    sort: Option<BillingKeySortInput>,
    (stores, now): (Vec<StoreId>, Timestamp),
) -> Result<PaymentFilter, Fault> {
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
    Ok(PaymentFilter {
        stores,
        time: match input.time_range_field {
            Some(BillingKeyTimeRangeField::RequestedAt) | None => TimeField::RequestedAt,
            Some(BillingKeyTimeRangeField::IssuedAt) => TimeField::IssuedAt,
            Some(BillingKeyTimeRangeField::DeletedAt) => TimeField::DeletedAt,
            Some(BillingKeyTimeRangeField::StatusTimestamp) => TimeField::StatusAt,
        },
        from,
        until,
        ranges: Vec::new(),
        webhook_statuses: Vec::new(),
        search: search.into_iter().collect(),
        sort: PaymentSort {
            by: match by {
                Some(BillingKeySortBy::RequestedAt) | None => TimeField::RequestedAt,
                Some(BillingKeySortBy::IssuedAt) => TimeField::IssuedAt,
                Some(BillingKeySortBy::DeletedAt) => TimeField::DeletedAt,
                Some(BillingKeySortBy::StatusTimestamp) => TimeField::StatusAt,
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
    let customer_id = input
        .customer_id
        .map(|id| text("filter.customerId", id, ID_MAX))
        .transpose()?;
    columns.is("customer_id", customer_id);
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
