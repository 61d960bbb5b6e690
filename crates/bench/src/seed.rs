//! Fills a store with copies of payments that the server had made: the same rows in the same
//! tables, index and ledger included, with ids and times of their own, straight into the store.
//! By HTTP a million would take most of an hour.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use naru_store::{Commit, Condition, Query, Row, Store, Table, Value, Write, tables};
use tokio::task::JoinSet;
use uuid::{NoContext, Timestamp, Uuid};

use crate::pattern::{Id, Known, Own, Pattern};

/// Payments of one unit.
const PAYMENTS_PER_UNIT: usize = 100;
/// Units on their way at once.
const UNITS_AT_ONCE: usize = 4;
/// Rows of one payment in one table, more than there are.
const ROWS_MAX: u32 = 1_000;

/// Tables with rows of a payment, and the column that names it.
const TABLES: [(&Table, &str); 9] = [
    (&tables::PAYMENTS, "payment_id"),
    (&tables::PAYMENT_FACTS, "payment_id"),
    (&tables::ATTEMPTS, "payment_id"),
    (&tables::EVENTS, "subject_id"),
    (&tables::SEARCH, "subject_id"),
    (&tables::LEDGER, "payment_id"),
    (&tables::JOURNAL, "subject"),
    (&tables::WEBHOOKS, "subject_id"),
    (&tables::SCHEDULES, "payment_id"),
];

/// A payment to copy.
pub struct Template {
    rows: Vec<(&'static Table, Cells)>,
    ids: Vec<Id>,
    /// When it was asked for.
    at_us: i64,
    profile: Option<String>,
}

/// A row taken apart.
pub struct Cells {
    /// Its key.
    pub key: Vec<Cell>,
    /// Its columns.
    pub columns: Vec<Cell>,
    version: i64,
    /// Its body.
    pub body: Pattern,
}

/// A value taken apart.
pub enum Cell {
    /// As in every copy.
    Same(Value),
    /// With ids and times in it.
    Text(Pattern),
    /// A time, in microseconds.
    Time(i64),
}

/// Which copies to make.
pub struct Copies<'a> {
    /// What is copied: the n-th copy is of the template that this names.
    pub templates: &'a [Template],
    /// Which template the n-th is of.
    pub kind: fn(u64) -> usize,
    /// How many.
    pub count: u64,
    /// The id of a payment is this and its number.
    pub prefix: &'a str,
    /// How long before its template the n-th copy happened, in microseconds.
    pub earlier_us: &'a (dyn Fn(u64) -> i64 + Send + Sync),
}

impl Template {
    /// Reads everything about a payment, which must be at rest.
    pub async fn read(store: &dyn Store, payment: &str) -> Result<Self> {
        let mut rows = Vec::new();
        for (table, column) in TABLES {
            let subject = match table.name {
                "events" | "journal" => format!("p:{payment}"),
                _ => payment.to_owned(),
            };
            rows.extend(rows_of(store, table, (column, subject)).await?);
        }
        let schedules = rows.iter().filter(|(table, _)| table.name == "schedules");
        let schedules: Vec<String> = schedules.filter_map(|(_, row)| text(&row.key, 1)).collect();
        for schedule in schedules {
            let about = format!("s:{schedule}");
            rows.extend(rows_of(store, &tables::EVENTS, ("subject_id", about)).await?);
            let jobs = store.scan(Query::of(&tables::JOBS, ROWS_MAX)).await?;
            let is_its = |row: &Row| row.body.contains(&schedule);
            rows.extend(
                jobs.into_iter()
                    .filter(is_its)
                    .map(|row| (&tables::JOBS, row)),
            );
        }
        let (_, row) = rows.first().context("no such payment")?;
        ensure!(
            tables::PAYMENTS.value_of(row, "needs_index") == Some(&Value::Null),
            "`{payment}` is not in the index yet"
        );
        let at = tables::PAYMENTS.value_of(row, "created_at");
        let body: serde_json::Value = serde_json::from_str(&row.body)?;
        let at_us = match at {
            Some(Value::Int(at)) => *at,
            _ => body["created_at"].as_i64().context("no time")?,
        };
        let profile = rows.iter().find(|(table, _)| table.name == "payment_facts");
        let profile = profile.and_then(|(_, row)| text(&row.columns, 1));
        let ids = ids(payment, &rows);
        let known = Known { ids: &ids, at_us };
        let cells = rows
            .iter()
            .map(|(table, row)| (*table, Cells::of(row, &known)));
        Ok(Self {
            rows: cells.collect(),
            at_us,
            profile,
            ids,
        })
    }

    fn own(&self, name: &str, number: u64, later_us: i64) -> Own {
        own(&self.ids, (name, number), (self.at_us, later_us))
    }
}

/// Ids of their own for the n-th copy, so much later than the pattern.
pub fn own(ids: &[Id], (name, number): (&str, u64), (at_us, later_us): (i64, i64)) -> Own {
    let micros = u64::try_from(at_us + later_us).unwrap_or_default();
    let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
    let nanos = u32::try_from(rest * 1_000).unwrap_or_default();
    let time = || Timestamp::from_unix(NoContext, seconds, nanos);
    let ids = ids.iter().map(|id| match id {
        Id::Payment(_) => name.to_owned(),
        Id::Uuid(_) => Uuid::new_v7(time()).to_string(),
        Id::PgTx(id) => format!("{}{number:09}", id.get(..id.len() - 9).unwrap_or_default()),
    });
    Own {
        ids: ids.collect(),
        later_us,
    }
}

