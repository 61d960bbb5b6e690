//! Queries over rows in memory.
//!
//! Invariant: conditions were checked and made possible ([`naru_store::possible`]) before, so a
//! condition's value is never null; a row's null never matches.

use std::sync::Arc;

use naru_store::{Condition, Query, Row, Table, Value};

use crate::tables::Tables;

/// Rows that match, in the order of the key.
pub(crate) fn matching<'t>(
    tables: &'t Tables,
    table: &'static Table,
    conditions: &'t [Condition],
) -> impl Iterator<Item = &'t Arc<Row>> {
    // Only rows whose key begins with what the conditions fix need a look.
    let start = fixed_key(table, conditions);
    let rows = tables.rows(table).range(start.clone()..);
    rows.take_while(move |(key, _)| key.starts_with(&start))
        .map(|(_, row)| row)
        .filter(move |row| conditions.iter().all(|c| holds(tables, table, row, c)))
}

/// The rows of a query.
pub(crate) fn scan(tables: &Tables, query: &Query, conditions: &[Condition]) -> Vec<Row> {
    let mut rows: Vec<_> = matching(tables, query.table, conditions).collect();
    let ordering = query.ordering();
    rows.sort_by(|a, b| ordering(a, b));
    let cut = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let page = rows
        .into_iter()
        .skip(cut(query.offset))
        .take(cut(query.limit));
    page.map(|row| Row::clone(row)).collect()
}

/// How many rows match, up to `cap`.
pub(crate) fn count(
    tables: &Tables,
    table: &'static Table,
    conditions: &[Condition],
    cap: u32,
) -> u32 {
    let most = usize::try_from(cap).unwrap_or(usize::MAX);
    let found = matching(tables, table, conditions).take(most).count();
    u32::try_from(found).unwrap_or(cap)
}

fn fixed_key(table: &Table, conditions: &[Condition]) -> Vec<Value> {
    let fixed = |name: &str| {
        conditions.iter().find_map(|condition| match condition {
            Condition::Is(column, value) if *column == name => Some(value.clone()),
            _ => None,
        })
    };
    table
        .key
        .iter()
        .map_while(|column| fixed(column.name))
        .collect()
}

fn holds(tables: &Tables, table: &'static Table, row: &Row, condition: &Condition) -> bool {
    let has = |name: &str, fits: &dyn Fn(&Value) -> bool| {
        table
            .value_of(row, name)
            .is_some_and(|value| *value != Value::Null && fits(value))
    };
    match condition {
        Condition::Is(name, want) => has(name, &|value| value == want),
        Condition::In(name, list) => has(name, &|value| list.contains(value)),
        Condition::AtLeast(name, least) => has(name, &|value| value >= least),
        Condition::AtMost(name, most) => has(name, &|value| value <= most),
        Condition::Below(name, end) => has(name, &|value| value < end),
        Condition::Above(name, start) => has(name, &|value| value > start),
        Condition::Prefix(name, prefix) => has(
            name,
            &|value| matches!(value, Value::Text(text) if text.starts_with(prefix)),
        ),
        Condition::Exists {
            table: other,
            on,
            filter,
        } => {
            let joined = on.iter().map(|(here, there)| {
                let value = table
                    .value_of(row, here)
                    .filter(|value| **value != Value::Null)?;
                Some(Condition::Is(there, value.clone()))
            });
            let Some(mut conditions) = joined.collect::<Option<Vec<_>>>() else {
                return false;
            };
            conditions.extend_from_slice(filter);
            matching(tables, other, &conditions).next().is_some()
        }
    }
}
