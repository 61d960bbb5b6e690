//! What moving or comparing came to, in words and as JSON.

use std::time::Duration;

use naru_store::{Row, Table, Value, tables};
use serde::Serialize;

use crate::failure::Failure;
use crate::output;

/// How many rows a table has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct TableRows {
    name: &'static str,
    pub(super) rows: u64,
}

impl TableRows {
    pub(super) fn new(table: &'static Table, rows: u64) -> Self {
        let name = table.name;
        Self { name, rows }
    }
}

/// How a row differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
    /// PostgreSQL does not have it.
    Missing,
    /// Only PostgreSQL has it.
    Extra,
    /// Both have it, with other values in these columns.
    Differs(Vec<&'static str>),
}

/// A row that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Difference {
    /// Its table and key.
    pub(super) row: String,
    /// How.
    pub(super) kind: Kind,
}

/// What was done.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    pub(super) is_dry_run: bool,
    pub(super) rows: u64,
    pub(super) tables: Vec<TableRows>,
    /// How long copying took, in milliseconds; nothing if nothing was copied.
    pub(super) copied_ms: Option<u64>,
    /// How long comparing took, in milliseconds; nothing if nothing was compared.
    pub(super) compared_ms: Option<u64>,
    pub(super) difference_count: u64,
    /// The first differences.
    pub(super) differences: Vec<Difference>,
}

impl Report {
    /// Of so many rows.
    pub(super) fn of(tables: Vec<TableRows>) -> Self {
        Self {
            is_dry_run: false,
            rows: tables.iter().map(|table| table.rows).sum(),
            tables,
            copied_ms: None,
            compared_ms: None,
            difference_count: 0,
            differences: Vec::new(),
        }
    }

    /// Prints it.
    pub(super) fn print(&self, as_json: bool) -> anyhow::Result<()> {
        if as_json {
            return output::json(self);
        }
        let rows: Vec<_> = self
            .tables
            .iter()
            .filter(|table| table.rows > 0)
            .map(|table| [table.name.to_owned(), table.rows.to_string()])
            .collect();
        output::table(["TABLE", "ROWS"], &rows);
        output::line(format!("{} rows{}", self.rows, self.times()));
        for Difference { row, kind } in &self.differences {
            output::line(match kind {
                Kind::Missing => format!("missing  {row}"),
                Kind::Extra => format!("extra    {row}"),
                Kind::Differs(columns) => format!("differs  {row}: {}", columns.join(", ")),
            });
        }
        let unnamed = self.difference_count - self.differences.len() as u64;
        if unnamed > 0 {
            output::line(format!("and {unnamed} more"));
        }
        Ok(())
    }

    fn times(&self) -> String {
        let said = |what: &str, ms: Option<u64>| {
            ms.map_or_else(String::new, |ms| {
                let took = Duration::from_millis(ms).as_secs_f64();
                format!(", {what} in {took:.1} s")
            })
        };
        let copied = said("copied", self.copied_ms);
        format!("{copied}{}", said("compared", self.compared_ms))
    }

    /// Whether both have the same.
    pub(super) fn judge(&self, hint: &str) -> Result<(), Failure> {
        match self.difference_count {
            0 => Ok(()),
            1 => Err(Failure::new("1 row differs").hint(hint)),
            many => Err(Failure::new(format!("{many} rows differ")).hint(hint)),
        }
    }
}

/// How a row is named: its table and key. What people wrote is not shown.
pub(super) fn key_text(table: &Table, row: &Row) -> String {
    let parts = table.key.iter().zip(&row.key).map(|(column, value)| {
        // Names, phones, addresses of customers.
        let is_searched = table.name == tables::SEARCH.name && column.name == "value";
        match value {
            Value::Text(_) if is_searched => "…".to_owned(),
            Value::Text(text) => text.escape_debug().to_string(),
            Value::Int(int) => int.to_string(),
            Value::Null => "null".to_owned(),
        }
    });
    let key: Vec<_> = parts.collect();
    format!("`{}` {}", table.name, key.join(" "))
}
