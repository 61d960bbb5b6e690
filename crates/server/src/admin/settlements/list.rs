//! Reports, lines and differences: from query strings to the engine, and to the shapes of
//! [`super::types`].

use axum::extract::{Query, State};
use naru_domain::settlement::{MatchStatus, Reason, Summary};
use naru_domain::{ChannelKey, Currency, Day, DifferenceKind, PaymentId, StoreId, Timestamp};
use naru_engine::reconcile::{Axis, DifferenceFilter, ReportFilter};
use naru_engine::records::{DifferenceRecord, DifferenceState, SettlementLineRecord};
use naru_engine::{Engine, Fault};
use serde::Deserialize;

use super::types::{Difference, Differences, Line, Lines, Report, ReportDay, Sums};
use crate::admin::routes::{Answer, json, refused};

/// Items of a page where nobody says.
const LIMIT: u32 = 100;

/// The query of reports and lines; several values of one name are separated by commas.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct ReportQuery {
    store: Option<String>,
    by: Option<String>,
    from: Option<String>,
    until: Option<String>,
    pg: Option<String>,
    pg_merchant_id: Option<String>,
    status: Option<String>,
    reason: Option<String>,
    limit: Option<u32>,
    offset: Option<u32>,
}

/// The query of differences.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct DifferenceQuery {
    store: Option<String>,
    channel: Option<String>,
    payment: Option<String>,
    state: Option<String>,
    kind: Option<String>,
    from: Option<String>,
    until: Option<String>,
    limit: Option<u32>,
    offset: Option<u32>,
}

pub(super) async fn report(
    State(engine): State<Engine>,
    Query(query): Query<ReportQuery>,
) -> Answer {
    let filter = report_filter(&engine, &query).await.map_err(refused)?;
    let report = engine.settlement_report(&filter).await.map_err(refused)?;
    let days = report.rows.iter().map(|row| ReportDay {
        day: row.day.to_string(),
        pg: row.pg.clone(),
        pg_merchant_id: row.pg_merchant_id.clone(),
        sums: sums(&row.currency, &row.summary),
    });
    let totals = report.totals.iter();
    Ok(json(&Report {
        days: days.collect(),
        totals: totals.map(|(currency, sum)| sums(currency, sum)).collect(),
    }))
}

pub(super) async fn lines(
    State(engine): State<Engine>,
    Query(query): Query<ReportQuery>,
) -> Answer {
    let filter = report_filter(&engine, &query).await.map_err(refused)?;
    let reasons = words(query.reason.as_deref(), "reason", Reason::parse).map_err(refused)?;
    let page = (query.limit.unwrap_or(LIMIT), query.offset.unwrap_or(0));
    let found = engine.settlement_lines(&filter, &reasons, page).await;
    let found = found.map_err(refused)?;
    Ok(json(&Lines {
        items: found.items.iter().map(line).collect(),
        has_more: found.has_more,
    }))
}

pub(super) async fn differences(
    State(engine): State<Engine>,
    Query(query): Query<DifferenceQuery>,
) -> Answer {
    let filter = difference_filter(&engine, &query).await.map_err(refused)?;
    let page = (query.limit.unwrap_or(LIMIT), query.offset.unwrap_or(0));
    let found = engine.differences(&filter, page).await.map_err(refused)?;
    Ok(json(&Differences {
        items: found.items.iter().map(difference).collect(),
        total_count: found.total_count,
        open_count: found.open_count,
    }))
}

