//! Background work: thin drivers around [`naru_engine::Engine`].
//!
//! Guarantees: a webhook is delivered at least once, in no promised order, and receivers read
//! again (P6); an unclear outcome is looked into until it is clear (P4). Nothing here decides
//! anything about money: jobs are run by the engine, and running one twice does no harm.
//!
//! Everything is bounded: how many jobs are leased at a time, and how many of them compete for
//! one receiver or one channel, so that a receiver that hangs delays nobody else.

mod lanes;
mod queue;
mod upkeep;

use std::time::Duration;

use naru_engine::Engine;
use naru_engine::records::Queue;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use queue::FIRST_BATCH;

pub use lanes::{LaneLimits, Lanes};

/// Jobs leased at once.
const BATCH_MAX: usize = 64;

/// Limits of the workers.
#[derive(Debug, Clone, Copy)]
pub struct WorkersConfig {
    /// Whether no other server uses this store. Then the leases found at start are a dead
    /// process's, and its work is taken up at once.
    pub is_sole_owner: bool,
    /// Inquiries and reversals under way at once.
    pub resolving_max: usize,
    /// Of these, for one channel.
    pub resolving_per_channel_max: usize,
    /// Webhook deliveries under way at once.
    pub delivering_max: usize,
    /// Of these, to one receiver.
    pub delivering_per_receiver_max: usize,
    /// Merchants whose books are compared at once; none switches the comparison off.
    pub comparing_max: usize,
    /// Deadlines of virtual accounts looked at at once: with a moved clock many come together.
    pub deadlines_max: usize,
    /// Payments of schedules under way at once.
    pub paying_max: usize,
    /// Of these, at one PG.
    pub paying_per_pg_max: usize,
    /// Of these, through one channel.
    pub paying_per_channel_max: usize,
}

impl Default for WorkersConfig {
    fn default() -> Self {
        Self {
            is_sole_owner: false,
            resolving_max: 32,
            resolving_per_channel_max: 16,
            delivering_max: 256,
            delivering_per_receiver_max: 8,
            comparing_max: 0,
            deadlines_max: 8,
            paying_max: 256,
            paying_per_pg_max: 32,
            paying_per_channel_max: 16,
        }
    }
}

/// Running workers.
#[derive(Debug)]
pub struct Workers {
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Workers {
    /// Starts all workers on the current runtime. To be awaited before the first request is
    /// taken: the leases found then are a dead process's.
    pub async fn start(engine: &Engine, config: WorkersConfig) -> Self {
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let is_comparing = config.comparing_max > 0;
        for driver in drivers(config) {
            let inherited = driver.inherited(engine).await;
            let ending = (stop.clone(), tasks.clone());
            tasks.spawn(driver.drive(engine.clone(), inherited, ending));
        }
        tasks.spawn(upkeep::index(engine.clone(), stop.clone()));
        tasks.spawn(upkeep::sweep(engine.clone(), stop.clone()));
        tasks.spawn(upkeep::reconcile(
            engine.clone(),
            is_comparing,
            stop.clone(),
        ));
        tasks.spawn(upkeep::align(engine.clone(), stop.clone()));
        Self { stop, tasks }
    }

    /// Stops taking work and waits for what is under way, at most `patience`. What is left is
    /// found again by its lease.
    pub async fn stop(self, patience: Duration) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(patience, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("stopping with work under way; its leases will run out");
        }
    }
}

/// A driver for each queue.
fn drivers(config: WorkersConfig) -> Vec<queue::Driver> {
    let inherited_max = if config.is_sole_owner { FIRST_BATCH } else { 0 };
    let driver = |queue, limits: LaneLimits| queue::Driver {
        queue,
        lanes: Lanes::new(limits),
        lease_ms: naru_engine::LEASE_MS,
        batch_max: BATCH_MAX,
        inherited_max,
    };
    let resolve = LaneLimits {
        all_max: config.resolving_max,
        lane_max: config.resolving_per_channel_max,
        group_max: None,
    };
    let deliver = LaneLimits {
        all_max: config.delivering_max,
        lane_max: config.delivering_per_receiver_max,
        group_max: None,
    };
    let pay = LaneLimits {
        all_max: config.paying_max,
        lane_max: config.paying_per_channel_max,
        group_max: Some(config.paying_per_pg_max),
    };
    let batch_max = config.paying_per_channel_max.min(BATCH_MAX);
    let deadlines = LaneLimits {
        all_max: config.deadlines_max,
        lane_max: config.deadlines_max,
        group_max: None,
    };
    let compare = LaneLimits {
        all_max: config.comparing_max,
        lane_max: 1,
        group_max: None,
    };
    let mut all = vec![
        driver(Queue::Resolve, resolve),
        driver(Queue::Webhook, deliver),
        driver(Queue::Deadline, deadlines),
        queue::Driver {
            // No more than a lane runs at once: the others would be held while they wait.
            batch_max,
            // What a dead process held is first in the queue; more would be leased for nothing.
            inherited_max: inherited_max.min(u32::try_from(batch_max).unwrap_or(u32::MAX)),
            ..driver(Queue::Schedule, pay)
        },
    ];
    if config.comparing_max > 0 {
        all.push(driver(Queue::Compare, compare));
    }
    all
}
