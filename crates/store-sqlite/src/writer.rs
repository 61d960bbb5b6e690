//! The one thread that writes: it takes what has queued up, applies each unit, commits all of it
//! with one full sync, and only then answers (P1).
//!
//! Invariant (design 2a.4): after a COMMIT that failed, nobody is answered before the database
//! was closed, opened again, made durable as it is found, and asked for the units' ids. If that
//! can't be done, every unit of the batch is answered "unavailable", outcome unknown.

use std::sync::Arc;
use std::time::{Duration, Instant};

use naru_domain::Timestamp;
use naru_store::{Claim, Commit, CommitError, Row, Stamps, StoreError};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::apply::{Undone, commit_unit, execute, forget, in_savepoint, knows};
use crate::checkpoints::Checkpoints;
use crate::claim::claim_jobs;
use crate::database::{Database, Extent, checkpoint};
use crate::{Clock, CommitFault, CommitHook, Failure};

/// Units and claims in one transaction at most. 20 to 40 thousand units a second were measured at
/// 32 to 128; more only makes the first of them wait.
const BATCH_MAX: usize = 256;

/// How often a batch whose transaction failed is tried before its units are given up.
const ATTEMPTS_MAX: u32 = 2;

/// How long a unit's id is remembered, and so how late a retry may come.
const UNIT_KEPT_SECONDS: i64 = 24 * 60 * 60;

/// How often old unit ids are looked for.
const FORGET_EVERY_SECONDS: i64 = 10 * 60;

/// Unit ids forgotten along with one batch.
const FORGET_STEP: u32 = 500;

/// Units of the last batch from which on the next one waits for more. Fewer have no company.
const COMPANY_MIN: usize = 4;

/// How long a batch waits for more at most.
const GATHER_MAX: Duration = Duration::from_millis(4);

/// How often a batch that waits looks whether it is complete.
const GATHER_LOOK_EVERY: Duration = Duration::from_micros(250);

/// What the next batch waits for.
///
/// A commit costs a sync, and writes every page it has touched once, however many units touched it:
/// with units that come one by one from many callers, that is most of a unit's cost. So where the
/// last batch had units of several callers, the next one waits for as many, but no longer than
/// that one took: no unit takes more than about twice the time that it would take without.
#[derive(Default)]
struct Gather {
    units: usize,
    time: Duration,
}

impl Gather {
    fn committed(&mut self, units: usize, took: Duration) {
        *self = if units < COMPANY_MIN {
            Self::default()
        } else {
            Self {
                units,
                time: took.min(GATHER_MAX),
            }
        };
    }

    /// Waits, and takes what has come into the batch.
    fn complete(&self, batch: &mut Vec<Request>, requests: &mut mpsc::Receiver<Request>) {
        let began = Instant::now();
        while batch.len() + requests.len() < self.units && began.elapsed() < self.time {
            std::thread::sleep(GATHER_LOOK_EVERY);
        }
        while batch.len() < BATCH_MAX
            && let Ok(request) = requests.try_recv()
        {
            batch.push(request);
        }
    }
}

/// What the writer is asked to do.
pub(crate) enum Request {
    Commit(Commit, oneshot::Sender<Result<(), CommitError>>),
    Claim(Claim, oneshot::Sender<Result<Vec<Row>, StoreError>>),
    /// Do what is queued, close the database, answer, end.
    Close(oneshot::Sender<()>),
}

impl Request {
    fn unit(&self) -> Option<&Commit> {
        match self {
            Self::Commit(unit, _) => Some(unit),
            // Jobs only.
            Self::Claim(..) | Self::Close(_) => None,
        }
    }
}

/// What became of a request, kept until the transaction is on disk.
enum Outcome {
    Commit(Result<(), CommitError>),
    Claim(Result<Vec<Row>, StoreError>),
    Close,
}

pub(crate) struct Writer {
    pub(crate) database: Database,
    /// `None` after a failure: then the next use opens it again, see [`Writer::connection`].
    pub(crate) connection: Option<Connection>,
    pub(crate) checkpoints: Checkpoints,
    pub(crate) clock: Clock,
    pub(crate) before_commit: Option<CommitHook>,
    /// When old unit ids are next looked for.
    pub(crate) forget_at: Timestamp,
    pub(crate) stamps: Arc<Stamps>,
}

