//! Filters and pages of the B2B lists.

use naru_domain::b2b::CivilDate;
use naru_domain::{StoreId, Timestamp};
use naru_engine::list::{ListFilter, Page, Sort, SortOrder};
use naru_engine::{Condition, Fault};
use naru_wire_v2 as wire;

use super::super::bad;
use super::super::list::{Columns, order};
use super::super::text::text;
use super::invoice::date;
use super::key::brn;
use crate::limits::{ID_MAX, PAGE_END_MAX};

const PAGE_SIZE_DEFAULT: i32 = 500;
const PAGE_SIZE_MAX: i32 = 1_000;
/// Without a filter, today's list is of the last month.
const DEFAULT_DAYS: i64 = 30;
const ALL_TIME: (Timestamp, Timestamp) =
    (Timestamp::from_micros(0), Timestamp::from_micros(i64::MAX));

type Asked = (ListFilter, Vec<Condition>);

/// A page of a list of invoices, by number and size.
pub(crate) fn invoice_page(number: Option<i32>, size: Option<i32>) -> Result<Page, Fault> {
    let (number, size) = (number.unwrap_or(0), size.unwrap_or(PAGE_SIZE_DEFAULT));
    if number < 0 {
        return Err(bad("pageNumber", "a number that is not negative"));
    }
    if !(1..=PAGE_SIZE_MAX).contains(&size) {
        return Err(bad("pageSize", &format!("1 to {PAGE_SIZE_MAX}")));
    }
    if (i64::from(number) + 1) * i64::from(size) > PAGE_END_MAX {
        return Err(bad(
            "pageNumber",
            &format!("(`pageNumber` + 1) × `pageSize` of at most {PAGE_END_MAX}"),
        ));
    }
    Ok(Page {
        number: number.unsigned_abs(),
        size: size.unsigned_abs(),
    })
}

/// The page of `GET /b2b-preview/tax-invoices`.
pub(crate) fn preview_invoice_page(
    query: &wire::GetB2bPreviewTaxInvoicesQuery,
) -> Result<Page, Fault> {
    invoice_page(query.page_number, query.page_size)
}

/// What a date filter of invoices is about.
#[derive(Clone, Copy)]
enum DateType {
    Register,
    Write,
    Issue,
}

/// The days of a filter: on a column of moments, or on the written date.
fn days(kind: DateType, from: CivilDate, until: CivilDate) -> (Sort, Vec<Condition>) {
    let moments = |column: &'static str| {
        vec![
            Condition::AtLeast(column, from.begins_at().into()),
            Condition::Below(column, until.next().begins_at().into()),
        ]
    };
    let (by, conditions) = match kind {
        DateType::Register => ("created_at", moments("created_at")),
        // What is not issued has no such date, and is not in the list.
        DateType::Issue => ("issued_at", moments("issued_at")),
        DateType::Write => (
            "write_date",
            vec![
                Condition::AtLeast("write_date", from.to_string().into()),
                Condition::AtMost("write_date", until.to_string().into()),
            ],
        ),
    };
    let sort = Sort {
        by,
        order: SortOrder::Descending,
    };
    (sort, conditions)
}

fn filter(store: StoreId, sort: Sort) -> ListFilter {
    let (from, until) = ALL_TIME;
    ListFilter {
        stores: vec![store],
        // Every invoice has one; the days are conditions of their own.
        time: "created_at",
        from,
        until,
        columns: Vec::new(),
        ranges: Vec::new(),
        search: Vec::new(),
        sort,
    }
}

/// The filter of `GET /b2b-preview/tax-invoices`.
pub(crate) fn preview_invoice_filter(
    query: &wire::GetB2bPreviewTaxInvoicesQuery,
    store: StoreId,
) -> Result<Asked, Fault> {
    let from = date("from", &query.from)?;
    let until = date("until", &query.until)?;
    if until < from {
        return Err(bad("until", "a date that is not before `from`"));
    }
    let kind = match query.date_type {
        wire::B2bPreviewSearchDateType::Register => DateType::Register,
        wire::B2bPreviewSearchDateType::Write => DateType::Write,
        wire::B2bPreviewSearchDateType::Issue => DateType::Issue,
    };
    let (sort, mut conditions) = days(kind, from, until);
    let column = match query.document_key_type {
        Some(wire::B2bTaxInvoiceDocumentKeyType::Supplier) => "supplier_brn",
        Some(wire::B2bTaxInvoiceDocumentKeyType::Recipient) | None => "recipient_brn",
    };
    let company = brn("brn", &query.brn)?;
    conditions.push(Condition::Is(column, company.as_str().into()));
    // A creation that failed was never in this edition's world.
    let shown = PREVIEW_STATUSES.iter().map(|one| (*one).into()).collect();
    conditions.push(Condition::In("status", shown));
    Ok((filter(store, sort), conditions))
}

