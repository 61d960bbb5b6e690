//! Driving one queue: lease what is due, run it, each job on a task of its own.

use std::time::Duration;

use naru_engine::records::{JobRecord, Queue};
use naru_engine::{Engine, Fault, LEASE_MS};
use naru_store::Versioned;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Lanes;

/// How often a queue is looked at without a wake-up call.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long a queue rests when the store is away.
const REST: Duration = Duration::from_secs(1);
/// A third of a lease.
const RENEW_EVERY: Duration = Duration::from_millis(LEASE_MS.unsigned_abs() / 3);
/// How long a leased job waits for its lane, which its lease must outlive.
const LANE_WAIT_MAX: Duration = RENEW_EVERY;
/// How long a delivery may go on when the server stops. A receiver that hangs must not hold the
/// server up; what was cut off is delivered again by whoever takes over its lease.
const DELIVERY_GRACE: Duration = Duration::from_secs(3);
/// Jobs of a dead process that are taken up at once at start; the rest waits for its leases.
pub(crate) const FIRST_BATCH: u32 = 10_000;

pub(crate) struct Driver {
    pub(crate) queue: Queue,
    pub(crate) lanes: Lanes,
    pub(crate) lease_ms: i64,
    /// Jobs leased at once.
    pub(crate) batch_max: usize,
    /// Jobs that are taken up at start whoever had leased them, where nobody else can have.
    pub(crate) inherited_max: u32,
}

impl Driver {
    /// What a dead process had leased. Asked for before this server takes its first request:
    /// later, a lease could be a living request's.
    pub(crate) async fn inherited(&self, engine: &Engine) -> Vec<Versioned<JobRecord>> {
        if self.inherited_max == 0 {
            return Vec::new();
        }
        let queue = self.queue.name();
        let lease = (self.lease_ms, true);
        match engine
            .claim(self.queue, self.inherited_max, lease, Vec::new())
            .await
        {
            Ok(jobs) => {
                if !jobs.is_empty() {
                    let jobs = jobs.len();
                    tracing::info!(queue, jobs, "taking up the work of the process before");
                }
                jobs
            }
            Err(fault) => {
                tracing::warn!(queue, %fault, "can't take up old work; its leases will run out");
                Vec::new()
            }
        }
    }

    pub(crate) async fn drive(
        self,
        engine: Engine,
        inherited: Vec<Versioned<JobRecord>>,
        (stop, tasks): (CancellationToken, TaskTracker),
    ) {
        let freed = std::sync::Arc::new(Notify::new());
        for job in inherited {
            while self.lanes.room().0 == 0 && !stop.is_cancelled() {
                freed.notified().await;
            }
            self.start(&engine, (&tasks, &stop), job, &freed);
        }
        while !stop.is_cancelled() {
            let (room, busy) = self.lanes.room();
            let limit = room.min(self.batch_max);
            let found = self.claim(&engine, limit, busy.clone(), &stop).await;
            let count = found.len();
            for job in found {
                self.start(&engine, (&tasks, &stop), job, &freed);
            }
            if count == 0 || count < limit {
                let had_room = limit > 0;
                self.rest(&engine, (had_room, &busy), (&stop, &freed)).await;
            }
        }
    }

    async fn claim(
        &self,
        engine: &Engine,
        limit: usize,
        busy: Vec<String>,
        stop: &CancellationToken,
    ) -> Vec<Versioned<JobRecord>> {
        let limit = u32::try_from(limit).unwrap_or(0);
        if limit == 0 {
            return Vec::new();
        }
        let lease = (self.lease_ms, false);
        match engine.claim(self.queue, limit, lease, busy).await {
            Ok(jobs) => jobs,
            Err(fault) => {
                tracing::warn!(queue = self.queue.name(), %fault, "can't lease jobs");
                rest(stop, REST).await;
                Vec::new()
            }
        }
    }

    /// After a look that found all there was beside the busy lanes: until there may be more, or one
    /// of these lanes has room.
    async fn rest(
        &self,
        engine: &Engine,
        (had_room, were_busy): (bool, &[String]),
        (stop, freed): (&CancellationToken, &Notify),
    ) {
        let has_room = async {
            loop {
                freed.notified().await;
                let (room, busy) = self.lanes.room();
                let is_free = |lane: &String| busy.binary_search(lane).is_err();
                if room > 0 && (!had_room || were_busy.iter().any(is_free)) {
                    return;
                }
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = woken(engine, self.queue) => {}
            () = has_room => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }

    /// Runs a job on a task of its own. One whose lane stays full is left to its lease's end, which
    /// is rare: the claim left full lanes out.
    fn start(
        &self,
        engine: &Engine,
        (tasks, stop): (&TaskTracker, &CancellationToken),
        job: Versioned<JobRecord>,
        freed: &std::sync::Arc<Notify>,
    ) {
        let engine = engine.clone();
        let waiting = self.lanes.wait(&job.value.lane);
        let freed = std::sync::Arc::clone(freed);
        let stop = stop.clone();
        let may_be_cut = match self.queue {
            // Neither moves money: what was cut off is done again.
            Queue::Webhook | Queue::Compare => true,
            Queue::Resolve | Queue::Deadline | Queue::Schedule => false,
        };
        tasks.spawn(async move {
            let place = tokio::select! {
                place = waiting.place() => place,
                () = tokio::time::sleep(LANE_WAIT_MAX) => return,
                () = stop.cancelled() => return,
            };
            let run = run(&engine, job);
            if may_be_cut {
                tokio::select! {
                    () = run => {}
                    () = cut_off(&stop) => {}
                }
            } else {
                run.await;
            }
            drop(place);
            freed.notify_one();
        });
    }
}

async fn run(engine: &Engine, job: Versioned<JobRecord>) {
    let id = job.value.id.clone();
    let done: Result<_, Fault> = engine
        .run_renewing(job, || tokio::time::sleep(RENEW_EVERY))
        .await;
    if let Err(fault) = done {
        tracing::warn!(job = id, %fault, "a job could not be put back");
    }
}

/// A wake-up call for a queue. Nothing calls for deadlines: they are looked for.
async fn woken(engine: &Engine, queue: Queue) {
    match queue {
        Queue::Resolve => engine.wakers().resolve().notified().await,
        Queue::Webhook => engine.wakers().webhook().notified().await,
        Queue::Compare => engine.wakers().compare().notified().await,
        Queue::Schedule => engine.wakers().schedule().notified().await,
        Queue::Deadline => std::future::pending().await,
    }
}

async fn cut_off(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(DELIVERY_GRACE).await;
}

async fn rest(stop: &CancellationToken, time: Duration) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(time) => {}
    }
}
