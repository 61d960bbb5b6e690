//! What every list has: pages, the stores it is about, a window of time, filters by value.
//!
//! Values of one filter are alternatives, filters add up, an empty list filters nothing. Each
//! filter of the contract has a column, or the search index, behind it. The filters of one list
//! stand in a file of their own and are put together from this.

use naru_domain::{MerchantId, StoreId, Timestamp};
use naru_engine::Value;
use naru_engine::list::{Page, SearchTerm, SortOrder};
use naru_engine::payments::{CursorOf, CursorPage};
use naru_engine::{Caller, Engine, Fault};
use naru_wire_v2::{self as wire, DateTimeRange, PageInput, PaymentTextSearchField};

use super::bad;
use super::text::{digits, text, time};
use crate::limits::{
    FILTER_VALUES_MAX, ID_MAX, LIST_DAYS, PAGE_END_MAX, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX,
    SEARCH_VALUE_MAX,
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
pub(super) struct Columns(pub(super) Vec<(&'static str, Vec<Value>)>);

impl Columns {
    /// One value, if there is one.
    pub(super) fn is<T: Into<Value>>(&mut self, column: &'static str, value: Option<T>) {
        if let Some(value) = value {
            self.0.push((column, vec![value.into()]));
        }
    }

    /// An id of ours or of the merchant's.
    pub(super) fn id(
        &mut self,
        (column, field): (&'static str, &str),
        value: Option<String>,
    ) -> Result<(), Fault> {
        let value = value.map(|id| text(field, id, ID_MAX)).transpose()?;
        self.is(column, value);
        Ok(())
    }

    /// Several values; none given filters nothing.
    pub(super) fn any<T>(
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

/// From and until of a filter, where the default is the last 90 days.
pub(super) fn span(
    from: Option<&str>,
    until: Option<&str>,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), Fault> {
    window(("filter.from", from), ("filter.until", until), now)
}

fn window(
    (from_field, from): (&str, Option<&str>),
    (until_field, until): (&str, Option<&str>),
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), Fault> {
    let until = until.map_or(Ok(now), |text| time(until_field, text))?;
    let from = from.map_or(Ok(until.plus_seconds(-LIST_DAYS * 86_400)), |text| {
        time(from_field, text)
    })?;
    Ok((from, until))
}

/// A range of its own, if it is given.
pub(super) fn range(
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

/// Newest first, unless said otherwise.
pub(super) fn order(input: Option<wire::SortOrder>) -> SortOrder {
    match input {
        Some(wire::SortOrder::Asc) => SortOrder::Ascending,
        Some(wire::SortOrder::Desc) | None => SortOrder::Descending,
    }
}

/// A word to search for; an empty one searches for nothing.
pub(super) fn term(
    field: &str,
    name: &'static str,
    value: String,
) -> Result<Option<SearchTerm>, Fault> {
    let mut value = text(field, value, SEARCH_VALUE_MAX)?;
    // Phone numbers are kept as digits.
    if name == PaymentTextSearchField::CustomerPhoneNumber.as_str()
        && let Some(number) = digits(&value)
    {
        value = number;
    }
    let all = PaymentTextSearchField::All.as_str();
    let fields = if name == all {
        let names = PaymentTextSearchField::NAMES.iter();
        names.copied().filter(|name| *name != all).collect()
    } else {
        vec![name]
    };
    Ok((!value.trim().is_empty()).then_some(SearchTerm { fields, value }))
}

/// What a list by cursor asks for, apart from its stores.
pub(crate) struct CursorInput {
    pub(crate) cursor: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) until: Option<String>,
    pub(crate) size: Option<i32>,
}

/// A page of a list by cursor.
pub(crate) fn cursor_page(
    engine: &Engine,
    of: CursorOf,
    input: CursorInput,
    (merchant_id, stores): (MerchantId, Vec<StoreId>),
) -> Result<CursorPage, Fault> {
    let size = input.size.unwrap_or(PAGE_SIZE_DEFAULT);
    let size = u32::try_from(size)
        .ok()
        .filter(|_| (1..=PAGE_SIZE_MAX).contains(&size))
        .ok_or_else(|| bad("size", &format!("a number from 1 to {PAGE_SIZE_MAX}")))?;
    let now = engine.clock().business();
    let (from, until) = window(
        ("from", input.from.as_deref()),
        ("until", input.until.as_deref()),
        now,
    )?;
    // Whoever has no cursor yet may well send an empty one.
    let cursor = input.cursor.filter(|cursor| !cursor.is_empty());
    let position = |cursor: String| {
        engine.position(of, &merchant_id, &cursor).ok_or_else(|| {
            bad(
                "cursor",
                "a cursor of an item of this list, or none to begin",
            )
        })
    };
    Ok(CursorPage {
        after: cursor.map(position).transpose()?,
        merchant_id,
        stores,
        from,
        until,
        size,
    })
}
