//! The write side: units of writes, and leases on jobs.

use naru_domain::Timestamp;
use uuid::Uuid;

use crate::{Condition, Record, RecordError, Row, Table, Value, Versioned};

/// One write of a unit.
#[derive(Debug, Clone)]
pub enum Write {
    /// A new row at version 1. The key must not exist.
    Insert(&'static Table, Row),
    /// Replaces columns and body of the row that has this version; its version rises by one.
    Update {
        /// Which table.
        table: &'static Table,
        /// The new content; its `version` is ignored.
        row: Row,
        /// The version that was read.
        expected: i64,
    },
    /// Changes nothing: the row must have this version, and has it still when the unit takes
    /// effect. Units that expect the same row do not conflict with each other.
    Expect {
        /// Which table.
        table: &'static Table,
        /// The whole key.
        key: Vec<Value>,
        /// The version that was read.
        expected: i64,
    },
    /// Inserts, or replaces whatever is there. For derived rows, and for rows that nobody reads
    /// but for their version.
    Upsert(&'static Table, Row),
    /// Deletes the row that has this version.
    Delete {
        /// Which table.
        table: &'static Table,
        /// The whole key.
        key: Vec<Value>,
        /// The version that was read; `None` deletes whatever is there, or nothing.
        expected: Option<i64>,
    },
    /// Empties one column of the row that has this version, which it keeps: for marks that say what
    /// is still to be derived from a row, and no part of what it says.
    Clear {
        /// Which table.
        table: &'static Table,
        /// The whole key.
        key: Vec<Value>,
        /// Which column.
        column: &'static str,
        /// The version that was read.
        expected: i64,
    },
    /// Deletes every row that matches. For derived rows and retention only.
    DeleteWhere(&'static Table, Vec<Condition>),
    /// Adds to an integer column of a row that must exist; a null counts as 0. It names no version
    /// and changes none, so additions of many at once never conflict with each other: a counter.
    Add {
        /// Which table.
        table: &'static Table,
        /// The whole key.
        key: Vec<Value>,
        /// Which column.
        column: &'static str,
        /// What to add; negative to take away.
        delta: i64,
        /// What the sum must not exceed, or the unit conflicts.
        at_most: i64,
    },
}

/// A unit: applied whole or not at all.
#[derive(Debug, Clone)]
pub struct Commit {
    /// The unit's own id, a UUID v7. A retry with the same id is safe: design 2a.4.
    pub id: Uuid,
    /// Its writes, applied in order.
    pub writes: Vec<Write>,
}

impl Commit {
    /// An empty unit.
    pub fn new(id: Uuid) -> Self {
        Self {
            id,
            writes: Vec::new(),
        }
    }

    /// Adds a new record.
    pub fn insert<R: Record>(&mut self, record: &R) -> Result<(), RecordError> {
        self.writes.push(Write::Insert(R::TABLE, record.to_row()?));
        Ok(())
    }

    /// Adds a changed record, expecting the version it was read at.
    pub fn update<R: Record>(&mut self, record: &Versioned<R>) -> Result<(), RecordError> {
        let row = record.value.to_row()?;
        self.writes.push(Write::Update {
            table: R::TABLE,
            row,
            expected: record.version,
        });
        Ok(())
    }

    /// Adds a derived record, replacing what is there.
    pub fn upsert<R: Record>(&mut self, record: &R) -> Result<(), RecordError> {
        self.writes.push(Write::Upsert(R::TABLE, record.to_row()?));
        Ok(())
    }

    /// Expects a record as it was read, and leaves it so.
    pub fn expect<R: Record>(&mut self, record: &Versioned<R>) {
        self.writes.push(Write::Expect {
            table: R::TABLE,
            key: record.value.key(),
            expected: record.version,
        });
    }

    /// Deletes a record as it was read.
    pub fn delete<R: Record>(&mut self, record: &Versioned<R>) {
        self.writes.push(Write::Delete {
            table: R::TABLE,
            key: record.value.key(),
            expected: Some(record.version),
        });
    }
}

/// Why a unit was not applied.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// Somebody else was first: nothing was changed.
    #[error("a row of `{0}` is not as expected")]
    Conflict(&'static str),
    /// No backend can store this unit (see [`Commit::check`]): a bug. Nothing was changed, and a
    /// retry changes nothing.
    #[error("the unit can't be stored: {0}")]
    Invalid(String),
    /// The outcome is unknown. Retry the same unit, with the same id.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
}

/// A request for due jobs: the first of them by due time, then id, whose lane is not busy. However
/// many jobs of busy lanes come before them, a backend must not read all of those.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Which queue.
    pub queue: &'static str,
    /// Jobs due at or before this, in the queue's own clock.
    pub due: Timestamp,
    /// The process clock; leases that ended before this are free.
    pub now: Timestamp,
    /// Until when the lease holds, by the process clock.
    pub until: Timestamp,
    /// How many at most.
    pub limit: u32,
    /// Lanes that are busy and must not be claimed.
    pub busy: Vec<String>,
}
