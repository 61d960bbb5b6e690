//! Typed records over rows.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Query, Row, Store, StoreError, Table, Value};

/// A type that is stored in one table.
pub trait Record: Serialize + DeserializeOwned + Send + Sync {
    /// Where it is stored.
    const TABLE: &'static Table;

    /// Whether it is made of its row's body alone. One whose key and columns hold all of it, so
    /// that rows stay small, says no and brings its own [`Self::from_row`].
    const IS_IN_BODY: bool = true;

    /// Its key, in the table's order.
    fn key(&self) -> Vec<Value>;

    /// Its columns, in the table's order.
    fn columns(&self) -> Vec<Value>;

    /// As a row, at version 1.
    fn to_row(&self) -> Result<Row, RecordError> {
        let body = serde_json::to_string(self).map_err(|error| RecordError {
            table: Self::TABLE.name,
            error: error.to_string(),
        })?;
        Ok(Row {
            key: self.key(),
            version: 1,
            columns: self.columns(),
            body,
        })
    }

    /// From a row.
    fn from_row(row: &Row) -> Result<Versioned<Self>, RecordError> {
        Self::from_body(row.version, &row.body)
    }

    /// From a row's body.
    fn from_body(version: i64, body: &str) -> Result<Versioned<Self>, RecordError> {
        let value = serde_json::from_str(body).map_err(|error| RecordError {
            table: Self::TABLE.name,
            error: error.to_string(),
        })?;
        Ok(Versioned { version, value })
    }
}

/// A record with the version it was read at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// The row's version.
    pub version: i64,
    /// The record.
    pub value: T,
}

/// A row that can't be written or read as its record: a bug or a damaged store, never a user's
/// mistake.
#[derive(Debug, Clone, thiserror::Error)]
#[error("a record of `{table}` can't be converted: {error}")]
pub struct RecordError {
    /// The table.
    pub table: &'static str,
    /// What serde says. Never contains the value itself.
    pub error: String,
}

impl From<RecordError> for StoreError {
    fn from(error: RecordError) -> Self {
        Self(error.to_string())
    }
}

impl dyn Store + '_ {
    /// Reads one record.
    pub async fn load<R: Record>(
        &self,
        key: Vec<Value>,
    ) -> Result<Option<Versioned<R>>, StoreError> {
        if !R::IS_IN_BODY {
            let row = self.get(R::TABLE, key).await?;
            return Ok(row.as_ref().map(R::from_row).transpose()?);
        }
        let body = self.body(R::TABLE, key).await?;
        Ok(body
            .map(|body| R::from_body(body.version, &body.value))
            .transpose()?)
    }

    /// Reads the records that match.
    pub async fn list<R: Record>(&self, query: Query) -> Result<Vec<Versioned<R>>, StoreError> {
        if !R::IS_IN_BODY {
            let rows = self.scan(query).await?;
            return Ok(rows.iter().map(R::from_row).collect::<Result<_, _>>()?);
        }
        let bodies = self.bodies(query).await?;
        let records = bodies
            .iter()
            .map(|body| R::from_body(body.version, &body.value));
        Ok(records.collect::<Result<_, _>>()?)
    }
}