impl Writer {
    /// Runs until a [`Request::Close`], or until nobody can ask any more.
    pub(crate) fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        let mut closers = Vec::new();
        let mut gather = Gather::default();
        while requests.blocking_recv_many(&mut batch, BATCH_MAX) > 0 {
            gather.complete(&mut batch, &mut requests);
            let began = Instant::now();
            if batch
                .iter()
                .any(|request| matches!(request, Request::Close(_)))
            {
                // What was accepted before is still received, and done.
                requests.close();
            }
            let changing = self.stamps.begin(batch.iter().filter_map(Request::unit));
            let outcomes = self.run_batch(&batch);
            self.stamps.end(changing);
            gather.committed(batch.len(), began.elapsed());
            self.checkpoints.units_committed(batch.len());
            for (request, outcome) in batch.drain(..).zip(outcomes) {
                answer(request, outcome, &mut closers);
            }
        }
        self.close();
        for closer in closers {
            let _ = closer.send(());
        }
    }

    fn run_batch(&mut self, batch: &[Request]) -> Vec<Outcome> {
        let mut reason = String::new();
        for attempt in 1..=ATTEMPTS_MAX {
            match self.transact(batch) {
                // Units that an earlier attempt got to disk are found there by their ids.
                Ok(outcomes) => return outcomes,
                Err(failure) => {
                    reason = failure.to_string();
                    tracing::error!(attempt, units = batch.len(), reason, "a commit failed");
                    // Dropping the connection rolls back what is not committed.
                    self.connection = None;
                }
            }
        }
        self.give_up(batch, &reason)
    }

    fn transact(&mut self, batch: &[Request]) -> Result<Vec<Outcome>, Failure> {
        let now = (self.clock)();
        let fault = self.before_commit.clone();
        let forget_before = (now >= self.forget_at).then(|| now.plus_seconds(-UNIT_KEPT_SECONDS));
        let connection = self.connection()?;
        let outcomes = perform_all(connection, batch, now)?;
        let forgotten = match forget_before {
            Some(before) => forget(connection, before, FORGET_STEP)?,
            None => 0,
        };
        commit(connection, fault.as_ref())?;
        if forget_before.is_some() && forgotten == 0 {
            self.forget_at = now.plus_seconds(FORGET_EVERY_SECONDS);
        }
        Ok(outcomes)
    }

    /// The connection, opened again after a failure.
    ///
    /// After a failed sync the kernel may hold pages that it believes written and that are not on
    /// the disk, and a later sync of the log would not write them again. So what the log holds is
    /// copied to the database file, which is synced, before anything in it is believed; and the
    /// log is emptied, so that a transaction in doubt can't come back after the next crash.
    fn connection(&mut self) -> Result<&Connection, Failure> {
        let connection = if let Some(connection) = self.connection.take() {
            connection
        } else {
            let connection = self.database.writer()?;
            if checkpoint(&connection, Extent::Truncate)?.busy {
                return Err(Failure::InDoubt);
            }
            tracing::warn!("the database was opened again after a failure");
            connection
        };
        Ok(self.connection.insert(connection))
    }

    /// Answers a batch that could not be committed: success for what is on disk all the same.
    fn give_up(&mut self, batch: &[Request], reason: &str) -> Vec<Outcome> {
        let connection = self.connection().ok();
        let known = |unit: &Commit| connection.is_some_and(|c| knows(c, unit).unwrap_or(false));
        let outcome = |request: &Request| match request {
            Request::Commit(unit, _) if known(unit) => Outcome::Commit(Ok(())),
            Request::Commit(..) => {
                Outcome::Commit(Err(CommitError::Unavailable(reason.to_owned())))
            }
            // Jobs that were leased all the same are free again when the lease ends.
            Request::Claim(..) => Outcome::Claim(Err(StoreError(reason.to_owned()))),
            Request::Close(_) => Outcome::Close,
        };
        batch.iter().map(outcome).collect()
    }

    fn close(self) {
        self.checkpoints.stop();
        // Not fatal: the log stays beside the database and is read at the next start.
        let Some(connection) = self.connection else {
            return;
        };
        match checkpoint(&connection, Extent::Truncate) {
            Ok(done) if !done.busy => {}
            Ok(_) => tracing::warn!("the log could not be emptied: a read is still running"),
            Err(error) => tracing::warn!(%error, "the log could not be emptied"),
        }
        if let Err((_, error)) = connection.close() {
            tracing::warn!(%error, "the database could not be closed");
        }
    }
}

