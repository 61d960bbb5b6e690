//! Rows, values and table descriptions.

use crate::Versioned;

/// What a column holds. Times are integers: microseconds since 1970 in UTC. Booleans are 0 or 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text, compared by bytes.
    Text,
    /// 64-bit integer.
    Int,
}

/// A column of a table. Key columns are never null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in every backend.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// A table as every backend has it: the key columns, `version`, the named columns, `body`.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name in every backend.
    pub name: &'static str,
    /// The primary key, in order.
    pub key: &'static [Column],
    /// Columns that can be filtered and sorted by; each may be null.
    pub columns: &'static [Column],
    /// Secondary indexes, each a list of column names (key columns allowed).
    pub indexes: &'static [&'static [&'static str]],
}

impl Table {
    /// The column of that name, among key and other columns.
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.key
            .iter()
            .chain(self.columns)
            .find(|column| column.name == name)
    }

    /// What a row holds in the column of that name.
    pub fn value_of<'r>(&self, row: &'r Row, name: &str) -> Option<&'r Value> {
        let place = |columns: &[Column]| columns.iter().position(|column| column.name == name);
        match place(self.key) {
            Some(index) => row.key.get(index),
            None => row.columns.get(place(self.columns)?),
        }
    }
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Nothing. Sorts before everything (so last when descending); conditions never match it.
    Null,
    /// An integer.
    Int(i64),
    /// A text, without NUL characters (callers validate; a unit that has one is refused).
    Text(String),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<naru_domain::Timestamp> for Value {
    fn from(value: naru_domain::Timestamp) -> Self {
        Self::Int(value.as_micros())
    }
}

/// A row: what a backend stores and gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Values of the key columns, in the table's order.
    pub key: Vec<Value>,
    /// 1 when inserted, one more with every update.
    pub version: i64,
    /// Values of the other columns, in the table's order.
    pub columns: Vec<Value>,
    /// JSON text.
    pub body: String,
}

impl Row {
    /// Its body alone.
    pub fn into_body(self) -> Versioned<String> {
        Versioned {
            version: self.version,
            value: self.body,
        }
    }
}
