//! Reports over what was settled: VAT by method, settlements by day, lines.

use std::collections::{BTreeMap, BTreeSet};

use naru_domain::settlement::{LineMethod, MatchStatus, Reason, Summary, VatSums};
use naru_domain::{Currency, Day, StoreId};
use naru_store::{Condition, Query, Table, Value, tables};

use crate::records::{SettlementLineRecord, SettlementTotalRecord};
use crate::{Engine, Fault};

/// Sums that one report reads.
const TOTALS_MAX: u32 = 100_000;
/// Lines of one page.
const PAGE_MAX: u32 = 1_000;
/// The deepest line of a list.
const DEPTH_MAX: u32 = 60_000;
/// Lines that one list looks at, where the store can't tell which are meant.
const LINES_READ_MAX: u32 = 100_000;
/// Lines of these that are read at once.
const READ_AT_ONCE: u32 = 1_000;

/// Which of a line's days a report goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// The day of the transaction.
    Transaction,
    /// The day of the settlement.
    Settlement,
}

impl Axis {
    const fn column(self) -> &'static str {
        match self {
            Self::Transaction => "transacted_on",
            Self::Settlement => "settled_on",
        }
    }
}

/// What a report is about. Empty lists filter nothing.
#[derive(Debug, Clone)]
pub struct ReportFilter {
    /// Stores that the caller may see.
    pub stores: Vec<StoreId>,
    /// By which day.
    pub axis: Axis,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub until: Day,
    /// Pairs of PG and merchant id.
    pub pgs: Vec<(String, String)>,
    /// What comparing came to.
    pub statuses: Vec<MatchStatus>,
}

/// A row of a VAT report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VatRow {
    /// Of which method.
    pub method: LineMethod,
    /// Its sums.
    pub sums: VatSums,
}

/// A VAT report: Korean won alone, since nothing is converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VatReport {
    /// One row for each method with a line.
    pub rows: Vec<VatRow>,
    /// Their sum.
    pub summary: VatSums,
    /// The pairs of PG and merchant id with a line.
    pub pgs: BTreeSet<(String, String)>,
}

/// A day of a PG's contract in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    /// Which day.
    pub day: Day,
    /// The PG.
    pub pg: String,
    /// The merchant id there.
    pub pg_merchant_id: String,
    /// In which currency.
    pub currency: Currency,
    /// Its sums.
    pub summary: Summary,
}

/// A report by days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementReport {
    /// Ordered by day, PG, merchant id, currency.
    pub rows: Vec<ReportRow>,
    /// Sums by currency.
    pub totals: Vec<(Currency, Summary)>,
}

/// A page of lines.
#[derive(Debug, Clone)]
pub struct LinesPage {
    /// The lines, in the order of their days.
    pub items: Vec<SettlementLineRecord>,
    /// Whether there are more.
    pub has_more: bool,
}

impl Engine {
    /// The VAT of what was transacted or settled.
    pub async fn vat_report(&self, filter: &ReportFilter) -> Result<VatReport, Fault> {
        let mut rows: BTreeMap<LineMethod, VatSums> = BTreeMap::new();
        let mut summary = VatSums::default();
        let mut pgs = BTreeSet::new();
        for total in self.totals_of(filter).await? {
            if total.of.currency != Currency::krw() {
                continue;
            }
            rows.entry(total.of.method).or_default().add(&total.figures);
            summary.add(&total.figures);
            pgs.insert((total.contract.pg, total.contract.pg_merchant_id));
        }
        let rows = rows
            .into_iter()
            .map(|(method, sums)| VatRow { method, sums })
            .collect();
        Ok(VatReport { rows, summary, pgs })
    }

    /// Counts and amounts day by day.
    pub async fn settlement_report(
        &self,
        filter: &ReportFilter,
    ) -> Result<SettlementReport, Fault> {
        let mut rows: BTreeMap<(Day, String, String, String), Summary> = BTreeMap::new();
        let mut totals: BTreeMap<String, Summary> = BTreeMap::new();
        for total in self.totals_of(filter).await? {
            let day = match filter.axis {
                Axis::Transaction => total.of.transacted_on,
                Axis::Settlement => total.settled_on,
            };
            let currency = total.of.currency.as_str().to_owned();
            let contract = total.contract;
            let key = (day, contract.pg, contract.pg_merchant_id, currency.clone());
            let of = (total.of.action, total.of.status);
            for summary in [
                rows.entry(key).or_default(),
                totals.entry(currency).or_default(),
            ] {
                summary.add(of, total.count, &total.figures, total.difference);
            }
        }
        let row = |((day, pg, pg_merchant_id, currency), summary)| ReportRow {
            day,
            pg,
            pg_merchant_id,
            currency: Currency::new(currency),
            summary,
        };
        let total = |(currency, summary): (String, Summary)| (Currency::new(currency), summary);
        Ok(SettlementReport {
            rows: rows.into_iter().map(row).collect(),
            totals: totals.into_iter().map(total).collect(),
        })
    }

