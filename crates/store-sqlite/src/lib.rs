//! SQLite backend: one writer thread with group commit and full sync, a few readers, checkpoints
//! in the background.
//!
//! It is for one process on one machine; the caller holds a lock on the data directory. It knows
//! rows and tables, no business.
//!
//! Invariant (P1): a unit is answered only after the transaction that holds it was synced, and a
//! unit's id is in that same transaction, so that a retry finds it (design 2a.4).

mod apply;
mod backup;
mod cells;
mod checkpoints;
mod claim;
mod database;
mod readers;
mod schema;
mod sql;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use naru_domain::Timestamp;
use naru_store::{
    BackupError, BoxFuture, Claim, Commit, CommitError, Query, Row, Stamp, Stamps, Store,
    StoreError, Table, Value, Versioned,
};
use tokio::sync::{mpsc, oneshot};

use crate::checkpoints::Checkpoints;
use crate::database::Database;
use crate::readers::Readers;
use crate::writer::{Request, Writer};

/// Requests that wait for the writer at most; whoever comes later waits to get in.
const QUEUE_MAX: usize = 1_024;

/// Gives the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Called by the writer's thread before each COMMIT: a seam for tests.
pub type CommitHook = Arc<dyn Fn() -> CommitFault + Send + Sync>;

/// What a test makes of a COMMIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitFault {
    /// Nothing.
    None,
    /// It fails and has no effect.
    Before,
    /// It takes effect, but looks as if it had failed.
    After,
}

/// Options of [`SqliteStore::open`]. The default is what a server wants.
#[derive(Clone)]
pub struct SqliteOptions {
    /// The process clock. Default: the system's.
    pub clock: Clock,
    /// For tests. Default: none.
    pub before_commit: Option<CommitHook>,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            clock: Arc::new(system_time),
            before_commit: None,
        }
    }
}

