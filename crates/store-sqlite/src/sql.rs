//! SQL text from the table descriptions.
//!
//! Names come from the static descriptions only; values are always bound. The text of a statement
//! depends on the shape of a query alone, so that the statement caches work.
//!
//! Invariant: callers checked the query ([`naru_store::Query::check`]) and made its conditions
//! possible ([`naru_store::possible`]), so no value here is null and `=` does what is meant.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use naru_store::tables::ALL;
use naru_store::{Column, Condition, Direction, Query, Table, Value, prefix_end};

/// The fixed statements of a table. Parameters stand in the order of the columns.
pub(crate) struct TableSql {
    /// `SELECT key, version, columns, body FROM table AS t`, without conditions.
    pub(crate) select: String,
    /// By the whole key.
    pub(crate) get: String,
    /// `SELECT version, body FROM table AS t`, without conditions.
    pub(crate) select_body: String,
    /// The same, by the whole key.
    pub(crate) get_body: String,
    /// Key, version, columns, body; changes no row if the key is there.
    pub(crate) insert: String,
    /// As `insert`; replaces what is there and raises its version.
    pub(crate) upsert: String,
    /// Columns, body, then key, version.
    pub(crate) update: String,
    /// Key, version; gives a row if it is as expected.
    pub(crate) expect: String,
    /// Key.
    pub(crate) delete: String,
    /// Key, version.
    pub(crate) delete_version: String,
}

static STATEMENTS: LazyLock<HashMap<&'static str, TableSql>> = LazyLock::new(|| {
    ALL.iter()
        .map(|table| (table.name, TableSql::new(table)))
        .collect()
});

/// Leases one job: the end of the lease, the key.
pub(crate) const LEASE: &str =
    "UPDATE jobs SET lease_until = ?, version = version + 1 WHERE job_id = ?";

/// Remembers a unit: its id, the time. Changes no row if it is known.
pub(crate) const REMEMBER: &str =
    "INSERT INTO units (unit_id, at) VALUES (?, ?) ON CONFLICT (unit_id) DO NOTHING";

/// Whether a unit is known: its id.
pub(crate) const KNOWN: &str = "SELECT 1 FROM units WHERE unit_id = ?";

/// Forgets units: the time before which they are old, how many to look at. Ids are ordered by
/// time (UUID v7), so the first ids are the oldest and no index on the time is needed; an id out
/// of order is only forgotten later.
pub(crate) const FORGET: &str = "DELETE FROM units WHERE at < ? AND unit_id IN \
     (SELECT unit_id FROM units ORDER BY unit_id LIMIT ?)";

/// The fixed statements of a table; `None` if it is not one of [`ALL`].
pub(crate) fn of(table: &Table) -> Option<&'static TableSql> {
    STATEMENTS.get(table.name)
}

impl TableSql {
    fn new(table: &Table) -> Self {
        let name = table.name;
        let key = names(table.key);
        let by_key = by_key(table);
        let columns = all_columns(table);
        let rest: Vec<_> = names(table.columns).into_iter().chain(["body"]).collect();
        let set: Vec<_> = rest.iter().map(|column| format!("{column} = ?")).collect();
        let replace: Vec<_> = rest.iter().map(|c| format!("{c} = excluded.{c}")).collect();
        let key = key.join(", ");
        let marks = vec!["?"; columns.len()].join(", ");
        let insert = format!(
            "INSERT INTO {name} ({}) VALUES ({marks}) ON CONFLICT",
            columns.join(", ")
        );
        let select = format!("SELECT t.{} FROM {name} AS t", columns.join(", t."));
        let (set, replace) = (set.join(", "), replace.join(", "));
        let select_body = format!("SELECT t.version, t.body FROM {name} AS t");
        Self {
            get: format!("{select} WHERE {by_key}"),
            select,
            get_body: format!("{select_body} WHERE {by_key}"),
            select_body,
            upsert: format!(
                "{insert} ({key}) DO UPDATE SET version = {name}.version + 1, {replace}"
            ),
            insert: format!("{insert} ({key}) DO NOTHING"),
            update: format!(
                "UPDATE {name} SET version = version + 1, {set} WHERE {by_key} AND version = ?"
            ),
            expect: format!("SELECT 1 FROM {name} WHERE {by_key} AND version = ?"),
            delete: format!("DELETE FROM {name} WHERE {by_key}"),
            delete_version: format!("DELETE FROM {name} WHERE {by_key} AND version = ?"),
        }
    }
}

fn names(columns: &[Column]) -> Vec<&'static str> {
    columns.iter().map(|column| column.name).collect()
}

/// Every column in the order rows are read: key, version, columns, body.
pub(crate) fn all_columns(table: &Table) -> Vec<&'static str> {
    let key = names(table.key).into_iter();
    key.chain(["version"])
        .chain(names(table.columns))
        .chain(["body"])
        .collect()
}

/// A statement made for one question, with what to bind.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) text: String,
    pub(crate) values: Vec<Value>,
}

