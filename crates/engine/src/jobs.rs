//! Running jobs: what workers call. A job that is run twice does no harm; leases only save work.

use naru_domain::Timestamp;
use naru_store::{Claim, Commit, CommitError, Record, Versioned};

use crate::records::{JobKind, JobRecord, Queue};
use crate::{Engine, Fault};

/// How long a worker, or a request, holds a job, in milliseconds, unless the lease is renewed. What
/// a dead process held waits for so long on a store that others use too.
pub const LEASE_MS: i64 = 15_000;

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobDone {
    /// There is nothing more to do.
    Finished,
    /// Not yet: try again later.
    Again,
    /// Not yet: the PG refused. Try again later; these are counted apart.
    Refused,
    /// It goes on after a pause, however often it ran.
    Later {
        /// The pause, in milliseconds.
        pause_ms: i64,
    },
}

impl JobDone {
    /// What the job needs has been taken away for a while.
    pub(crate) const fn parked() -> Self {
        Self::Later {
            pause_ms: PAUSE_MAX_MS,
        }
    }
}

/// Pause before the next try, by how often it was tried: 1 s, 2 s, 4 s … up to a minute.
fn pause_ms(tries: u32) -> i64 {
    1_000_i64 << tries.min(6)
}

const PAUSE_MAX_MS: i64 = 60_000;

impl Engine {
    /// Leases due jobs of a queue. `first_look` after a start on a store that no other server
    /// uses: then every lease is a dead process's and is ignored.
    pub async fn claim(
        &self,
        queue: Queue,
        limit: u32,
        (lease_ms, first_look): (i64, bool),
        busy: Vec<String>,
    ) -> Result<Vec<Versioned<JobRecord>>, Fault> {
        let now = self.store().now().await?;
        let due = self.by_clock_of(queue, now);
        let claim = Claim {
            queue: queue.name(),
            due,
            now: if first_look {
                Timestamp::from_micros(i64::MAX)
            } else {
                now
            },
            until: now.plus_millis(lease_ms),
            limit,
            busy,
        };
        let rows = self.store().claim(claim).await?;
        Ok(rows
            .iter()
            .map(JobRecord::from_row)
            .collect::<Result<_, _>>()?)
    }

    /// A moment of the process clock, by the clock that a queue goes by.
    fn by_clock_of(&self, queue: Queue, now: Timestamp) -> Timestamp {
        if queue.is_business() {
            now.plus_millis(self.clock().offset_ms())
        } else {
            now
        }
    }

    /// Runs a leased job and puts it back if it is not over.
    pub async fn run(&self, job: Versioned<JobRecord>) -> Result<JobDone, Fault> {
        self.run_renewing(job, std::future::pending).await
    }

    /// Runs a leased job; each time a pause ends before it, the lease is renewed. So leases can
    /// be short, and what a dead process held is free again soon.
    pub async fn run_renewing<P: Future<Output = ()>>(
        &self,
        mut job: Versioned<JobRecord>,
        pause: impl Fn() -> P,
    ) -> Result<JobDone, Fault> {
        let done = match self.work_on(&mut job, pause).await {
            Ok(done) => done,
            Err(fault) => {
                tracing::warn!(job = job.value.id, %fault, detail = ?fault, "a job failed");
                JobDone::Again
            }
        };
        let again_ms = pause_ms(job.value.tries).min(PAUSE_MAX_MS);
        match (job.value.queue, done) {
            // A delivery puts its own job back or deletes it, with the record of the attempt. That
            // of a schedule ends with the intent.
            (Queue::Webhook, _) | (Queue::Schedule, JobDone::Finished) => {}
            (Queue::Resolve | Queue::Compare | Queue::Deadline, JobDone::Finished) => {
                self.drop_leased(job).await?;
            }
            (
                Queue::Resolve | Queue::Compare | Queue::Deadline | Queue::Schedule,
                JobDone::Again,
            ) => {
                self.put_back(job, again_ms).await?;
            }
            (
                Queue::Resolve | Queue::Compare | Queue::Deadline | Queue::Schedule,
                JobDone::Refused,
            ) => {
                job.value.refusals = job.value.refusals.saturating_add(1);
                self.put_back(job, again_ms).await?;
            }
            (
                Queue::Resolve | Queue::Compare | Queue::Deadline | Queue::Schedule,
                JobDone::Later { pause_ms },
            ) => {
                self.put_back(job, pause_ms).await?;
            }
        }
        Ok(done)
    }