/// Does a batch in a transaction that stays open.
///
/// Nearly always every unit of it can be applied, so it is first tried without savepoints: SQLite
/// copies each page that a savepoint changes for the first time. If one unit can't be applied,
/// all of it is undone and done again with a savepoint for each.
fn perform_all(
    connection: &Connection,
    batch: &[Request],
    now: Timestamp,
) -> Result<Vec<Outcome>, Failure> {
    execute(connection, "BEGIN IMMEDIATE", [])?;
    let plainly = batch
        .iter()
        .map(|request| perform(connection, request, now));
    match plainly.collect::<Result<Vec<_>, _>>() {
        Ok(outcomes) => return Ok(outcomes),
        // A full disk or a failed write makes SQLite roll back everything by itself.
        Err(Undone::Failed(failure)) if connection.is_autocommit() => {
            return Err(Failure::RolledBack(failure.to_string()));
        }
        Err(_) => {
            execute(connection, "ROLLBACK", [])?;
            execute(connection, "BEGIN IMMEDIATE", [])?;
        }
    }
    let apart = batch.iter().map(|request| {
        let done = in_savepoint(connection, || perform(connection, request, now))?;
        Ok(done.unwrap_or_else(|undone| undone_outcome(request, undone)))
    });
    apart.collect()
}

fn perform(connection: &Connection, request: &Request, now: Timestamp) -> Result<Outcome, Undone> {
    Ok(match request {
        Request::Commit(unit, _) => {
            commit_unit(connection, unit, now)?;
            Outcome::Commit(Ok(()))
        }
        Request::Claim(claim, _) => Outcome::Claim(Ok(claim_jobs(connection, claim)?)),
        Request::Close(_) => Outcome::Close,
    })
}

/// What is answered to a request that was undone while the others of its batch go on.
fn undone_outcome(request: &Request, undone: Undone) -> Outcome {
    match request {
        Request::Commit(..) => Outcome::Commit(Err(match undone {
            Undone::Conflict(table) => CommitError::Conflict(table),
            Undone::Failed(failure) if failure.is_refusal() => {
                CommitError::Invalid(failure.to_string())
            }
            Undone::Failed(failure) => CommitError::Unavailable(failure.to_string()),
        })),
        Request::Claim(..) => Outcome::Claim(Err(match undone {
            Undone::Conflict(table) => StoreError(format!("a row of `{table}` changed")),
            Undone::Failed(failure) => StoreError(failure.to_string()),
        })),
        Request::Close(_) => Outcome::Close,
    }
}

fn commit(connection: &Connection, hook: Option<&CommitHook>) -> Result<(), Failure> {
    let fault = hook.map_or(CommitFault::None, |hook| hook());
    if fault == CommitFault::Before {
        return Err(Failure::Injected);
    }
    execute(connection, "COMMIT", [])?;
    if fault == CommitFault::After {
        Err(Failure::Injected)
    } else {
        Ok(())
    }
}

fn answer(request: Request, outcome: Outcome, closers: &mut Vec<oneshot::Sender<()>>) {
    // Whoever asked may have gone; what was committed stays committed.
    match (request, outcome) {
        (Request::Commit(_, answer), Outcome::Commit(outcome)) => drop(answer.send(outcome)),
        (Request::Claim(_, answer), Outcome::Claim(outcome)) => drop(answer.send(outcome)),
        (Request::Close(closer), _) => closers.push(closer),
        // Dropping the sender answers "unavailable".
        (Request::Commit(..) | Request::Claim(..), _) => {}
    }
}

/// Starts the writer's thread.
pub(crate) fn spawn(writer: Writer, requests: mpsc::Receiver<Request>) -> std::io::Result<()> {
    let thread = std::thread::Builder::new().name("naru-sqlite-writer".to_owned());
    thread.spawn(move || writer.run(requests))?;
    Ok(())
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