    async fn totals_of(&self, filter: &ReportFilter) -> Result<Vec<SettlementTotalRecord>, Fault> {
        let query = query_of(&tables::SETTLEMENT_TOTALS, filter, TOTALS_MAX + 1);
        let found = self.store().list::<SettlementTotalRecord>(query).await?;
        if found.len() > usize::try_from(TOTALS_MAX).unwrap_or(usize::MAX) {
            return Err(Fault::invalid(
                "the report would be over too much; narrow its days",
            ));
        }
        let totals = found.into_iter().map(|found| found.value);
        Ok(totals
            .filter(|total| {
                let pg = &total.contract;
                is_wanted(&filter.pgs, (&pg.pg, &pg.pg_merchant_id))
            })
            .collect())
    }

    /// Lines, by their days.
    pub async fn settlement_lines(
        &self,
        filter: &ReportFilter,
        reasons: &[Reason],
        (limit, offset): (u32, u32),
    ) -> Result<LinesPage, Fault> {
        if limit == 0 || limit > PAGE_MAX || offset > DEPTH_MAX {
            return Err(Fault::invalid(format!(
                "`limit` is at most {PAGE_MAX}, `offset` at most {DEPTH_MAX}"
            )));
        }
        let size = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut query = query_of(&tables::SETTLEMENT_LINES, filter, limit + 1)
            .by(filter.axis.column(), naru_store::Direction::Ascending);
        let mut items = if reasons.is_empty() && filter.pgs.len() <= 1 {
            query.offset = offset;
            let found = self.store().list::<SettlementLineRecord>(query).await?;
            found.into_iter().map(|found| found.value).collect()
        } else {
            // Only what differs has reasons.
            if !reasons.is_empty() {
                query = query.and(Condition::Is(
                    "status",
                    MatchStatus::NotMatched.name().into(),
                ));
            }
            let is_meant = |line: &SettlementLineRecord| {
                let pg = &line.contract;
                is_wanted(&filter.pgs, (&pg.pg, &pg.pg_merchant_id))
                    && (reasons.is_empty()
                        || reasons.iter().any(|reason| line.reasons.contains(reason)))
            };
            self.lines_meant(query, is_meant, (size, offset)).await?
        };
        let has_more = items.len() > size;
        items.truncate(size);
        Ok(LinesPage { items, has_more })
    }

    /// Lines of a page, and one more, by what the store can't tell: all of the question's lines
    /// are looked at until there are so many.
    async fn lines_meant(
        &self,
        mut query: Query,
        is_meant: impl Fn(&SettlementLineRecord) -> bool,
        (size, offset): (usize, u32),
    ) -> Result<Vec<SettlementLineRecord>, Fault> {
        query.limit = READ_AT_ONCE;
        let mut before = offset;
        let mut items = Vec::new();
        while query.offset < LINES_READ_MAX {
            let question = query.clone();
            let found = self.store().list::<SettlementLineRecord>(question).await?;
            let is_last = found.len() < usize::try_from(READ_AT_ONCE).unwrap_or(usize::MAX);
            for line in found.into_iter().map(|found| found.value).filter(&is_meant) {
                if before > 0 {
                    before -= 1;
                } else {
                    items.push(line);
                }
            }
            if is_last || items.len() > size {
                return Ok(items);
            }
            query.offset += READ_AT_ONCE;
        }
        Err(Fault::invalid(
            "the list would read too many lines; narrow its days",
        ))
    }
}

fn is_wanted(wanted: &[(String, String)], (pg, id): (&String, &String)) -> bool {
    wanted.is_empty() || wanted.iter().any(|(one, other)| (one, other) == (pg, id))
}

/// Only rows of batches that count.
fn query_of(table: &'static Table, filter: &ReportFilter, limit: u32) -> Query {
    let stores = filter.stores.iter().map(|store| store.as_str().into());
    let column = filter.axis.column();
    let query = Query::of(table, limit)
        .and(Condition::In("store_id", stores.collect()))
        .and(Condition::AtLeast(column, filter.from.to_string().into()))
        .and(Condition::AtMost(column, filter.until.to_string().into()))
        .and(Condition::Exists {
            table: &tables::SETTLEMENT_DAYS,
            on: &[("batch_id", "batch_id")],
            filter: Vec::new(),
        });
    let query = named(query, "pg", filter.pgs.iter().map(|(pg, _)| pg));
    let query = named(query, "pg_merchant_id", filter.pgs.iter().map(|(_, id)| id));
    if filter.statuses.is_empty() {
        return query;
    }
    let statuses = filter.statuses.iter().map(|status| status.name().into());
    query.and(Condition::In("status", statuses.collect::<Vec<Value>>()))
}

/// One of the names, where some are given.
fn named<'n>(query: Query, column: &'static str, names: impl Iterator<Item = &'n String>) -> Query {
    let names: Vec<Value> = names.map(|name| name.as_str().into()).collect();
    if names.is_empty() {
        return query;
    }
    query.and(Condition::In(column, names))
}