    async fn work_on<P: Future<Output = ()>>(
        &self,
        job: &mut Versioned<JobRecord>,
        pause: impl Fn() -> P,
    ) -> Result<JobDone, Fault> {
        let record = job.value.clone();
        let mut work = std::pin::pin!(self.run_kind(&record));
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = pause() => self.renew(job).await,
            }
        }
    }

    /// Holds a job for longer. Not being able to is no harm: then somebody else may begin it too.
    async fn renew(&self, job: &mut Versioned<JobRecord>) {
        let Ok(now) = self.store().now().await else {
            return;
        };
        let value = JobRecord {
            lease_until: Some(now.plus_millis(LEASE_MS)),
            ..job.value.clone()
        };
        let renewed = Versioned {
            version: job.version,
            value,
        };
        let mut unit = Commit::new(self.new_uuid());
        if unit.update(&renewed).is_ok() && self.store().commit(unit).await.is_ok() {
            job.version += 1;
            job.value = renewed.value;
        }
    }

    async fn run_kind(&self, job: &JobRecord) -> Result<JobDone, Fault> {
        match &job.kind {
            kind @ (JobKind::ResolveAttempt { .. }
            | JobKind::EndWindow { .. }
            | JobKind::Reverse { .. }
            | JobKind::ResolveClose { .. }
            | JobKind::ResolveCancellation { .. }
            | JobKind::ResolveAction { .. }) => self.run_resolving(kind, job.refusals).await,
            JobKind::AccountDeadline {
                store_id,
                payment_id,
                attempt,
            } => {
                self.run_account_deadline(store_id, payment_id, *attempt)
                    .await
            }
            JobKind::EndKeyStep {
                store_id,
                billing_key,
                idempotency,
            } => {
                self.run_end_key_step(store_id, billing_key, idempotency.as_deref())
                    .await
            }
            JobKind::Notice {
                pg,
                pg_merchant_id,
                event_id,
            } => {
                self.run_notice((pg, pg_merchant_id, event_id), job.tries)
                    .await
            }
            JobKind::Pay { store_id, schedule } => {
                // A whole payment: boxed, so that every other job does not carry its room.
                Box::pin(self.run_schedule(store_id, schedule, job.tries)).await
            }
            JobKind::Identity(job) => self.run_identity_job(job).await,
            JobKind::CashReceipt(job) => self.run_receipt_job(job).await,
            JobKind::SettleTaxCall {
                store_id,
                invoice_id,
                number,
                edition,
                idempotency,
            } => {
                let call = (store_id, *invoice_id, *number);
                self.run_settle_tax_call(call, *edition, idempotency.as_deref())
                    .await
            }
            JobKind::WatchTaxInvoice {
                store_id,
                invoice_id,
            } => self.run_watch_tax_invoice(store_id, *invoice_id).await,
            JobKind::RunBulk { store_id, bulk_id } => {
                Box::pin(self.run_bulk(store_id, bulk_id)).await
            }
            JobKind::DeliverWebhook {
                store_id,
                webhook_id,
            } => self.run_delivery(store_id, webhook_id, job).await,
            JobKind::Compare { store_id } => self.run_compare(store_id).await,
            JobKind::FillJournal => self.run_fill_journal().await,
        }
    }

    /// What was begun for a payment and has not come to its end.
    async fn run_resolving(&self, kind: &JobKind, refusals: u32) -> Result<JobDone, Fault> {
        match kind {
            JobKind::ResolveAttempt {
                store_id,
                payment_id,
                attempt,
                idempotency,
            } => {
                let record = idempotency.as_deref();
                self.run_resolve_attempt(store_id, payment_id, *attempt, record)
                    .await
            }
            JobKind::EndWindow {
                store_id,
                payment_id,
                attempt,
            } => self.run_end_window(store_id, payment_id, *attempt).await,
            JobKind::Reverse {
                store_id,
                payment_id,
                attempt,
            } => {
                self.run_reverse(store_id, payment_id, *attempt, refusals)
                    .await
            }
            JobKind::ResolveClose {
                store_id,
                payment_id,
                attempt,
                send_by,
                idempotency,
            } => {
                let record = idempotency.as_deref();
                self.run_resolve_close((store_id, payment_id), *attempt, *send_by, record)
                    .await
            }
            JobKind::ResolveCancellation {
                store_id,
                payment_id,
                id,
                idempotency,
            } => {
                let record = idempotency.as_deref();
                self.run_resolve_cancellation(store_id, payment_id, *id, record)
                    .await
            }
            JobKind::ResolveAction {
                store_id,
                payment_id,
                send_by,
                idempotency,
            } => {
                let record = idempotency.as_deref();
                self.run_resolve_action((store_id, payment_id), *send_by, record)
                    .await
            }
            JobKind::AccountDeadline { .. }
            | JobKind::Identity(_)
            | JobKind::CashReceipt(_)
            | JobKind::EndKeyStep { .. }
            | JobKind::Notice { .. }
            | JobKind::Pay { .. }
            | JobKind::Compare { .. }
            | JobKind::FillJournal
            | JobKind::SettleTaxCall { .. }
            | JobKind::WatchTaxInvoice { .. }
            | JobKind::RunBulk { .. }
            | JobKind::DeliverWebhook { .. } => Err(Fault::internal("not a payment's open work")),
        }
    }

    async fn drop_leased(&self, job: Versioned<JobRecord>) -> Result<(), Fault> {
        let mut unit = Commit::new(self.new_uuid());
        unit.delete(&job);
        ignore_conflict(self.commit(unit).await)
    }

    async fn put_back(&self, job: Versioned<JobRecord>, pause_ms: i64) -> Result<(), Fault> {
        let now = self.store().now().await?;
        let due_at = self.by_clock_of(job.value.queue, now).plus_millis(pause_ms);
        let value = JobRecord {
            due_at,
            lease_until: None,
            tries: job.value.tries.saturating_add(1),
            ..job.value
        };
        let mut unit = Commit::new(self.new_uuid());
        unit.update(&Versioned {
            version: job.version,
            value,
        })?;
        ignore_conflict(self.commit(unit).await)
    }
}

/// Somebody else finished or queued the job anew: theirs counts.
fn ignore_conflict(result: Result<(), CommitError>) -> Result<(), Fault> {
    match result {
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