/// Several words separated by commas, each one that is known.
fn words<T>(
    text: Option<&str>,
    field: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Fault> {
    let words = text.unwrap_or_default().split(',').map(str::trim);
    words
        .filter(|word| !word.is_empty())
        .map(|word| {
            let unknown = || Fault::invalid(format!("`{word}` is no {field}; see `--help`"));
            read(word).ok_or_else(unknown)
        })
        .collect()
}

fn day(text: &str) -> Result<Day, Fault> {
    let wrong = |_| Fault::invalid(format!("`{text}` is no day; write `2026-01-15`"));
    text.parse().map_err(wrong)
}

/// The stores meant: one with its sub-stores, else all.
async fn stores(engine: &Engine, named: Option<&str>) -> Result<Vec<StoreId>, Fault> {
    let all = engine.stores().await?;
    let Some(named) = named else {
        return Ok(all.into_iter().map(|store| store.id).collect());
    };
    let named = engine.existing_store(&StoreId::new(named)).await?;
    let is_meant = |parent: Option<&StoreId>| parent == Some(&named.id);
    let below = all.into_iter().filter(|one| is_meant(one.parent.as_ref()));
    let below: Vec<StoreId> = below.map(|one| one.id).collect();
    Ok([vec![named.id], below].concat())
}

async fn report_filter(engine: &Engine, query: &ReportQuery) -> Result<ReportFilter, Fault> {
    let today = Day::of(
        engine.clock().business(),
        &jiff::tz::TimeZone::fixed(jiff::tz::offset(9)),
    );
    let until = match &query.until {
        Some(text) => day(text)?,
        None => today,
    };
    let from = match &query.from {
        Some(text) => day(text)?,
        None => until.plus_days(-30),
    };
    let axis = match query.by.as_deref() {
        None | Some("settlement") => Axis::Settlement,
        Some("transaction") => Axis::Transaction,
        Some(other) => {
            let message = format!("`{other}` is no day to go by; `settlement` or `transaction`");
            return Err(Fault::invalid(message));
        }
    };
    let pgs = match (&query.pg, &query.pg_merchant_id) {
        (Some(pg), Some(id)) => vec![(pg.clone(), id.clone())],
        (None, None) => Vec::new(),
        (Some(_), None) | (None, Some(_)) => {
            let message = "a PG and the merchant id there are named together";
            return Err(Fault::invalid(message));
        }
    };
    Ok(ReportFilter {
        stores: stores(engine, query.store.as_deref()).await?,
        axis,
        from,
        until,
        pgs,
        statuses: words(query.status.as_deref(), "status", MatchStatus::parse)?,
    })
}

async fn difference_filter(
    engine: &Engine,
    query: &DifferenceQuery,
) -> Result<DifferenceFilter, Fault> {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
    let begin = |text: &Option<String>, days: i32| -> Result<Option<Timestamp>, Fault> {
        let Some(text) = text else { return Ok(None) };
        Ok(Some(day(text)?.plus_days(days).begins_at(&zone)))
    };
    let stores = match query.store.as_deref() {
        None => Vec::new(),
        named => stores(engine, named).await?,
    };
    Ok(DifferenceFilter {
        stores,
        channel: query.channel.clone().map(ChannelKey::new),
        payment: query.payment.clone().map(PaymentId::new),
        states: words(query.state.as_deref(), "state", DifferenceState::parse)?,
        kinds: words(query.kind.as_deref(), "kind", DifferenceKind::parse)?,
        from: begin(&query.from, 0)?,
        until: begin(&query.until, 1)?,
    })
}

fn sums(currency: &Currency, summary: &Summary) -> Sums {
    Sums {
        currency: currency.as_str().to_owned(),
        transaction_count: summary.approvals.count,
        transaction_amount: summary.approvals.amount,
        cancel_count: summary.cancel_count(),
        cancel_amount: summary.cancel_amount(),
        fee: summary.fee,
        fee_vat: summary.fee_vat,
        settlement_count: summary.settlement_count(),
        settlement_amount: summary.settlement_amount(),
        not_matched_count: summary.not_matched.count,
        incomparable_count: summary.incomparable.count,
        anomaly_amount: summary.anomaly_amount(),
    }
}

fn line(record: &SettlementLineRecord) -> Line {
    let line = &record.line;
    let reasons = record.reasons.iter();
    Line {
        store_id: record.store_id.to_string(),
        pg: record.contract.pg.clone(),
        pg_merchant_id: record.contract.pg_merchant_id.clone(),
        pg_tx_id: line.pg_tx_id.clone(),
        payment_id: record.payment_id.as_ref().map(ToString::to_string),
        action: record.action.name().to_owned(),
        status: record.status.name().to_owned(),
        reasons: reasons.map(|reason| reason.name().to_owned()).collect(),
        transacted_on: record.transacted_on.to_string(),
        settled_on: line.settled_on.to_string(),
        method: line.method.name().to_owned(),
        currency: line.currency.as_str().to_owned(),
        amount: line.amount,
        difference: record.difference,
        fee: record.figures.fee,
        fee_vat: record.figures.fee_vat,
        file_line: record.file_line,
    }
}

/// A difference as it is shown.
pub(super) fn difference(record: &DifferenceRecord) -> Difference {
    Difference {
        id: record.id(),
        store_id: record.store_id.to_string(),
        payment_id: record.payment_id.to_string(),
        channel_key: record.channel.to_string(),
        pg_provider: record.pg_provider.clone(),
        pg_merchant_id: record.pg_merchant_id.clone(),
        kind: record.kind.name().to_owned(),
        state: record.state.name().to_owned(),
        ours: record.ours,
        theirs: record.theirs,
        currency: record.currency.as_str().to_owned(),
        found_at: record.found_at.to_string(),
        checked_at: record.checked_at.to_string(),
        ended_at: record.ended_at.map(|at| at.to_string()),
        note: record.note.clone(),
    }
}
