//! A store in memory, with an explicit border between what is volatile and what is durable.
//!
//! It serves tests of the engine and the simulator: it is deterministic (no clock, no thread, no
//! randomness of its own), it can lose what was not synced ([`MemoryStore::crash`]), and it can
//! fail the next commits before or after they took effect ([`MemoryStore::fail_next`]). It is no
//! backend for production.
//!
//! Invariant (P1): outside [`Durability::Relaxed`], a unit that was answered with success is in
//! the durable part, and reads see the durable part only.

pub mod agreement;
mod apply;
mod filter;
mod tables;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use naru_domain::Timestamp;
use naru_store::{
    BoxFuture, Claim, Commit, CommitError, Query, Row, Stamp, Store, StoreError, Table, Value,
    possible,
};
use tokio::sync::oneshot;

use crate::apply::{claim_jobs, commit_unit};
use crate::tables::{Changes, Tables};

/// When a unit that landed in the volatile part becomes durable, and when it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// At once, before the answer.
    #[default]
    Immediate,
    /// At the next [`MemoryStore::sync`], which also releases the answer.
    Held,
    /// At the next [`MemoryStore::sync`], but answered at once: a lying disk, to prove that a
    /// test would notice.
    Relaxed,
}

/// How a commit fails. Either way it answers [`CommitError::Unavailable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing happens.
    Before,
    /// The unit takes effect as it would have (a conflict still changes nothing).
    After,
}

type Clock = Box<dyn Fn() -> Timestamp + Send + Sync>;

/// The store. See the crate's text.
pub struct MemoryStore {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    durability: Durability,
    durable: Tables,
    live: Tables,
    /// What `live` has over `durable`, oldest first.
    unsynced: Vec<Changes>,
    /// Answers that wait for the next sync.
    held: Vec<oneshot::Sender<()>>,
    /// One for each of the coming commits; the front is the next.
    faults: VecDeque<Option<Fault>>,
    unavailable: bool,
    closed: bool,
    /// How often what reads see has changed.
    changes: u64,
}

impl MemoryStore {
    /// An empty store with [`Durability::Immediate`] that asks `clock` for the time.
    pub fn new(clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            clock: Box::new(clock),
            state: Mutex::default(),
        })
    }

    /// Changes how coming units become durable. What waits goes on waiting for a sync.
    pub fn set_durability(&self, durability: Durability) {
        let mut state = self.state();
        state.durability = durability;
        state.changes += 1;
    }

    /// Makes everything durable and releases the answers that waited for it.
    pub fn sync(&self) {
        self.state().sync();
    }

    /// The machine stops and starts again: what was not synced is gone, and whoever waits for an
    /// answer gets [`CommitError::Unavailable`]. A closed store is open again.
    pub fn crash(&self) {
        let mut state = self.state();
        state.live = state.durable.clone();
        state.unsynced.clear();
        state.held.clear();
        state.closed = false;
        state.changes += 1;
    }

    /// Fails the next commit that no earlier call has spoken for.
    pub fn fail_next(&self, fault: Fault) {
        self.state().faults.push_back(Some(fault));
    }

    /// Lets so many commits pass before the next [`fail_next`](Self::fail_next) counts.
    pub fn pass_next(&self, commits: usize) {
        self.state()
            .faults
            .extend(std::iter::repeat_n(None, commits));
    }

    /// Applies a unit that no check has looked at, as a person with a tool of their own would: for
    /// tests that such damage is found. A conflict changes nothing.
    pub fn damage(&self, unit: &Commit) {
        let mut state = self.state();
        if let Ok(changes) = commit_unit(&mut state.live, unit) {
            state.unsynced.push(changes);
            state.sync();
        }
    }

    /// While set, every call answers that the store is unavailable and changes nothing.
    pub fn set_unavailable(&self, unavailable: bool) {
        self.state().unavailable = unavailable;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing here panics half-way through a change, so a poisoned state is a whole one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, ask: impl FnOnce(&Tables) -> T) -> Result<T, StoreError> {
        let state = self.state();
        state.check_open().map_err(StoreError)?;
        Ok(ask(state.view()))
    }
}

