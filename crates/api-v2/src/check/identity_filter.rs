//! The filter of `GET /identity-verifications`.

use naru_domain::{AttemptId, StoreId};
use naru_engine::identity::{IdentityFilter, PersonFilter};
use naru_engine::list::{ListFilter, Sort};
use naru_engine::records::StoreRecord;
use naru_engine::{Engine, Fault, Value};
use naru_wire_v2::{
    self as wire, IdentityVerificationFilterCustomerInput, IdentityVerificationFilterInput,
    IdentityVerificationSortBy, IdentityVerificationSortInput, IdentityVerificationTimeRangeField,
};

use super::bad;
use super::list::{Columns, order, span};
use super::text::{digits, text};
use crate::limits::{NAME_MAX, PAYMENT_ID_MAX, PHONE_DIGITS_MAX, SHORT_TEXT_MAX};

/// The filter of `GET /identity-verifications`.
pub(crate) fn identity_filter(
    engine: &Engine,
    input: Option<IdentityVerificationFilterInput>,
    sort: Option<IdentityVerificationSortInput>,
    (store, stores): (&StoreRecord, Vec<StoreId>),
) -> Result<IdentityFilter, Fault> {
    let mut input = input.unwrap_or_default();
    let now = engine.clock().business();
    let (from, until) = span(input.from.as_deref(), input.until.as_deref(), now)?;
    let (by, direction) = sort.map_or((None, None), |sort| (sort.by, sort.order));
    let time = match input.time_range_field {
        Some(IdentityVerificationTimeRangeField::RequestedAt) | None => "requested_at",
        Some(IdentityVerificationTimeRangeField::VerifiedAt) => "verified_at",
        Some(IdentityVerificationTimeRangeField::FailedAt) => "failed_at",
        Some(IdentityVerificationTimeRangeField::StatusUpdatedAt) => "status_changed_at",
    };
    let by = match by {
        Some(IdentityVerificationSortBy::RequestedAt) | None => "requested_at",
        Some(IdentityVerificationSortBy::VerifiedAt) => "verified_at",
        Some(IdentityVerificationSortBy::FailedAt) => "failed_at",
        Some(IdentityVerificationSortBy::StatusUpdatedAt) => "status_changed_at",
    };
    let customer = input.customer.take().unwrap_or_default();
    let tx_id = input.identity_verification_tx_id.take();
    let mut columns = columns(input)?;
    columns.extend(engine.person_columns(&store.merchant_id, person(customer)?));
    let attempt = tx_id.map(|text| attempt(&text)).transpose()?;
    if attempt == Some(None) {
        // No attempt has such an id: nothing matches.
        columns.push(("status", Vec::new()));
    }
    Ok(IdentityFilter {
        list: ListFilter {
            stores,
            time,
            from,
            until,
            columns,
            ranges: Vec::new(),
            search: Vec::new(),
            sort: Sort {
                by,
                order: order(direction),
            },
        },
        attempt: attempt.flatten(),
    })
}

/// The attempt of that id; nothing if it can't be one's.
fn attempt(value: &str) -> Result<Option<AttemptId>, Fault> {
    let field = "filter.identityVerificationTxId";
    let value = text(field, value.to_owned(), PAYMENT_ID_MAX)?;
    let plain: String = value.chars().filter(|c| *c != '-').collect();
    Ok(AttemptId::from_order_id(&plain).filter(|id| id.to_string() == value.to_lowercase()))
}

fn columns(
    input: IdentityVerificationFilterInput,
) -> Result<Vec<(&'static str, Vec<Value>)>, Fault> {
    let mut columns = Columns::default();
    let ids = [
        (
            ("verification_id", "filter.identityVerificationId"),
            input.identity_verification_id,
        ),
        (("pg_tx_id", "filter.pgTxId"), input.pg_tx_id),
        (
            ("pg_merchant_id", "filter.pgMerchantId"),
            input.pg_merchant_id,
        ),
    ];
    for (column, id) in ids {
        columns.id(column, id)?;
    }
    columns.is("is_test", input.is_test);
    columns.any(("status", "filter.statuses"), input.statuses, |one| {
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
    columns.any(("carrier", "filter.carriers"), input.carriers, |one| {
        one.as_str().to_owned()
    })?;
    columns.is(
        "portone_version",
        input.version.map(wire::PortOneVersion::as_str),
    );
    Ok(columns.0)
}

fn person(input: IdentityVerificationFilterCustomerInput) -> Result<PersonFilter, Fault> {
    let short = |name: &str, value: Option<String>| {
        let field = format!("filter.customer.{name}");
        value
            .map(|value| text(&field, value, SHORT_TEXT_MAX))
            .transpose()
    };
    // Months and days are kept as two digits; an empty text filters nothing.
    let two = |value: Option<String>| {
        let value = value.filter(|value| !value.trim().is_empty());
        value.map(|value| format!("{:0>2}", value.trim()))
    };
    let phone_number = input.phone_number.map(|value| {
        let number = digits(&value).filter(|number| number.len() <= PHONE_DIGITS_MAX);
        number.ok_or_else(|| bad("filter.customer.phoneNumber", "a phone number of digits"))
    });
    Ok(PersonFilter {
        name: input
            .name
            .map(|name| text("filter.customer.name", name, NAME_MAX))
            .transpose()?,
        birth_year: short("birthYear", input.birth_year)?,
        birth_month: two(short("birthMonth", input.birth_month)?),
        birth_day: two(short("birthDay", input.birth_day)?),
        phone_number: phone_number.transpose()?,
        gender: input.gender.map(|gender| gender.as_str().to_owned()),
    })
}
