//! Connections that read.
//!
//! Two sets, so that a long list never stands in the way of a single row: a few for
//! [`Readers::get`] and questions that few rows answer, used on the caller's own thread for
//! microseconds, and a few for scans and counts, used on tokio's blocking threads. Going to another
//! thread and back costs more than such a read itself.
//!
//! Invariant: a connection holds no snapshot between two uses, so each read sees every commit
//! that was answered before it began.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use naru_store::{Query, Row, StoreError, Table, Value, Versioned, possible};
use rusqlite::{Connection, OptionalExtension};
use tokio::sync::Semaphore;

use crate::Failure;
use crate::apply::statements;
use crate::cells::{bound, read_body, read_row};
use crate::database::Database;
use crate::sql;

/// Connections for single rows: as many as threads that usually run the server.
const INLINE_READERS: usize = 4;

/// Connections for scans and counts.
const SCAN_READERS: u32 = 4;

/// What is read of a row.
#[derive(Debug, Clone, Copy)]
enum Part {
    Row,
    /// Version and body: a record needs no more, and the columns are a third of a read's work.
    Body,
}

pub(crate) struct Readers {
    inline: Vec<Mutex<Option<Connection>>>,
    next: AtomicUsize,
    scans: Mutex<Vec<Connection>>,
    /// One permit for each connection in `scans`.
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn open(database: &Database) -> rusqlite::Result<Arc<Self>> {
        let inline = (0..INLINE_READERS).map(|_| Ok(Mutex::new(Some(database.reader()?))));
        let scans = (0..SCAN_READERS).map(|_| database.reader());
        Ok(Arc::new(Self {
            inline: inline.collect::<rusqlite::Result<_>>()?,
            next: AtomicUsize::new(0),
            scans: Mutex::new(scans.collect::<rusqlite::Result<_>>()?),
            permits: Arc::new(Semaphore::new(SCAN_READERS as usize)),
        }))
    }

    /// One row, read here and now.
    pub(crate) fn get(&self, table: &Table, key: &[Value]) -> Result<Option<Row>, StoreError> {
        self.one(table, key, Part::Row, |row| read_row(table, row))
    }

    /// The body of one row, likewise.
    pub(crate) fn body(
        &self,
        table: &Table,
        key: &[Value],
    ) -> Result<Option<Versioned<String>>, StoreError> {
        self.one(table, key, Part::Body, read_body)
    }

    fn one<T>(
        &self,
        table: &Table,
        key: &[Value],
        part: Part,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        if !table.can_hold(key)? {
            return Ok(None);
        }
        self.here(|connection| {
            let statements = statements(table)?;
            let text = match part {
                Part::Row => &statements.get,
                Part::Body => &statements.get_body,
            };
            let mut get = connection.prepare_cached(text)?;
            Ok(get.query_row(bound(key), read).optional()?)
        })
    }

    fn here<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let slot = self.slot().ok_or_else(closed)?;
        let connection = slot.as_ref().ok_or_else(closed)?;
        read(connection).map_err(|failure| StoreError(failure.to_string()))
    }

    /// The first connection that is free, or else the next: each commit empties the caches of all
    /// of them, so the fewer are used the more often a page is still there.
    fn slot(&self) -> Option<MutexGuard<'_, Option<Connection>>> {
        let free = self.inline.iter().find_map(|slot| slot.try_lock().ok());
        free.or_else(|| {
            let next = self.next.fetch_add(1, Ordering::Relaxed) % INLINE_READERS;
            self.inline.get(next).map(lock)
        })
    }

    /// The rows of a query.
    pub(crate) async fn scan(self: Arc<Self>, query: Query) -> Result<Vec<Row>, StoreError> {
        let table = query.table;
        self.many(query, Part::Row, |row| read_row(table, row))
            .await
    }

    /// The bodies of a query's rows.
    pub(crate) async fn bodies(
        self: Arc<Self>,
        query: Query,
    ) -> Result<Vec<Versioned<String>>, StoreError> {
        self.many(query, Part::Body, read_body).await
    }

    async fn many<T: Send + 'static>(
        self: Arc<Self>,
        query: Query,
        part: Part,
        read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<Vec<T>, StoreError> {
        query.check()?;
        if query.is_few {
            return self.here(|connection| matching(connection, &query, part, read));
        }
        self.on_blocking_thread(move |connection| matching(connection, &query, part, read))
            .await
    }

    /// How many rows match, up to `cap`.
    pub(crate) async fn count(self: Arc<Self>, query: Query, cap: u32) -> Result<u32, StoreError> {
        query.check()?;
        self.on_blocking_thread(move |connection| {
            let Some(conditions) = possible(&query.filter) else {
                return Ok(0);
            };
            let count = sql::count(query.table, &conditions, cap);
            let mut select = connection.prepare_cached(&count.text)?;
            Ok(select.query_row(bound(&count.values), |row| row.get(0))?)
        })
        .await
    }

    async fn on_blocking_thread<T: Send + 'static>(
        self: Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = self
            .permits
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| closed())?;
        let work = move || {
            let _permit = permit;
            let connection = lock(&self.scans).pop().ok_or_else(closed)?;
            let outcome = read(&connection);
            lock(&self.scans).push(connection);
            outcome.map_err(|failure| StoreError(failure.to_string()))
        };
        let outcome = tokio::task::spawn_blocking(work).await;
        outcome.unwrap_or_else(|error| Err(StoreError(error.to_string())))
    }

    /// Waits for reads that are under way, then closes; later reads answer "unavailable".
    pub(crate) async fn close(&self) {
        if let Ok(all) = self.permits.acquire_many(SCAN_READERS).await {
            self.permits.close();
            drop(all);
        }
        lock(&self.scans).clear();
        for slot in &self.inline {
            lock(slot).take();
        }
    }
}

fn matching<T>(
    connection: &Connection,
    query: &Query,
    part: Part,
    read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Failure> {
    let Some(conditions) = possible(&query.filter) else {
        return Ok(Vec::new());
    };
    let statements = statements(query.table)?;
    let select = match part {
        Part::Row => &statements.select,
        Part::Body => &statements.select_body,
    };
    let scan = sql::scan(select, query, &conditions);
    let mut select = connection.prepare_cached(&scan.text)?;
    let found = select.query_map(bound(&scan.values), read)?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn closed() -> StoreError {
    StoreError("the store is closed".to_owned())
}

/// A reader that panicked left its connection as it was: SQLite keeps its own state.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
