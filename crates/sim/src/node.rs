//! A process of Naru: an engine and its workers, and whether it lives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use naru_engine::index::Looks;
use naru_engine::records::{JobRecord, Queue};
use naru_engine::{Engine, LEASE_MS};
use naru_store::Versioned;
use tokio::sync::Notify;

use crate::Shared;
use crate::time::sleep_ms;

const QUEUES: [Queue; 4] = [
    Queue::Resolve,
    Queue::Webhook,
    Queue::Deadline,
    Queue::Schedule,
];
/// Jobs leased at once.
const BATCH: u32 = 16;
/// Rows indexed at once.
const INDEX_BATCH: u32 = 200;
/// How often a lease is renewed: a third of it.
const RENEW_MS: u64 = LEASE_MS.unsigned_abs() / 3;

/// Whether a process lives. A dead one goes no step further: whatever it calls never returns.
#[derive(Debug)]
pub struct Life {
    /// Its place among the processes.
    pub index: usize,
    alive: AtomicBool,
    died: Notify,
}

impl Life {
    pub fn new(index: usize) -> Arc<Self> {
        Arc::new(Self {
            index,
            alive: AtomicBool::new(true),
            died: Notify::new(),
        })
    }

    pub fn is_alive(&self) -> bool {
        self.alive.load(Ordering::SeqCst)
    }

    /// Ends it. `false`: it was dead already.
    pub fn end(&self) -> bool {
        let was_alive = self.alive.swap(false, Ordering::SeqCst);
        self.died.notify_waiters();
        was_alive
    }

    /// Returns when the process has died.
    pub async fn over(&self) {
        let died = self.died.notified();
        if self.is_alive() {
            died.await;
        }
    }

    /// Never returns if the process is dead.
    pub async fn hold_if_dead(&self) {
        if !self.is_alive() {
            std::future::pending::<()>().await;
        }
    }
}

/// A process.
pub struct Node {
    pub engine: Engine,
    pub life: Arc<Life>,
}

impl Node {
    /// Starts its workers. `is_sole_owner`: nobody else uses the store, so that all leases that it
    /// finds are a dead process's.
    pub fn start(self: &Arc<Self>, world: &Shared, is_sole_owner: bool) {
        for queue in QUEUES {
            tokio::spawn(drive(
                Arc::clone(world),
                Arc::clone(self),
                queue,
                is_sole_owner,
            ));
        }
        tokio::spawn(index(Arc::clone(world), Arc::clone(self)));
    }
}

/// Leases what is due and runs each job on a task of its own.
async fn drive(world: Shared, node: Arc<Node>, queue: Queue, is_sole_owner: bool) {
    let mut ignores_leases = is_sole_owner;
    while node.life.is_alive() {
        let lease = (LEASE_MS, ignores_leases);
        let found = node.engine.claim(queue, BATCH, lease, Vec::new()).await;
        let Ok(found) = found else {
            sleep_ms(1_000).await;
            continue;
        };
        // With more than one batch of old work the next look has to ignore leases too; what is
        // running by then runs twice, which does no harm.
        ignores_leases = ignores_leases && found.len() == BATCH as usize;
        let had_some = !found.is_empty();
        for job in found {
            tokio::spawn(run(Arc::clone(&node), job));
        }
        if !had_some {
            sleep_ms(world.pace_ms()).await;
        }
    }
}

async fn run(node: Arc<Node>, job: Versioned<JobRecord>) {
    // A job that could not be put back is found again when its lease ends.
    let _ = node.engine.run_renewing(job, || sleep_ms(RENEW_MS)).await;
}

/// Fills what lists read.
async fn index(world: Shared, node: Arc<Node>) {
    let mut looks = Looks::default();
    while node.life.is_alive() {
        let done = node.engine.index_results().await.unwrap_or(0);
        let left = node.engine.index_left(&mut looks, INDEX_BATCH).await;
        if done == 0 && left.unwrap_or(0) == 0 {
            sleep_ms(world.pace_ms()).await;
        }
    }
}
