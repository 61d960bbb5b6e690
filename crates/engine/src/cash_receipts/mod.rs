//! Cash receipts: issue, cancel, read, and those that the PG issues with a deposit.
//!
//! One per payment id; the payment need not be one of ours. No money moves, but a receipt that is
//! issued twice is a wrong tax return: an issue is on disk before it is sent, it is sent once, and
//! since PGs have no inquiry for it, what a lost answer leaves behind is unclear until a person has
//! looked. A cancellation can be inquired by the receipt's own id. A payment of ours shows its
//! receipt, and a receipt that came with a deposit follows its payment's money: both are written in
//! one commit. Invariant: the number that names the customer to the tax office is sealed (P8).

mod cancel;
mod follow;
mod issue;
mod read;

use naru_domain::cash_receipt::{CashReceipt, ReceiptEvent, ReceiptRefusal, apply};
use naru_domain::payment::{Command, Decision, Payment, PaymentReceipt, decide};
use naru_domain::{ChannelKey, PaymentId, StoreId, Timestamp};
use naru_store::{Commit, CommitError, Versioned};

pub(crate) use follow::own_receipt;
pub use issue::IssueReceiptRequest;
pub use read::ReceiptFilter;

use crate::jobs::JobDone;
use crate::payments::{CALLERS_PATIENCE_MS, drop_job};
use crate::records::{CashReceiptRecord, EventRecord, JobKind, JobRecord, Queue, ReceiptJob};
use crate::unit::Cause;
use crate::{Answer, Engine, Fault};

/// How often a commit is tried against concurrent changes.
const TRIES: u32 = 50;
/// How often a waiting request looks by itself: the other may run on another node.
const LOOK_AGAIN_MS: u64 = 200;
/// The longest that a sender can wait for an answer, in milliseconds, with room to record it.
const ANSWERED_BY_MS: i64 = 61_000;

type Place<'a> = (&'a StoreId, &'a PaymentId);

/// What has to be written with a result: the request's record and the job that is over.
#[derive(Clone, Copy)]
struct Ending<'a> {
    record: Option<&'a str>,
    job: &'a JobKind,
}

impl Engine {
    async fn load_receipt(
        &self,
        (store_id, payment_id): Place<'_>,
    ) -> Result<Option<Versioned<CashReceiptRecord>>, Fault> {
        Ok(self
            .store()
            .load(vec![store_id.as_str().into(), payment_id.as_str().into()])
            .await?)
    }

    /// Adds an event to a commit; gives the receipt after it.
    fn add_receipt_event(
        &self,
        unit: &mut Commit,
        before: Option<Versioned<CashReceiptRecord>>,
        event: &ReceiptEvent,
    ) -> Result<CashReceipt, Fault> {
        let version = before.as_ref().map(|found| found.version);
        let old = before.map(|found| found.value.0);
        let receipt = apply(old, event)
            .ok_or_else(|| Fault::internal("an event that leads to no cash receipt"))?;
        unit.insert(&EventRecord {
            store_id: receipt.store_id.clone(),
            subject_id: event_subject(&receipt.payment_id),
            sequence: receipt.event_count,
            at: self.now(),
            kind: event.kind().to_owned(),
            event: serde_json::to_value(event)
                .map_err(|error| Fault::internal(error.to_string()))?,
        })?;
        let record = CashReceiptRecord(receipt);
        match version {
            Some(version) => unit.update(&Versioned {
                version,
                value: record.clone(),
            })?,
            None => unit.insert(&record)?,
        }
        Ok(record.0)
    }

    /// Adds the job that ends a request that dies, leased to the request.
    fn leave_receipt_job(
        &self,
        unit: &mut Commit,
        job: &JobKind,
        channel: &ChannelKey,
    ) -> Result<(), Fault> {
        let now = self.clock().process();
        unit.insert(&JobRecord {
            id: job.id(),
            queue: Queue::Resolve,
            lane: channel.to_string(),
            due_at: now,
            lease_until: Some(now.plus_millis(crate::LEASE_MS)),
            tries: 0,
            refusals: 0,
            kind: job.clone(),
        })?;
        Ok(())
    }