fn system_time() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Why a database was not opened. Nothing in it was changed, except that a migration which was
/// begun may have got as far as the error says.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file's directory is missing: probably a mistyped path.
    #[error("the directory `{0}` does not exist\nhint: create it, or correct the path")]
    NoDirectory(PathBuf),
    /// Somebody else reads or writes it.
    #[error("`{0}` is in use by another process\nhint: stop it, or use another directory")]
    InUse(PathBuf),
    /// The file system can't carry a write-ahead log with full sync (P1).
    #[error(
        "the database can't be made durable: journal mode `{0}`, synchronous {1}\n\
         hint: put it on a local disk"
    )]
    NotDurable(String, i64),
    /// A file of another program.
    #[error("`{0}` is not a database of Naru\nhint: correct the path")]
    NotNaru(PathBuf),
    /// Written by a newer Naru.
    #[error(
        "the database has schema {found}, this naru knows {known}\n\
         hint: run the newer naru, or restore a backup from before the upgrade"
    )]
    Newer {
        /// The schema in the database.
        found: i64,
        /// The newest schema of this binary.
        known: i64,
    },
    /// A migration failed.
    #[error("the schema can't be brought up to date: {0}")]
    Migration(#[source] Box<refinery::Error>),
    /// The file system refused.
    #[error("the database can't be opened: {0}")]
    Io(#[from] std::io::Error),
    /// SQLite refused.
    #[error("the database can't be opened: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

/// Why a statement or a transaction failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("the transaction was rolled back: {0}")]
    RolledBack(String),
    #[error("the outcome of an earlier commit is in doubt while a read is running")]
    InDoubt,
    #[error("the table `{0}` is not one of Naru's")]
    UnknownTable(&'static str),
    #[error("a fault injected by a test")]
    Injected,
}

impl Failure {
    /// Whether a table's constraint or trigger refused a row: the same again never succeeds.
    fn is_refusal(&self) -> bool {
        match self {
            Self::Sqlite(error) => {
                error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
            }
            Self::RolledBack(_) | Self::InDoubt | Self::UnknownTable(_) | Self::Injected => false,
        }
    }
}

/// The store. See the crate's text.
pub struct SqliteStore {
    database: Database,
    requests: mpsc::Sender<Request>,
    readers: Arc<Readers>,
    clock: Clock,
    stamps: Arc<Stamps>,
}

impl SqliteStore {
    /// Opens the database, creates it if only the file is missing, and brings its schema up to
    /// date. Blocks for the time of a few syncs. The store needs a tokio runtime for its scans.
    pub fn open(path: &Path, options: SqliteOptions) -> Result<Arc<Self>, OpenError> {
        let (database, connection) = Database::create(path)?;
        let readers = Readers::open(&database)?;
        let (requests, received) = mpsc::channel(QUEUE_MAX);
        let stamps = Arc::<Stamps>::default();
        let writer = Writer {
            checkpoints: Checkpoints::start(database.clone())?,
            database: database.clone(),
            connection: Some(connection),
            clock: options.clock.clone(),
            before_commit: options.before_commit,
            forget_at: (options.clock)(),
            stamps: Arc::clone(&stamps),
        };
        writer::spawn(writer, received)?;
        Ok(Arc::new(Self {
            database,
            requests,
            readers,
            clock: options.clock,
            stamps,
        }))
    }

    async fn ask<T>(&self, request: Request, answer: oneshot::Receiver<T>) -> Result<T, String> {
        let closed = || "the store is closed".to_owned();
        self.requests.send(request).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())
    }
}

impl Store for SqliteStore {
    fn get(
        &self,
        table: &'static Table,
        key: Vec<Value>,
    ) -> BoxFuture<'_, Result<Option<Row>, StoreError>> {
        Box::pin(async move { self.readers.get(table, &key) })
    }

    fn scan(&self, query: Query) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        Box::pin(self.readers.clone().scan(query))
    }

    fn body(
        &self,
        table: &'static Table,
        key: Vec<Value>,
    ) -> BoxFuture<'_, Result<Option<Versioned<String>>, StoreError>> {
        Box::pin(async move { self.readers.body(table, &key) })
    }

    fn bodies(&self, query: Query) -> BoxFuture<'_, Result<Vec<Versioned<String>>, StoreError>> {
        Box::pin(self.readers.clone().bodies(query))
    }

    fn count(&self, query: Query, cap: u32) -> BoxFuture<'_, Result<u32, StoreError>> {
        Box::pin(self.readers.clone().count(query, cap))
    }

    fn commit(&self, unit: Commit) -> BoxFuture<'_, Result<(), CommitError>> {
        Box::pin(async move {
            unit.check()?;
            let (answer, answered) = oneshot::channel();
            let outcome = self.ask(Request::Commit(unit, answer), answered).await;
            outcome.unwrap_or_else(|reason| Err(CommitError::Unavailable(reason)))
        })
    }

    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            let outcome = self.ask(Request::Claim(claim, answer), answered).await;
            outcome.unwrap_or_else(|reason| Err(StoreError(reason)))
        })
    }

    fn now(&self) -> BoxFuture<'_, Result<Timestamp, StoreError>> {
        Box::pin(async move { Ok((self.clock)()) })
    }

    fn stamp(&self, store_id: &str, payment_id: &str) -> Option<Stamp> {
        self.stamps.of(store_id, payment_id)
    }

    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn backup(&self, to: PathBuf) -> BoxFuture<'_, Result<u64, BackupError>> {
        let database = self.database.clone();
        let work = tokio::task::spawn_blocking(move || backup::write(&database, &to));
        Box::pin(async move {
            work.await
                .unwrap_or_else(|error| Err(BackupError::Failed(error.to_string())))
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            // Readers first: the log can only be emptied when nobody reads it.
            self.readers.close().await;
            let (answer, answered) = oneshot::channel();
            // An error means that it is closed already.
            let _ = self.ask(Request::Close(answer), answered).await;
        })
    }
}
