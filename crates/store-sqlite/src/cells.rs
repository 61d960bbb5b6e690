//! Values and rows to and from SQLite.

use naru_store::{Row, Table, Value, Versioned};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// A value to bind, borrowed.
pub(crate) struct Bound<'v>(ValueRef<'v>);

impl<'v> From<&'v Value> for Bound<'v> {
    fn from(value: &'v Value) -> Self {
        Self(match value {
            Value::Null => ValueRef::Null,
            Value::Int(int) => ValueRef::Integer(*int),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
        })
    }
}

impl<'v> From<&'v str> for Bound<'v> {
    fn from(text: &'v str) -> Self {
        Self(ValueRef::Text(text.as_bytes()))
    }
}

impl From<i64> for Bound<'_> {
    fn from(int: i64) -> Self {
        Self(ValueRef::Integer(int))
    }
}

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0))
    }
}

/// A value that was read.
pub(crate) struct Cell(pub(crate) Value);

impl FromSql for Cell {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Null => Ok(Self(Value::Null)),
            ValueRef::Integer(int) => Ok(Self(Value::Int(int))),
            ValueRef::Text(_) => Ok(Self(Value::Text(value.as_str()?.to_owned()))),
            ValueRef::Real(_) | ValueRef::Blob(_) => Err(FromSqlError::InvalidType),
        }
    }
}

/// Parameters from values.
pub(crate) fn bound(values: &[Value]) -> impl rusqlite::Params {
    rusqlite::params_from_iter(values.iter().map(Bound::from))
}

/// A row as [`crate::sql::TableSql::select`] gives it.
pub(crate) fn read_row(table: &Table, row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let version = table.key.len();
    let body = version + 1 + table.columns.len();
    let cells = |range: std::ops::Range<usize>| {
        range
            .map(|index| row.get::<_, Cell>(index).map(|cell| cell.0))
            .collect::<rusqlite::Result<_>>()
    };
    Ok(Row {
        key: cells(0..version)?,
        version: row.get(version)?,
        columns: cells(version + 1..body)?,
        body: row.get(body)?,
    })
}

/// A row as [`crate::sql::TableSql::select_body`] gives it.
pub(crate) fn read_body(row: &rusqlite::Row<'_>) -> rusqlite::Result<Versioned<String>> {
    Ok(Versioned {
        version: row.get(0)?,
        value: row.get(1)?,
    })
}
