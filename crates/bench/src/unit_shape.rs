//! A unit with gaps: the writes of one that the engine made, to be written again with other ids, by
//! a store or as SQL for pgbench. Nothing but ids and times differs from the original.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use naru_store::{Column, Commit, Row, Table, Write};
use uuid::Uuid;

use crate::pattern::{Id, Known, Own};
use crate::seed::{Cell, Cells, ids, own};

/// Units that belong together, such as the intent and the result of one charge.
pub struct Shapes {
    units: Vec<Vec<Step>>,
    ids: Vec<Id>,
    at_us: i64,
}

enum Step {
    Insert(&'static Table, Cells),
    Update(&'static Table, Cells, i64),
    Upsert(&'static Table, Cells),
    Expect(&'static Table, Vec<Cell>, i64),
    Delete(&'static Table, Vec<Cell>, Option<i64>),
}

impl Shapes {
    /// Takes units apart that are about this payment.
    pub fn of(payment: &str, units: &[Commit]) -> Result<Self> {
        let rows: Vec<(&'static Table, Row)> = units
            .iter()
            .flat_map(|unit| unit.writes.iter().filter_map(row))
            .collect();
        let first = units.first().context("no unit")?;
        let (seconds, nanos) = first
            .id
            .get_timestamp()
            .context("a unit's id without a time")?
            .to_unix();
        let at_us = i64::try_from(seconds)? * 1_000_000 + i64::from(nanos / 1_000);
        let ids = ids(payment, &rows);
        let known = Known { ids: &ids, at_us };
        let taken = units.iter().map(|unit| {
            let writes = unit.writes.iter();
            writes.map(|write| Step::of(write, &known)).collect()
        });
        Ok(Self {
            units: taken.collect::<Result<_>>()?,
            at_us,
            ids,
        })
    }

    /// The units of the n-th copy, of now.
    pub fn units(&self, number: u64, later_us: i64) -> Vec<Commit> {
        let name = format!("copy-{number}");
        let own = own(&self.ids, (&name, number), (self.at_us, later_us));
        let mut units = Vec::with_capacity(self.units.len());
        for steps in &self.units {
            let mut unit = Commit::new(Uuid::now_v7());
            unit.writes = steps.iter().map(|step| step.write(&own)).collect();
            units.push(unit);
        }
        units
    }

    /// How long ago the original was made, in microseconds.
    pub fn age_us(&self) -> i64 {
        jiff::Timestamp::now().as_microsecond() - self.at_us
    }

    /// A script for pgbench: the units as our store for PostgreSQL sends them, each in two round
    /// trips. `:n` is different in each run, and rises.
    pub fn script(&self) -> String {
        let own: Vec<String> = self.ids.iter().map(sql_id).collect();
        let mut text = "\\set k :k + 1\n\\set n :k * 64 + :client_id\n".to_owned();
        for (at, steps) in self.units.iter().enumerate() {
            text.push_str("\\startpipeline\n");
            text.push_str("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;\n");
            let number = "CAST(:n AS text), 12, '0'";
            let _infallible = writeln!(
                text,
                "INSERT INTO units (id) VALUES (CAST('0198d2f6-c6d0-7d3b-a3a{at}-' || \
                 lpad({number}) AS uuid)) ON CONFLICT (id) DO NOTHING;"
            );
            for step in steps {
                text.push_str(&step.sql(&own));
                text.push_str(";\n");
            }
            text.push_str("\\endpipeline\nCOMMIT;\n");
        }
        text
    }
}

fn row(write: &Write) -> Option<(&'static Table, Row)> {
    match write {
        Write::Insert(table, row)
        | Write::Upsert(table, row)
        | Write::Update { table, row, .. } => Some((*table, row.clone())),
        Write::Expect { .. }
        | Write::Delete { .. }
        | Write::DeleteWhere(..)
        | Write::Clear { .. }
        | Write::Add { .. } => None,
    }
}

/// An id of the copy as an expression, without parentheses.
fn sql_id(id: &Id) -> String {
    let filled = |start: &str, digits: usize| {
        format!(
            "{} || lpad(CAST(:n AS text), {digits}, '0')",
            literal(start)
        )
    };
    match id {
        Id::Payment(_) => filled("bench-", 9),
        Id::Uuid(id) => filled(id.to_string().get(..24).unwrap_or_default(), 12),
        Id::PgTx(id) => filled(id.get(..id.len() - 9).unwrap_or_default(), 9),
    }
}

/// A text as a literal in which pgbench sees no variable: it takes what follows a colon for one.
fn literal(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('\'', "''")
        .replace(':', "\\x3A")
        .replace('\n', "\\n");
    format!("E'{escaped}'")
}

impl Step {
    fn of(write: &Write, known: &Known<'_>) -> Result<Self> {
        let cells = |values: &[naru_store::Value]| -> Vec<Cell> {
            values.iter().map(|value| Cell::of(value, known)).collect()
        };
        Ok(match write {
            Write::Insert(table, row) => Self::Insert(table, Cells::of(row, known)),
            Write::Update {
                table,
                row,
                expected,
            } => Self::Update(table, Cells::of(row, known), *expected),
            Write::Upsert(table, row) => Self::Upsert(table, Cells::of(row, known)),
            Write::Expect {
                table,
                key,
                expected,
            } => Self::Expect(table, cells(key), *expected),
            Write::Delete {
                table,
                key,
                expected,
            } => Self::Delete(table, cells(key), *expected),
            Write::DeleteWhere(table, _)
            | Write::Clear { table, .. }
            | Write::Add { table, .. } => {
                bail!("a write of `{}` can't be copied", table.name)
            }
        })
    }

    fn write(&self, own: &Own) -> Write {
        let key = |cells: &[Cell]| cells.iter().map(|cell| cell.write(own)).collect();
        match self {
            Self::Insert(table, cells) => Write::Insert(table, cells.write(own)),
            Self::Update(table, cells, expected) => Write::Update {
                table,
                row: cells.write(own),
                expected: *expected,
            },
            Self::Upsert(table, cells) => Write::Upsert(table, cells.write(own)),
            Self::Expect(table, cells, expected) => Write::Expect {
                table,
                key: key(cells),
                expected: *expected,
            },
            Self::Delete(table, cells, expected) => Write::Delete {
                table,
                key: key(cells),
                expected: *expected,
            },
        }
    }

    /// As our store for PostgreSQL writes it (`store-postgres/src/sql.rs`).
    fn sql(&self, own: &[String]) -> String {
        match self {
            Self::Insert(table, cells) => insert(table, cells, own) + " DO NOTHING",
            Self::Upsert(table, cells) => {
                let mut sql = insert(table, cells, own) + " DO UPDATE SET version = t.version + 1";
                for column in table.columns.iter().map(quoted) {
                    let _infallible = write!(sql, ", {column} = EXCLUDED.{column}");
                }
                sql + ", body = EXCLUDED.body"
            }
            Self::Update(table, cells, expected) => {
                let mut sql = format!("UPDATE \"{}\" AS t SET version = t.version + 1", table.name);
                for (column, cell) in table.columns.iter().zip(&cells.columns) {
                    let _infallible = write!(sql, ", {} = {}", quoted(column), cell.sql(own));
                }
                let body = cells.body.sql(own, &literal);
                let key = by_key(table, &cells.key, own);
                format!("{sql}, body = ({body}) WHERE {key} AND t.version = {expected}")
            }
            Self::Expect(table, key, expected) => format!(
                "SELECT 1 FROM \"{}\" AS t WHERE {} AND t.version = {expected} FOR SHARE",
                table.name,
                by_key(table, key, own)
            ),
            Self::Delete(table, key, expected) => {
                let version = expected.map(|expected| format!(" AND t.version = {expected}"));
                format!(
                    "DELETE FROM \"{}\" AS t WHERE {}{}",
                    table.name,
                    by_key(table, key, own),
                    version.unwrap_or_default()
                )
            }
        }
    }
}

fn quoted(column: &Column) -> String {
    format!("\"{}\"", column.name)
}

fn text_sql(expression: &str) -> String {
    format!("({expression})")
}

fn by_key(table: &Table, key: &[Cell], own: &[String]) -> String {
    let parts = table.key.iter().zip(key);
    let parts: Vec<String> = parts
        .map(|(column, cell)| format!("t.{} = {}", quoted(column), cell.sql(own)))
        .collect();
    parts.join(" AND ")
}

fn insert(table: &Table, cells: &Cells, own: &[String]) -> String {
    let columns: Vec<String> = table.key.iter().chain(table.columns).map(quoted).collect();
    let values: Vec<String> = cells
        .key
        .iter()
        .chain(&cells.columns)
        .map(|cell| cell.sql(own))
        .collect();
    let key: Vec<String> = table.key.iter().map(quoted).collect();
    format!(
        "INSERT INTO \"{}\" AS t (version, {}, body) VALUES (1, {}, {}) ON CONFLICT ({})",
        table.name,
        columns.join(", "),
        values.join(", "),
        text_sql(&cells.body.sql(own, &literal)),
        key.join(", ")
    )
}

impl Cell {
    fn sql(&self, own: &[String]) -> String {
        match self {
            Self::Same(naru_store::Value::Null) => "NULL".to_owned(),
            Self::Same(naru_store::Value::Int(number)) => number.to_string(),
            Self::Same(naru_store::Value::Text(text)) => literal(text),
            Self::Text(pattern) => text_sql(&pattern.sql(own, &literal)),
            Self::Time(at) => at.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use naru_store_sqlite::{SqliteOptions, SqliteStore};

    use super::*;
    use naru_bench::captured;

    #[tokio::test]
    async fn a_charges_units_can_be_committed_again_and_again() {
        let units = captured::charge().await.unwrap();
        let shapes = Shapes::of(captured::PAYMENT, &units).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("naru.db");
        let store = SqliteStore::open(&file, SqliteOptions::default()).unwrap();
        for number in 0..3 {
            for unit in shapes.units(number, shapes.age_us()) {
                naru_store::Store::commit(store.as_ref(), unit)
                    .await
                    .unwrap();
            }
        }
    }

    #[tokio::test]
    async fn a_script_has_every_write_and_no_variable_but_its_own() {
        let units = captured::charge().await.unwrap();
        let shapes = Shapes::of(captured::PAYMENT, &units).unwrap();
        let script = shapes.script();
        let writes: usize = units.iter().map(|unit| unit.writes.len()).sum();
        // Each unit besides: its beginning, its id, its end.
        assert_eq!(script.matches(";\n").count(), writes + 6);
        let (_, body) = script.split_once("\\startpipeline").unwrap();
        assert_eq!(
            body.matches(':').count(),
            body.matches("CAST(:n AS text)").count()
        );
        assert!(!script.contains(captured::PAYMENT));
    }

    #[test]
    fn a_literal_hides_what_pgbench_and_postgresql_would_take_for_more() {
        assert_eq!(literal("a:b'c\\d"), "E'a\\x3Ab''c\\\\d'");
    }
}