    /// Commits what became of a request. Whoever was first wins: where there is nothing left to
    /// decide, the answer is what it ended as.
    async fn report_receipt(
        &self,
        place: Place<'_>,
        decide: impl Fn(&CashReceipt) -> Result<ReceiptEvent, ReceiptRefusal>,
        answer: impl Fn(&CashReceipt) -> Result<Answer, Fault>,
        ending: Ending<'_>,
    ) -> Result<Answer, Fault> {
        for _ in 0..TRIES {
            let found = self
                .load_receipt(place)
                .await?
                .ok_or(Fault::CashReceiptNotFound)?;
            let (mut unit, receipt, told) = match decide(&found.value.0) {
                Ok(event) => {
                    let (mut unit, told) = self.tell_payment(&found.value.0, &event).await?;
                    let receipt = self.add_receipt_event(&mut unit, Some(found), &event)?;
                    (unit, receipt, told)
                }
                Err(ReceiptRefusal::NothingToDo) => {
                    (Commit::new(self.new_uuid()), found.value.0, None)
                }
                Err(refusal) => return Err(refusal.into()),
            };
            let answer = answer(&receipt);
            self.complete_record(&mut unit, ending.record, &answer)
                .await?;
            unit.writes.push(drop_job(ending.job));
            match self.commit(unit).await {
                Ok(()) => {
                    match told {
                        Some((payment, decision)) => self.wake(&payment, &decision),
                        None => self.receipt_changed(place),
                    }
                    return answer;
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(too_many_changes())
    }

    /// Begins the unit of an event: a payment of ours shows its receipt.
    async fn tell_payment(
        &self,
        receipt: &CashReceipt,
        event: &ReceiptEvent,
    ) -> Result<(Commit, Option<(Payment, Decision)>), Fault> {
        let nothing = || Ok((Commit::new(self.new_uuid()), None));
        let found = self
            .load_payment(&receipt.store_id, &receipt.payment_id)
            .await?;
        let shown = found.as_ref().and_then(|found| shown(&found.value.0));
        let Some(command) = command_of(receipt, event, shown) else {
            return nothing();
        };
        let payment = found.as_ref().map(|found| &found.value.0);
        // A payment that is not paid has nothing to show it with.
        let Ok(decision) = decide(payment, command, self.config().limits, self.now()) else {
            return nothing();
        };
        let (unit, payment) = self
            .unit_of_payment(found, &decision, &Cause::WORKER)
            .await?;
        Ok((unit, Some((payment, decision))))
    }

    /// Waits for another request about the same receipt; not for ever.
    async fn wait_for_receipt(&self, place: Place<'_>, started_at: Timestamp) -> bool {
        if !self.may_wait(started_at, CALLERS_PATIENCE_MS) {
            return false;
        }
        let (store_id, payment_id) = place;
        let changed = self
            .wakers()
            .payment(store_id.as_str(), payment_id.as_str());
        if let Some(changed) = changed {
            tokio::select! {
                () = changed => {}
                () = self.clock().sleep_ms(LOOK_AGAIN_MS) => {}
            }
        }
        true
    }

    fn receipt_changed(&self, (store_id, payment_id): Place<'_>) {
        self.wakers()
            .payment_changed(store_id.as_str(), payment_id.as_str());
    }

    /// Runs a job about a cash receipt.
    pub(crate) async fn run_receipt_job(&self, job: &ReceiptJob) -> Result<JobDone, Fault> {
        match job {
            ReceiptJob::EndIssue {
                store_id,
                payment_id,
                send_by,
                idempotency,
            } => {
                let record = idempotency.as_deref();
                self.end_receipt_issue((store_id, payment_id), *send_by, record)
                    .await
            }
            ReceiptJob::EndCancel {
                store_id,
                payment_id,
                send_by,
                idempotency,
            } => {
                let record = idempotency.as_deref();
                self.end_receipt_cancel((store_id, payment_id), *send_by, record)
                    .await
            }
        }
    }
}

/// The receipt that a payment shows.
fn shown(payment: &Payment) -> Option<&PaymentReceipt> {
    payment.captured()?.1.cash_receipt.as_ref()
}

/// What an event of a receipt is to the payment that shows it.
fn command_of(
    receipt: &CashReceipt,
    event: &ReceiptEvent,
    shown: Option<&PaymentReceipt>,
) -> Option<Command> {
    match event {
        ReceiptEvent::Issued { issued } => Some(Command::ReceiptIssued {
            receipt: Box::new(PaymentReceipt {
                kind: receipt.kind,
                issued: issued.clone(),
                amount: receipt.amount,
                cancelled_at: None,
                is_manual: true,
            }),
        }),
        ReceiptEvent::Cancelled { at } => {
            let is_shown = receipt.issued().is_some()
                && shown.map(|shown| &shown.issued.pg_receipt_id)
                    == receipt.issued().map(|issued| &issued.pg_receipt_id);
            is_shown.then_some(Command::ReceiptCancelled { cancelled_at: *at })
        }
        ReceiptEvent::Began { .. }
        | ReceiptEvent::IssueFailed { .. }
        | ReceiptEvent::IssueUnclear { .. }
        | ReceiptEvent::Cancelling { .. }
        | ReceiptEvent::CancelFailed { .. }
        | ReceiptEvent::Reduced { .. } => None,
    }
}

fn too_many_changes() -> Fault {
    Fault::Unavailable {
        detail: "too many concurrent changes".to_owned(),
    }
}

/// Receipts share the event table: a letter tells their ids apart from others.
pub(crate) fn event_subject(payment_id: &PaymentId) -> String {
    format!("c:{payment_id}")
}