async fn rows_of(
    store: &dyn Store,
    table: &'static Table,
    (column, is): (&'static str, String),
) -> Result<Vec<(&'static Table, Row)>> {
    let query = Query::of(table, ROWS_MAX).and(Condition::Is(column, is.into()));
    let rows = store.scan(query).await?;
    Ok(rows.into_iter().map(|row| (table, row)).collect())
}

fn text(values: &[Value], at: usize) -> Option<String> {
    match values.get(at)? {
        Value::Text(text) => Some(text.clone()),
        Value::Int(_) | Value::Null => None,
    }
}

/// What is a payment's own in its rows.
pub fn ids(payment: &str, rows: &[(&'static Table, Row)]) -> Vec<Id> {
    let mut found = vec![Id::Payment(payment.to_owned())];
    for (_, row) in rows {
        for (at, _) in row.body.match_indices('"') {
            let rest = row.body.get(at + 1..).unwrap_or_default();
            // What copies share has a name before its UUID: stores, channels, billing keys.
            let value = rest.split('"').next().unwrap_or_default();
            let id = match value.parse::<Uuid>() {
                Ok(id) if value.len() == 36 => Some(Id::Uuid(id)),
                _ if value.starts_with("INI") && value.len() == 40 => {
                    // As the search index has it.
                    let folded = Id::PgTx(value.to_lowercase());
                    found.extend(Some(folded).filter(|id| !found.contains(id)));
                    Some(Id::PgTx(value.to_owned()))
                }
                _ => None,
            };
            found.extend(id.filter(|id| !found.contains(id)));
        }
    }
    found
}

impl Cell {
    /// Takes a value apart.
    pub fn of(value: &Value, known: &Known<'_>) -> Self {
        match value {
            Value::Null => Self::Same(Value::Null),
            Value::Int(number) if known.is_time(*number) => Self::Time(*number),
            Value::Int(number) => Self::Same(Value::Int(*number)),
            Value::Text(text) => Self::Text(Pattern::of(text, known)),
        }
    }

    /// The value of a copy.
    pub fn write(&self, own: &Own) -> Value {
        match self {
            Self::Same(value) => value.clone(),
            Self::Text(pattern) => Value::Text(pattern.write(own)),
            Self::Time(at) => Value::Int(at + own.later_us),
        }
    }
}

impl Cells {
    /// Takes a row apart.
    pub fn of(row: &Row, known: &Known<'_>) -> Self {
        let cell = |value: &Value| Cell::of(value, known);
        Self {
            key: row.key.iter().map(cell).collect(),
            columns: row.columns.iter().map(cell).collect(),
            version: row.version,
            body: Pattern::of(&row.body, known),
        }
    }

    /// The row of a copy.
    pub fn write(&self, own: &Own) -> Row {
        let value = |cell: &Cell| cell.write(own);
        Row {
            key: self.key.iter().map(value).collect(),
            version: self.version,
            columns: self.columns.iter().map(value).collect(),
            body: self.body.write(own),
        }
    }
}

/// Writes the copies.
pub async fn fill(store: &Arc<dyn Store>, copies: &Copies<'_>) -> Result<()> {
    let mut units = JoinSet::new();
    let mut unit = Commit::new(Uuid::now_v7());
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for number in 0..copies.count {
        let kind = (copies.kind)(number);
        let template = copies.templates.get(kind).context("no such kind")?;
        let name = format!("{}-{number:07}", copies.prefix);
        let own = template.own(&name, number, -(copies.earlier_us)(number));
        let rows = template.rows.iter();
        let rows = rows.map(|(table, cells)| Write::Insert(table, cells.write(&own)));
        unit.writes.extend(rows);
        if let Some(profile) = &template.profile {
            *counts.entry(profile).or_default() += 1;
        }
        let made = usize::try_from(number)? + 1;
        if made.is_multiple_of(PAYMENTS_PER_UNIT) || number + 1 == copies.count {
            let full = std::mem::replace(&mut unit, Commit::new(Uuid::now_v7()));
            let store = Arc::clone(store);
            units.spawn(async move { store.commit(full).await });
            while units.len() >= UNITS_AT_ONCE {
                units.join_next().await.context("a unit")???;
            }
        }
    }
    while let Some(done) = units.join_next().await {
        done??;
    }
    count_profiles(store, &counts).await
}

/// The counts of payments that are alike, as the worker of the index keeps them.
async fn count_profiles(store: &Arc<dyn Store>, counts: &BTreeMap<&str, i64>) -> Result<()> {
    let rows = store
        .scan(Query::of(&tables::PAYMENT_PROFILES, ROWS_MAX))
        .await?;
    let mut unit = Commit::new(Uuid::now_v7());
    for mut row in rows {
        let name = text(&row.key, 1).unwrap_or_default();
        let Some(more) = counts.get(name.as_str()) else {
            continue;
        };
        let mut body: serde_json::Value = serde_json::from_str(&row.body)?;
        let count = body["payments"].as_i64().context("no count")?;
        body["payments"] = (count + more).into();
        row.body = body.to_string();
        let expected = row.version;
        unit.writes.push(Write::Update {
            table: &tables::PAYMENT_PROFILES,
            row,
            expected,
        });
    }
    store.commit(unit).await?;
    Ok(())
}