const PREVIEW_STATUSES: [&str; 17] = [
    "DRAFTED",
    "REQUESTED",
    "REQUEST_PENDING",
    "REQUEST_FAILED",
    "REQUEST_CANCELLED",
    "ISSUED",
    "ISSUE_PENDING",
    "ISSUE_FAILED",
    "BEFORE_SENDING",
    "WAITING_SENDING",
    "SENDING",
    "SENDING_COMPLETED",
    "SENDING_FAILED",
    "REQUEST_REFUSED",
    "ISSUANCE_CANCELLED",
    "CANCEL_PENDING",
    "SENDING_PENDING",
];

/// The filter of today's lists and sheet.
pub(crate) fn invoice_filter(
    input: Option<wire::GetB2bTaxInvoicesBodyFilter>,
    sort: Option<wire::B2bTaxInvoiceSortInput>,
    (store, now): (StoreId, Timestamp),
) -> Result<Asked, Fault> {
    let input = input.unwrap_or_default();
    let (mut by_date, mut conditions) = primary(input.primary_filter, now)?;
    if let Some(sort) = sort {
        by_date = Sort {
            by: sort_column(sort.by),
            order: order(sort.order),
        };
    }
    let mut columns = Columns::default();
    columns.any(("status", "filter.statuses"), input.statuses, |one| {
        one.as_str().to_owned()
    })?;
    columns.any(
        ("issuance", "filter.issuanceTypes"),
        input.issuance_types,
        |one| one.as_str().to_owned(),
    )?;
    columns.any(
        ("taxation", "filter.taxationTypes"),
        input.taxation_types,
        |one| one.as_str().to_owned(),
    )?;
    columns.any(
        ("purpose", "filter.purposeTypes"),
        input.purpose_types,
        |one| one.as_str().to_owned(),
    )?;
    columns.any(
        ("modification", "filter.documentModificationTypes"),
        input.document_modification_types,
        |one| one.as_str().to_owned(),
    )?;
    if let Some(text) = &input.supplier_brn {
        let company = brn("filter.supplierBrn", text)?;
        columns.is("supplier_brn", Some(company.as_str()));
    }
    // The partner is the supplier of a reverse invoice and the recipient of a forward one.
    if let Some(text) = &input.partner_brn {
        let company = brn("filter.partnerBrn", text)?;
        columns.is("partner_brn", Some(company.as_str()));
    }
    columns.id(
        ("partner_counterparty_id", "filter.counterpartyId"),
        input.counterparty_id,
    )?;
    if let Some(is_delayed) = input.is_delayed {
        conditions.push(delayed(is_delayed, now));
    }
    let mut filter = filter(store, by_date);
    filter.columns = columns.0;
    Ok((filter, conditions))
}

/// What is issued late, or would be by now.
fn delayed(is_delayed: bool, now: Timestamp) -> Condition {
    let today = CivilDate::in_korea(now).to_string().into();
    if is_delayed {
        Condition::AtMost("delayed_from", today)
    } else {
        Condition::Above("delayed_from", today)
    }
}

fn sort_column(by: Option<wire::B2bTaxInvoiceSortBy>) -> &'static str {
    use wire::B2bTaxInvoiceSortBy as By;
    match by {
        Some(By::WriteDate) => "write_date",
        Some(By::IssuanceDueDate) => "due_date",
        Some(By::TotalAmount) => "total",
        Some(By::TotalSupplyAmount) => "total_supply",
        Some(By::TotalTaxAmount) => "total_tax",
        Some(By::RequestedAt) => "requested_at",
        Some(By::IssuedAt) => "issued_at",
        Some(By::NtsSentAt) => "nts_sent_at",
        Some(By::StatusUpdatedAt) | None => "status_at",
    }
}