impl State {
    fn check_open(&self) -> Result<(), String> {
        if self.closed {
            return Err("the store is closed".to_owned());
        }
        if self.unavailable {
            return Err("switched off by the test".to_owned());
        }
        Ok(())
    }

    /// What reads see: as in a real database, what was synced.
    fn view(&self) -> &Tables {
        if self.durability == Durability::Relaxed {
            &self.live
        } else {
            &self.durable
        }
    }

    fn sync(&mut self) {
        self.changes += 1;
        for changes in self.unsynced.drain(..) {
            self.durable.redo(changes);
        }
        for waiting in self.held.drain(..) {
            // Whoever waited may have gone; that changes nothing.
            let _ = waiting.send(());
        }
    }

    /// Lets changes land. With a receiver, the answer waits for it.
    fn land(&mut self, changes: Changes) -> Option<oneshot::Receiver<()>> {
        self.unsynced.push(changes);
        match self.durability {
            Durability::Immediate => {
                self.sync();
                None
            }
            Durability::Relaxed => {
                self.changes += 1;
                None
            }
            Durability::Held => {
                let (waiting, wait) = oneshot::channel();
                self.held.push(waiting);
                Some(wait)
            }
        }
    }
}

const LOST: &str = "the machine stopped before the sync";

async fn wait_for(sync: Option<oneshot::Receiver<()>>) -> Result<(), String> {
    match sync {
        None => Ok(()),
        Some(sync) => sync.await.map_err(|_| LOST.to_owned()),
    }
}

impl Store for MemoryStore {
    fn get(
        &self,
        table: &'static Table,
        key: Vec<Value>,
    ) -> BoxFuture<'_, Result<Option<Row>, StoreError>> {
        Box::pin(async move {
            let found = self.read(|tables| tables.get(table, &key).map(|row| Row::clone(row)))?;
            Ok(if table.can_hold(&key)? { found } else { None })
        })
    }

    fn scan(&self, query: Query) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        Box::pin(async move {
            query.check()?;
            self.read(|tables| match possible(&query.filter) {
                Some(conditions) => filter::scan(tables, &query, &conditions),
                None => Vec::new(),
            })
        })
    }

    fn count(&self, query: Query, cap: u32) -> BoxFuture<'_, Result<u32, StoreError>> {
        Box::pin(async move {
            query.check()?;
            self.read(|tables| match possible(&query.filter) {
                Some(conditions) => filter::count(tables, query.table, &conditions, cap),
                None => 0,
            })
        })
    }

    fn commit(&self, unit: Commit) -> BoxFuture<'_, Result<(), CommitError>> {
        Box::pin(async move {
            unit.check()?;
            let (fault, wait) = {
                let mut state = self.state();
                state.check_open().map_err(CommitError::Unavailable)?;
                let fault = state.faults.pop_front().flatten();
                if fault == Some(Fault::Before) {
                    return Err(CommitError::Unavailable(
                        "failed by the test, before".to_owned(),
                    ));
                }
                let outcome = commit_unit(&mut state.live, &unit);
                (fault, outcome.map(|changes| state.land(changes)))
            };
            if fault == Some(Fault::After) {
                return Err(CommitError::Unavailable(
                    "failed by the test, after".to_owned(),
                ));
            }
            wait_for(wait.map_err(CommitError::Conflict)?)
                .await
                .map_err(CommitError::Unavailable)
        })
    }

    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        Box::pin(async move {
            let (rows, wait) = {
                let mut state = self.state();
                state.check_open().map_err(StoreError)?;
                let (rows, changes) = claim_jobs(&mut state.live, &claim);
                (rows, state.land(changes))
            };
            wait_for(wait).await.map_err(StoreError)?;
            Ok(rows)
        })
    }

    fn now(&self) -> BoxFuture<'_, Result<Timestamp, StoreError>> {
        Box::pin(async move {
            self.read(|_| ())?;
            Ok((self.clock)())
        })
    }

    fn stamp(&self, _store_id: &str, _payment_id: &str) -> Option<Stamp> {
        Some(Stamp::of_everything(self.state().changes))
    }

    fn name(&self) -> &'static str {
        "memory"
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut state = self.state();
            state.sync();
            state.closed = true;
        })
    }
}
