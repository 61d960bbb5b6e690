//! What Naru keeps, and the one way to keep it.
//!
//! A backend stores *rows* of the tables described in [`tables`]: key columns, real columns for
//! what is filtered and sorted, and a JSON body. The write side is one call, [`Store::commit`]:
//! a unit of writes, all or nothing, durable before the answer (P1). Nothing in this crate knows
//! SQL or a database; `store-sqlite`, `store-postgres` and `store-memory` do, and all three pass
//! the same suite ([`conformance`]).
//!
//! Invariant: a write that depends on what was read names the version it read, and a unit whose
//! expectation no longer holds changes nothing.

mod check;
mod commit;
pub mod conformance;
mod pages;
mod query;
mod record;
mod row;
mod stamps;
pub mod tables;

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;

pub use check::{possible, prefix_end};
pub use commit::{Claim, Commit, CommitError, Write};
pub use pages::rows_after;
pub use query::{Condition, Direction, Query};
pub use record::{Record, RecordError, Versioned};
pub use row::{Column, Kind, Row, Table, Value};
pub use stamps::{Changing, Stamp, Stamps};

use naru_domain::Timestamp;

/// A boxed future, so that a backend can be chosen at start-up behind `Arc<dyn Store>`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A read failed. Nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the store is unavailable: {0}")]
pub struct StoreError(pub String);

/// A copy was not made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BackupError {
    /// This backend has tools of its own for it.
    #[error("a store on {0} is copied by the database's own tools")]
    Elsewhere(&'static str),
    /// The file is there already.
    #[error("`{0}` exists already")]
    Exists(PathBuf),
    /// Something else. Nothing is left of the copy.
    #[error("the copy could not be made: {0}")]
    Failed(String),
}

/// A backend.
///
/// Every method may be called from many tasks at once. Reads see every commit that was answered
/// before the read began.
pub trait Store: Send + Sync {
    /// One row by its whole key.
    fn get(
        &self,
        table: &'static Table,
        key: Vec<Value>,
    ) -> BoxFuture<'_, Result<Option<Row>, StoreError>>;

    /// Rows that match, in the query's order.
    fn scan(&self, query: Query) -> BoxFuture<'_, Result<Vec<Row>, StoreError>>;

    /// The body of one row by its whole key: all that a record is made of, without the columns
    /// that are there to find it.
    fn body(
        &self,
        table: &'static Table,
        key: Vec<Value>,
    ) -> BoxFuture<'_, Result<Option<Versioned<String>>, StoreError>> {
        let row = self.get(table, key);
        Box::pin(async move { Ok(row.await?.map(Row::into_body)) })
    }

    /// The bodies of the rows that match, in the query's order.
    fn bodies(&self, query: Query) -> BoxFuture<'_, Result<Vec<Versioned<String>>, StoreError>> {
        let rows = self.scan(query);
        Box::pin(async move { Ok(rows.await?.into_iter().map(Row::into_body).collect()) })
    }

    /// How many rows match, counting no further than `cap`. Order, limit and offset of the query
    /// are ignored.
    fn count(&self, query: Query, cap: u32) -> BoxFuture<'_, Result<u32, StoreError>>;

    /// Applies a unit: all writes or none, on disk before it answers. A unit whose id was
    /// committed before changes nothing and succeeds.
    fn commit(&self, unit: Commit) -> BoxFuture<'_, Result<(), CommitError>>;

    /// Leases jobs that are due. A leased job stays invisible to other claims until its lease
    /// runs out; the returned rows carry the version under which the lease can be finished.
    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Row>, StoreError>>;

    /// The process clock that leases go by: this machine's for one node, the database's where
    /// nodes share one.
    fn now(&self) -> BoxFuture<'_, Result<Timestamp, StoreError>>;

    /// The stamp of a payment and its webhooks: as long as it is the same, so are their rows. To
    /// be taken before they are read. `None` while they are changed, and always where other
    /// processes may write.
    fn stamp(&self, _store_id: &str, _payment_id: &str) -> Option<Stamp> {
        None
    }

    /// Which backend this is, for logs and the `doctor`.
    fn name(&self) -> &'static str;

    /// Writes a copy of everything to a file of this machine, while it is used; gives its size in
    /// bytes.
    fn backup(&self, _to: PathBuf) -> BoxFuture<'_, Result<u64, BackupError>> {
        Box::pin(async move { Err(BackupError::Elsewhere(self.name())) })
    }

    /// Finishes what was accepted and closes. Later calls answer that the store is unavailable.
    fn close(&self) -> BoxFuture<'_, ()>;
}