impl Statement {
    fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            values: Vec::new(),
        }
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn bind(&mut self, text: &str, value: impl Into<Value>) {
        self.push(text);
        self.values.push(value.into());
    }

    fn filter(&mut self, alias: &str, conditions: &[Condition]) {
        for (index, condition) in conditions.iter().enumerate() {
            self.push(if index == 0 { " WHERE " } else { " AND " });
            self.condition(alias, condition);
        }
    }

    fn condition(&mut self, alias: &str, condition: &Condition) {
        let mut compare = |name: &str, operator: &str, value: &Value| {
            self.bind(&format!("{alias}.{name} {operator} ?"), value.clone());
        };
        match condition {
            Condition::Is(name, value) => compare(name, "=", value),
            Condition::AtLeast(name, value) => compare(name, ">=", value),
            Condition::AtMost(name, value) => compare(name, "<=", value),
            Condition::Below(name, value) => compare(name, "<", value),
            Condition::Above(name, value) => compare(name, ">", value),
            Condition::Prefix(name, prefix) => {
                self.bind(&format!("{alias}.{name} >= ?"), prefix.as_str());
                if let Some(end) = prefix_end(prefix) {
                    self.bind(&format!(" AND {alias}.{name} < ?"), end);
                }
            }
            Condition::In(name, values) => {
                self.push(&format!("{alias}.{name} IN "));
                self.list(values);
            }
            Condition::Exists { table, on, filter } => self.exists(alias, table, on, filter),
        }
    }

    fn exists(&mut self, alias: &str, table: &Table, on: &[(&str, &str)], filter: &[Condition]) {
        let _ = write!(self.text, "EXISTS (SELECT 1 FROM {} AS o", table.name);
        self.filter("o", filter);
        for (index, (here, there)) in on.iter().enumerate() {
            self.push(if index == 0 && filter.is_empty() {
                " WHERE "
            } else {
                " AND "
            });
            let _ = write!(self.text, "o.{there} = {alias}.{here}");
        }
        self.push(")");
    }

    /// A list of values. Its length is rounded up to a power of two by repeating the last value:
    /// a few statements in the cache instead of one for every length.
    fn list(&mut self, values: &[Value]) {
        let length = values.len().next_power_of_two();
        self.push("(");
        self.push(&vec!["?"; length].join(", "));
        self.push(")");
        self.values.extend_from_slice(values);
        if let Some(last) = values.last() {
            self.values
                .extend(std::iter::repeat_n(last.clone(), length - values.len()));
        }
    }

    fn order(&mut self, query: &Query) {
        for (index, (name, direction)) in query.total_order().into_iter().enumerate() {
            self.push(if index == 0 { " ORDER BY t." } else { ", t." });
            self.push(name);
            if direction == Direction::Descending {
                self.push(" DESC");
            }
        }
    }
}

/// The rows of a query; `select` is the table's own.
pub(crate) fn scan(select: &str, query: &Query, conditions: &[Condition]) -> Statement {
    let mut statement = Statement::new(select);
    statement.filter("t", conditions);
    statement.order(query);
    statement.bind(" LIMIT ?", i64::from(query.limit));
    statement.bind(" OFFSET ?", i64::from(query.offset));
    statement
}

/// How many rows match, up to `cap`.
pub(crate) fn count(table: &Table, conditions: &[Condition], cap: u32) -> Statement {
    let inner = format!("SELECT count(*) FROM (SELECT 1 FROM {} AS t", table.name);
    let mut statement = Statement::new(inner);
    statement.filter("t", conditions);
    statement.bind(" LIMIT ?", i64::from(cap));
    statement.push(")");
    statement
}

/// Deletes the rows that match.
pub(crate) fn delete_where(table: &Table, conditions: &[Condition]) -> Statement {
    let mut statement = Statement::new(format!("DELETE FROM {} AS t", table.name));
    statement.filter("t", conditions);
    statement
}

/// Adds to a counter: what to add, the key, what to add again, the most that the sum may be.
pub(crate) fn add(table: &Table, column: &str) -> String {
    format!(
        "UPDATE {} SET {column} = coalesce({column}, 0) + ? WHERE {} \
         AND coalesce({column}, 0) + ? <= ?",
        table.name,
        by_key(table)
    )
}

/// Empties a column: the key, the version.
pub(crate) fn clear(table: &Table, column: &str) -> String {
    format!(
        "UPDATE {} SET {column} = NULL WHERE {} AND version = ?",
        table.name,
        by_key(table)
    )
}

fn by_key(table: &Table) -> String {
    let by_key: Vec<_> = names(table.key)
        .iter()
        .map(|column| format!("{column} = ?"))
        .collect();
    by_key.join(" AND ")
}

/// Due jobs of a queue, first due first; `select` is that of the jobs. Queue, due time.
pub(crate) fn due(select: &str) -> String {
    format!("{select} WHERE t.queue = ? AND t.due_at <= ? ORDER BY t.due_at, t.job_id")
}

/// Due jobs of one lane, first due first; `select` is that of the jobs. Queue, lane, due time.
pub(crate) fn due_in_lane(select: &str) -> String {
    format!(
        "{select} WHERE t.queue = ? AND t.lane IS ? AND t.due_at <= ? ORDER BY t.due_at, t.job_id"
    )
}

/// The first lane of a queue.
pub(crate) const FIRST_LANE: &str =
    "SELECT lane FROM jobs WHERE queue = ? AND lane IS NOT NULL ORDER BY lane LIMIT 1";

/// The lane after one: queue, that lane.
pub(crate) const NEXT_LANE: &str =
    "SELECT lane FROM jobs WHERE queue = ? AND lane > ? ORDER BY lane LIMIT 1";

#[cfg(test)]
#[path = "sql_tests.rs"]
mod tests;