/// Exactly one of the primary filter's fields, or the last month.
fn primary(
    input: Option<wire::GetB2bTaxInvoicesBodyPrimaryFilter>,
    now: Timestamp,
) -> Result<(Sort, Vec<Condition>), Fault> {
    let today = CivilDate::in_korea(now);
    let month_ago = CivilDate::in_korea(now.plus_seconds(-DEFAULT_DAYS * 86_400));
    let Some(input) = input else {
        return Ok(days(DateType::Register, month_ago, today));
    };
    let mut found = Vec::new();
    let mut is = |column: &'static str, field: &str, value: Option<String>| {
        if let Some(value) = value {
            let name = format!("filter.primaryFilter.{field}");
            found.push(Condition::Is(column, text(&name, value, ID_MAX)?.into()));
        }
        Ok::<(), Fault>(())
    };
    is("invoice_id", "taxInvoiceId", input.tax_invoice_id)?;
    is(
        "approval_number",
        "ntsApprovalNumber",
        input.nts_approval_number,
    )?;
    is(
        "supplier_key",
        "supplierDocumentKey",
        input.supplier_document_key,
    )?;
    is(
        "recipient_key",
        "recipientDocumentKey",
        input.recipient_document_key,
    )?;
    is("bulk_id", "bulkTaxInvoiceId", input.bulk_tax_invoice_id)?;
    // Payouts belong to the platform operations, which are not served: no invoice is of one.
    if let Some(payout) = input.payout_id {
        text("filter.primaryFilter.payoutId", payout, ID_MAX)?;
        found.push(Condition::In("invoice_id", Vec::new()));
    }
    if let Some(ids) = input.tax_invoice_ids {
        let ids = ids
            .into_iter()
            .map(|id| text("filter.primaryFilter.taxInvoiceIds", id, ID_MAX));
        let ids = ids.collect::<Result<Vec<_>, _>>()?;
        if ids.len() > crate::limits::FILTER_VALUES_MAX {
            let most = crate::limits::FILTER_VALUES_MAX;
            let name = "filter.primaryFilter.taxInvoiceIds";
            return Err(bad(name, &format!("at most {most} values")));
        }
        found.push(Condition::In(
            "invoice_id",
            ids.into_iter().map(Into::into).collect(),
        ));
    }
    let sort = Sort {
        by: "status_at",
        order: SortOrder::Descending,
    };
    match (found.len(), input.date_filter) {
        (0, None) => Ok(days(DateType::Register, month_ago, today)),
        (1, None) => Ok((sort, found)),
        (0, Some(dates)) => date_filter(dates, (month_ago, today)),
        (_, None | Some(_)) => Err(bad("filter.primaryFilter", "exactly one of its fields")),
    }
}

fn date_filter(
    input: wire::GetB2bTaxInvoicesBodyDateFilter,
    (month_ago, today): (CivilDate, CivilDate),
) -> Result<(Sort, Vec<Condition>), Fault> {
    let kind = match input.date_type {
        Some(wire::B2bSearchDateType::Write) => DateType::Write,
        Some(wire::B2bSearchDateType::Issue) => DateType::Issue,
        Some(wire::B2bSearchDateType::Register) | None => DateType::Register,
    };
    let field = "filter.primaryFilter.dateFilter.dateRange";
    let range = input.date_range.unwrap_or_default();
    let [one] = range.as_slice() else {
        if range.is_empty() {
            return Ok(days(kind, month_ago, today));
        }
        return Err(bad(field, "one range"));
    };
    let read = |text: &Option<String>, default| {
        text.as_ref().map_or(Ok(default), |text| date(field, text))
    };
    let (from, until) = (read(&one.from, month_ago)?, read(&one.until, today)?);
    if until < from {
        return Err(bad(field, "`until` that is not before `from`"));
    }
    Ok(days(kind, from, until))
}

/// The filter of `GET /b2b/counterparties`.
pub(crate) fn counterparty_filter(
    input: Option<wire::B2bCounterpartyFilter>,
    store: StoreId,
) -> Result<Asked, Fault> {
    let input = input.unwrap_or_default();
    let sort = Sort {
        by: "created_at",
        order: SortOrder::Descending,
    };
    let mut filter = filter(store, sort);
    let mut columns = Columns::default();
    columns.any(
        ("business_status", "filter.businessStatuses"),
        input.business_statuses,
        |one| one.as_str().to_owned(),
    )?;
    columns.any(
        ("nts_connection", "filter.ntsConnectionStatuses"),
        input.nts_connection_statuses,
        |one| one.as_str().to_owned(),
    )?;
    columns.any(
        ("counterparty_id", "filter.counterpartyIds"),
        input.counterparty_ids,
        |id| id.replace('\0', ""),
    )?;
    columns.id(("counterparty_id", "filter.id"), input.id)?;
    if let Some(number) = &input.brn {
        columns.is("brn", Some(brn("filter.brn", number)?.as_str()));
    }
    filter.columns = columns.0;
    // Names are searched for by how they begin.
    let mut conditions = Vec::new();
    for (column, field, value) in [
        ("name", "companyName", input.company_name),
        (
            "representative_name",
            "representativeName",
            input.representative_name,
        ),
        ("contact_name", "contactName", input.contact_name),
        ("contact_email", "contactEmail", input.contact_email),
        ("contact_phone", "contactPhone", input.contact_phone),
    ] {
        if let Some(value) = value {
            let value = text(&format!("filter.{field}"), value, ID_MAX)?;
            conditions.push(Condition::Prefix(column, value));
        }
    }
    Ok((filter, conditions))
}
