//! Whole tables through one connection, for filling a database from another store.
//!
//! Everything is brought in by one transaction, and looked at again inside it, so that others see
//! all of it or nothing. It must not put values into a message, and must not judge what it reads.
//!
//! Invariant: a database that has rows is never filled, and nobody writes to one while it is.

use std::collections::HashMap;
use std::pin::Pin;
use std::time::Duration;

use naru_store::{Row, Table, Value, tables};
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Statement};

use crate::failure::{Failure, describe};
use crate::migrate::is_current;
use crate::pool::{check_server, connect_error};
use crate::target::{Solo, Target};
use crate::values::{self, Cell, Param};
use crate::{OpenError, sql};

/// A server that writes much may leave bytes unread for as long as its disk is busy: longer than
/// a commit would wait for it.
const UNACKNOWLEDGED_FOR: Duration = Duration::from_mins(2);

/// The server's own limits are for short transactions. A lock that is not free soon is another
/// program's that works on the database.
const BEGIN: &str = "BEGIN; SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = 0; \
     SET LOCAL idle_in_transaction_session_timeout = 0";

/// One moment's rows, however long it takes to read them.
const BEGIN_READING: &str = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; \
     SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";

/// Why a database was not filled, or not read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TransferError {
    /// Tables that have rows.
    #[error("the database has rows already, in {}", .0.join(", "))]
    NotEmpty(Vec<String>),
    /// The database refused, or is away. What was begun is undone.
    #[error("{0}")]
    Failed(String),
    /// The answer to COMMIT was lost: all of it is there, or nothing.
    #[error("nobody knows whether the database took it: {0}")]
    InDoubt(String),
}

impl From<tokio_postgres::Error> for TransferError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Failed(describe(&error))
    }
}

impl From<Failure> for TransferError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure.text())
    }
}

/// A connection of its own to a database that is filled, or read from end to end.
pub struct Transfer {
    solo: Solo,
    is_current: bool,
    pages: HashMap<(&'static str, bool, u32), Statement>,
}

impl Transfer {
    /// Connects and checks the server, as opening a store does. Changes nothing.
    pub async fn connect(url: &str, allow_unsafe_durability: bool) -> Result<Self, OpenError> {
        let mut target = Target::parse(url)?;
        target.config.tcp_user_timeout(UNACKNOWLEDGED_FOR);
        let database = target.config.get_dbname().map(ToOwned::to_owned);
        let said = |error: tokio_postgres::Error| connect_error(&error, database.as_deref());
        let solo = target.connect().await.map_err(said)?;
        let refusal = check_server(&solo.client, allow_unsafe_durability).await;
        if let Some(refusal) = refusal.map_err(said)? {
            return Err(refusal);
        }
        let is_current = is_current(&solo.client).await?;
        Ok(Self {
            solo,
            is_current,
            pages: HashMap::new(),
        })
    }

    /// Whether the database has this version's schema.
    pub fn is_current(&self) -> bool {
        self.is_current
    }

    /// Tables that have rows, the setting of that name left out. Changes nothing, and asks for no
    /// schema.
    pub async fn filled_tables(&self, mark: &str) -> Result<Vec<String>, TransferError> {
        let names: Vec<_> = tables::ALL.iter().map(|table| table.name).collect();
        let there = "SELECT name FROM unnest($1::text[]) AS name \
             WHERE to_regclass(quote_ident(name)) IS NOT NULL";
        let rows = self.solo.client.query(there, &[&names]).await?;
        let there = texts(&rows)?;
        let there: Vec<_> = tables::ALL
            .iter()
            .copied()
            .filter(|table| there.iter().any(|name| name == table.name))
            .collect();
        filled(&self.solo.client, &there, mark).await
    }

    /// Begins to read one moment's rows.
    pub async fn begin_reading(&mut self) -> Result<(), TransferError> {
        Ok(self.solo.client.batch_execute(BEGIN_READING).await?)
    }

    /// Begins to fill a database that has this version's schema and no rows. First the mark, a
    /// setting, is put there for everybody to see; then a transaction is begun that nobody else
    /// writes beside. [`Transfer::commit`] takes the mark away with it.
    pub async fn begin(&mut self, mark: &Row) -> Result<(), TransferError> {
        let name = name_of(mark)?;
        let client = &self.solo.client;
        begin_alone(client, name).await?;
        let settings = &tables::SETTINGS;
        let statement = "INSERT INTO settings (name, version, body) VALUES ($1, 1, $2) \
             ON CONFLICT (name) DO UPDATE SET body = EXCLUDED.body";
        debug_assert!(settings.columns.is_empty(), "the statement names them all");
        client.execute(statement, &[&name, &mark.body]).await?;
        client.batch_execute("COMMIT").await?;
        begin_alone(client, name).await
    }

