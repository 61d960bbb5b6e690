//! Stamps: what tells that something made from a payment's rows still holds, without reading them.
//!
//! A stamp belongs to a *subject*: a payment, with its webhooks. It differs as soon as a unit that
//! writes to one of them could be seen, and stays the same otherwise. Only a backend whose every
//! write passes through one process can give it.
//!
//! Subjects share slots by their hash. Two in one slot only make each other's stamp change.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::tables::{PAYMENTS, WEBHOOKS};
use crate::{Commit, Row, Table, Value, Write};

/// Slots: 128 KiB. At 3,000 writes a second, others change a stamp once in five seconds.
const SLOTS: usize = 16_384;

/// The state of a subject at some time. Stamps are equal if and only if nothing that was written
/// to it in between could have been seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    slot: u64,
    all: u64,
}

impl Stamp {
    /// For a backend that counts every change and shows each at once.
    pub fn of_everything(changes: u64) -> Self {
        Self {
            slot: changes,
            all: 0,
        }
    }
}

/// Counters of what was written: odd while a unit is on its way, so that the stamp changes before
/// anybody sees the unit, and again before it is answered.
pub struct Stamps {
    slots: Box<[AtomicU64]>,
    /// For writes that do not say which subject they change.
    all: AtomicU64,
    hash: RandomState,
}

/// The slots that units on their way may change.
#[must_use = "the stamps of these slots stay without a value until it is ended"]
pub struct Changing {
    slots: Vec<usize>,
    all: bool,
}

impl Default for Stamps {
    fn default() -> Self {
        Self {
            slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
            all: AtomicU64::new(0),
            hash: RandomState::new(),
        }
    }
}

impl Stamps {
    /// The stamp of a payment, to be taken before its rows are read. `None` while it is changed.
    pub fn of(&self, store_id: &str, payment_id: &str) -> Option<Stamp> {
        let stamp = Stamp {
            slot: self.slot(store_id, payment_id)?.load(Ordering::SeqCst),
            all: self.all.load(Ordering::SeqCst),
        };
        (stamp.slot.is_multiple_of(2) && stamp.all.is_multiple_of(2)).then_some(stamp)
    }

    /// To be called before any of these units can be seen, and by one at a time: until its end
    /// nobody else may begin.
    pub fn begin<'a>(&self, units: impl Iterator<Item = &'a Commit>) -> Changing {
        let mut changing = Changing {
            slots: Vec::new(),
            all: false,
        };
        for write in units.flat_map(|unit| &unit.writes) {
            match subject(write) {
                Subject::None => {}
                Subject::Unknown => changing.all = true,
                Subject::Is(store_id, payment_id) => {
                    changing.slots.push(self.place(store_id, payment_id));
                }
            }
        }
        changing.slots.sort_unstable();
        changing.slots.dedup();
        self.count(&changing.slots, changing.all);
        changing
    }

    /// To be called when these units can be seen by every reader, or never will be; before anybody
    /// is answered.
    pub fn end(&self, changing: Changing) {
        let Changing { slots, all } = changing;
        self.count(&slots, all);
    }

    fn count(&self, slots: &[usize], all: bool) {
        for slot in slots.iter().filter_map(|at| self.slots.get(*at)) {
            slot.fetch_add(1, Ordering::SeqCst);
        }
        if all {
            self.all.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn slot(&self, store_id: &str, payment_id: &str) -> Option<&AtomicU64> {
        self.slots.get(self.place(store_id, payment_id))
    }

    fn place(&self, store_id: &str, payment_id: &str) -> usize {
        let hash = self.hash.hash_one((store_id, payment_id));
        usize::try_from(hash % SLOTS as u64).unwrap_or(0)
    }
}

/// Whose stamp a write changes.
enum Subject<'a> {
    None,
    Is(&'a str, &'a str),
    Unknown,
}

fn subject(write: &Write) -> Subject<'_> {
    match write {
        Write::Insert(table, row)
        | Write::Upsert(table, row)
        | Write::Update { table, row, .. } => of_row(table, row),
        Write::Delete { table, key, .. } | Write::Add { table, key, .. } => of_key(table, key),
        Write::DeleteWhere(table, _) if is_watched(table) => Subject::Unknown,
        // A mark is in no answer.
        Write::DeleteWhere(..) | Write::Expect { .. } | Write::Clear { .. } => Subject::None,
    }
}

fn of_row<'a>(table: &Table, row: &'a Row) -> Subject<'a> {
    if table.name != WEBHOOKS.name {
        return of_key(table, &row.key);
    }
    match (row.key.first(), WEBHOOKS.value_of(row, "subject_id")) {
        (Some(Value::Text(store_id)), Some(Value::Text(subject))) => Subject::Is(store_id, subject),
        _ => Subject::Unknown,
    }
}

fn of_key<'a>(table: &Table, key: &'a [Value]) -> Subject<'a> {
    match key {
        [Value::Text(store_id), Value::Text(payment_id)] if table.name == PAYMENTS.name => {
            Subject::Is(store_id, payment_id)
        }
        _ if is_watched(table) => Subject::Unknown,
        _ => Subject::None,
    }
}

fn is_watched(table: &Table) -> bool {
    table.name == PAYMENTS.name || table.name == WEBHOOKS.name
}

#[cfg(test)]
#[path = "stamps_tests.rs"]
mod tests;
