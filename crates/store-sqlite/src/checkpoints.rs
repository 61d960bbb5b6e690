//! Checkpoints beside the commits, on a thread and a connection of their own.
//!
//! A passive checkpoint makes nobody wait; done often it is small. Under steady load it never
//! quite catches up, so the log does not restart by itself; when it is large it is made to, for
//! which commits wait a moment.
//!
//! Invariant: nothing here decides what is committed; a checkpoint that fails is tried again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use crate::database::{Database, Extent, checkpoint, optimize};

/// Units after which a step is due: some thousands of pages of log.
const STEP_UNITS: usize = 500;

/// When a step is due after the last commit of a few.
const STEP_AFTER: Duration = Duration::from_secs(1);

/// Pages of log (of 4 KiB: 32 MiB) above which it is made to restart.
const LOG_PAGES_MAX: i64 = 8_192;

/// Units after which the planner's figures are looked at again.
const OPTIMIZE_UNITS: usize = 50_000;

/// The writer's side of the checkpoint thread.
pub(crate) struct Checkpoints {
    /// Units since the last step.
    units: Arc<AtomicUsize>,
    wake: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Checkpoints {
    /// Starts the thread.
    pub(crate) fn start(database: Database) -> std::io::Result<Self> {
        let units = Arc::new(AtomicUsize::new(0));
        let (wake, woken) = sync_channel(1);
        let thread = std::thread::Builder::new().name("naru-sqlite-checkpoint".to_owned());
        let counted = units.clone();
        let thread = thread.spawn(move || run(&database, &counted, &woken))?;
        Ok(Self {
            units,
            wake,
            thread,
        })
    }

    /// Counts units, and wakes the thread when a step is due.
    pub(crate) fn units_committed(&self, units: usize) {
        let before = self.units.fetch_add(units, Ordering::Relaxed);
        if before.saturating_add(units) >= STEP_UNITS {
            // A full channel means that it is about to wake anyway.
            let _ = self.wake.try_send(());
        }
    }

    /// Ends the thread and waits for it.
    pub(crate) fn stop(self) {
        drop(self.wake);
        if self.thread.join().is_err() {
            tracing::error!("the checkpoint thread panicked");
        }
    }
}

fn run(database: &Database, units: &AtomicUsize, woken: &Receiver<()>) {
    let mut connection = None;
    // Once soon after the start, then after so many units.
    let mut until_optimize = 0_usize;
    loop {
        match woken.recv_timeout(STEP_AFTER) {
            Err(RecvTimeoutError::Disconnected) => return,
            Ok(()) | Err(RecvTimeoutError::Timeout) => {}
        }
        let done = units.swap(0, Ordering::Relaxed);
        if done == 0 {
            continue;
        }
        let optimize_now = until_optimize <= done;
        if let Err(error) = step(database, &mut connection, optimize_now) {
            tracing::warn!(%error, "a checkpoint failed");
            connection = None;
            // There is still something to do.
            units.fetch_add(1, Ordering::Relaxed);
        } else {
            until_optimize = if optimize_now {
                OPTIMIZE_UNITS
            } else {
                until_optimize - done
            };
        }
    }
}

fn step(
    database: &Database,
    connection: &mut Option<Connection>,
    optimize_now: bool,
) -> rusqlite::Result<()> {
    let open = match connection.take() {
        Some(open) => open,
        None => database.checkpointer()?,
    };
    let open = connection.insert(open);
    if optimize_now {
        optimize(open)?;
    }
    let done = checkpoint(open, Extent::Passive)?;
    if done.log_pages > LOG_PAGES_MAX {
        // What came in meanwhile, so that commits wait for as little as possible. Restarting, not
        // truncating: a log that keeps its blocks is quicker to sync than one that grows.
        checkpoint(open, Extent::Passive)?;
        let done = checkpoint(open, Extent::Restart)?;
        tracing::debug!(
            log_pages = done.log_pages,
            busy = done.busy,
            "the log was restarted"
        );
    }
    Ok(())
}