    /// Takes rows of a table in. One table at a time.
    pub async fn copy_in(&self, table: &'static Table) -> Result<CopyIn, TransferError> {
        let sink = self.solo.client.copy_in(&sql::copy_in(table)).await?;
        let kind = |column: &naru_store::Column| match column.kind {
            naru_store::Kind::Text => Type::TEXT,
            naru_store::Kind::Int => Type::INT8,
        };
        let types: Vec<_> = (table.key.iter().map(kind))
            .chain([Type::INT8])
            .chain(table.columns.iter().map(kind))
            .chain([Type::TEXT])
            .collect();
        Ok(CopyIn {
            table,
            writer: Box::pin(BinaryCopyInWriter::new(sink, &types)),
        })
    }

    /// Looks at how the values of all tables are spread, so that the first reads are planned well.
    pub async fn analyze(&self) -> Result<(), TransferError> {
        let names = tables::ALL.iter().map(|table| sql::quoted(table.name));
        let statement = format!("ANALYZE {}", sql::list(names));
        Ok(self.solo.client.batch_execute(&statement).await?)
    }

    /// Rows behind a key, `limit` at most, in the order of the key; without a key, the first.
    pub async fn rows_after(
        &mut self,
        table: &'static Table,
        after: Option<&[Value]>,
        limit: u32,
    ) -> Result<Vec<Row>, TransferError> {
        let shape = (table.name, after.is_none(), limit);
        let statement = if let Some(known) = self.pages.get(&shape) {
            known.clone()
        } else {
            let text = sql::page(table, after.is_none(), limit);
            let prepared = self.solo.client.prepare(&text).await?;
            self.pages.insert(shape, prepared.clone());
            prepared
        };
        let params: Vec<Param> = after.unwrap_or_default().iter().map(Param::from).collect();
        let params: Vec<_> = params.iter().map(values::as_sql).collect();
        let found = self.solo.client.query(&statement, &params).await?;
        let rows = found.iter().map(|row| values::row(table, row));
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Makes everything visible that was brought in since [`Transfer::begin`], and takes the mark
    /// away. On disk when it answers.
    pub async fn commit(self, mark: &Row) -> Result<(), TransferError> {
        let name = name_of(mark)?;
        let client = &self.solo.client;
        let gone = "DELETE FROM settings WHERE name = $1";
        client.execute(gone, &[&name]).await?;
        let committed = client.batch_execute("COMMIT").await;
        committed.map_err(|error| TransferError::InDoubt(describe(&error)))
    }
}

/// Rows on their way into one table.
pub struct CopyIn {
    table: &'static Table,
    writer: Pin<Box<BinaryCopyInWriter>>,
}

impl CopyIn {
    /// Sends a row as it is, its version included. It must be in its table's shape.
    pub async fn write(&mut self, row: &Row) -> Result<(), TransferError> {
        // The driver would panic on another number of values.
        let refused = |why| TransferError::Failed(format!("a row can't be stored: {why}"));
        self.table.check_row(row).map_err(refused)?;
        let cells: Vec<_> = row.key.iter().chain(&row.columns).map(Cell).collect();
        let (keys, columns) = cells.split_at(row.key.len());
        let mut values: Vec<&(dyn ToSql + Sync)> = Vec::with_capacity(cells.len() + 2);
        values.extend(keys.iter().map(|cell| cell as &(dyn ToSql + Sync)));
        values.push(&row.version);
        values.extend(columns.iter().map(|cell| cell as &(dyn ToSql + Sync)));
        values.push(&row.body);
        Ok(self.writer.as_mut().write(&values).await?)
    }

    /// Ends the table; gives how many rows the server took. Without this call none of them counts.
    pub async fn finish(mut self) -> Result<u64, TransferError> {
        Ok(self.writer.as_mut().finish().await?)
    }
}

/// Begins a transaction beside which nobody writes, on a database without rows but the mark.
async fn begin_alone(client: &Client, mark: &str) -> Result<(), TransferError> {
    client.batch_execute(BEGIN).await?;
    client.batch_execute(&sql::lock(tables::ALL)).await?;
    let filled = filled(client, tables::ALL, mark).await?;
    if filled.is_empty() {
        return Ok(());
    }
    Err(TransferError::NotEmpty(filled))
}

async fn filled(
    client: &Client,
    tables: &[&Table],
    mark: &str,
) -> Result<Vec<String>, TransferError> {
    if tables.is_empty() {
        return Ok(Vec::new());
    }
    let statement = sql::filled(tables, &tables::SETTINGS);
    let rows = client.query(&statement, &[&mark]).await?;
    Ok(texts(&rows)?)
}

fn texts(rows: &[tokio_postgres::Row]) -> Result<Vec<String>, tokio_postgres::Error> {
    rows.iter().map(|row| row.try_get(0)).collect()
}

fn name_of(mark: &Row) -> Result<&str, TransferError> {
    match mark.key.as_slice() {
        [Value::Text(name)] => Ok(name),
        _ => Err(TransferError::Failed("the mark is no setting".to_owned())),
    }
}
