//! PostgreSQL as Naru's store: many nodes, one database, and nothing but the database between
//! them.
//!
//! It turns the table descriptions of `naru_store` into SQL, commits units whole (P1, design
//! 2a.4), leases jobs with `SKIP LOCKED`, and migrates forward at start-up. It must not know a
//! business rule, hold state between requests, create a database, or hang correctness on
//! advisory locks, `LISTEN`, sequences or deferred constraints (design 2.6).
//!
//! Invariant: a connection goes back to the pool only when its last transaction is known to have
//! ended; every other one is thrown away.

mod claim;
mod commit;
mod failure;
mod migrate;
mod open;
mod pool;
mod prune;
mod read;
mod sql;
mod target;
#[cfg(feature = "test-support")]
pub mod test_support;
mod tls;
mod together;
mod transfer;
mod values;

use std::sync::Arc;
use std::time::Duration;

use naru_domain::Timestamp;
use naru_store::{BoxFuture, Claim, Commit, CommitError, Query, Row, Store, StoreError};
use naru_store::{Table, Value};
use tokio::sync::{RwLock, RwLockReadGuard};
use tokio::task::JoinHandle;

pub use open::OpenError;
pub use transfer::{CopyIn, Transfer, TransferError};

use commit::Writer;
use failure::Failure;
use pool::Pool;
use sql::Tables;

/// How to use the database.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// Connections at most. PostgreSQL's `max_connections` is shared by all nodes.
    pub connections: usize,
    /// How long a commit or a read is tried again while the database is away.
    pub patience: Duration,
    /// Accept `fsync=off` and `synchronous_commit=off`, which void P1. For tests only.
    pub allow_unsafe_durability: bool,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            connections: 16,
            patience: Duration::from_secs(8),
            allow_unsafe_durability: false,
        }
    }
}

/// The PostgreSQL backend.
pub struct PostgresStore {
    pool: Pool,
    options: PostgresOptions,
    tables: Tables,
    writer: Arc<Writer>,
    /// `true` once closed. Each operation holds it for reading, so that closing waits for them.
    closed: RwLock<bool>,
    pruner: JoinHandle<()>,
}

impl PostgresStore {
    /// Connects, checks that the server keeps what it says it kept, and migrates forward.
    pub async fn open(url: &str, options: PostgresOptions) -> Result<Arc<Self>, OpenError> {
        open::open(url, options).await
    }

    /// Deletes the ids of units committed more than three days ago. Runs by itself every ten
    /// minutes; here for those who want it now.
    pub async fn forget_old_units(&self) -> Result<(), StoreError> {
        let _open = self.enter().await?;
        Ok(prune::forget(&self.pool).await?)
    }

    async fn enter(&self) -> Result<RwLockReadGuard<'_, bool>, Failure> {
        let closed = self.closed.read().await;
        if *closed {
            return Err(Failure::Lasting("the store is closed".to_owned()));
        }
        Ok(closed)
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        self.pruner.abort();
    }
}

impl Store for PostgresStore {
    fn get(
        &self,
        table: &'static Table,
        key: Vec<Value>,
    ) -> BoxFuture<'_, Result<Option<Row>, StoreError>> {
        Box::pin(self.read_one(table, key))
    }

    fn scan(&self, query: Query) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        Box::pin(self.read_matching(query))
    }

    fn count(&self, query: Query, cap: u32) -> BoxFuture<'_, Result<u32, StoreError>> {
        Box::pin(self.count_matching(query, cap))
    }

    fn commit(&self, unit: Commit) -> BoxFuture<'_, Result<(), CommitError>> {
        Box::pin(self.commit_unit(unit))
    }

    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        Box::pin(self.claim_jobs(claim))
    }

    fn now(&self) -> BoxFuture<'_, Result<Timestamp, StoreError>> {
        Box::pin(self.database_time())
    }

    fn name(&self) -> &'static str {
        "postgres"
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut closed = self.closed.write().await;
            *closed = true;
            self.pruner.abort();
            self.pool.close();
        })
    }
}
