//! Making one commit of a decision: the payment's row, its events, jobs and webhooks.

use naru_domain::payment::{Decision, Discrepancy, Effect, Event, Payment};
use naru_domain::{AttemptId, PaymentId, StoreId, Timestamp};
use naru_store::{Commit, CommitError, Versioned, Write, tables};

use crate::cash_receipts::own_receipt;
use crate::journal::{post, posting_ids};
use crate::records::{
    AttemptRecord, AuthenticationRecord, DiscrepancyRecord, EventRecord, ImpUidRecord, JobKind,
    JobRecord, PaymentRecord, Subject,
};
use crate::{Engine, Fault};

/// How often an unavailable store is asked to take the same unit, before the caller is told.
const COMMIT_TRIES: u32 = 4;

/// A payment as it was read, or nothing.
pub(crate) type Found = Option<Versioned<PaymentRecord>>;

/// What a commit of a decision needs to know besides it.
pub(crate) struct Cause<'a> {
    /// The running request's idempotency record, for the jobs that may have to complete it.
    pub(crate) idempotency: Option<&'a str>,
    /// Until when, by the process clock, the running request itself does the work of the jobs it
    /// leaves behind. `None`: workers may begin at once.
    pub(crate) lease_until: Option<Timestamp>,
}

impl Cause<'_> {
    /// A worker's commit.
    pub(crate) const WORKER: Self = Cause {
        idempotency: None,
        lease_until: None,
    };
}

impl Engine {
    pub(crate) async fn load_payment(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
    ) -> Result<Found, Fault> {
        Ok(self
            .store()
            .load(vec![store_id.as_str().into(), payment_id.as_str().into()])
            .await?)
    }

    /// Commits a unit. An unavailable store is asked again with the same unit, which is safe
    /// (design 2a.4); a conflict is the caller's to handle.
    pub(crate) async fn commit(&self, unit: Commit) -> Result<(), CommitError> {
        let (unit, is_fenced) = self.fenced(unit);
        let done = self.commit_patiently(unit).await;
        done.map_err(|error| Self::unfenced(error, is_fenced))
    }

    async fn commit_patiently(&self, unit: Commit) -> Result<(), CommitError> {
        let mut wait_ms = 50;
        for _ in 1..COMMIT_TRIES {
            match self.store().commit(unit.clone()).await {
                Err(CommitError::Unavailable(detail)) => {
                    tracing::warn!(unit = %unit.id, detail, "commit unavailable, trying again");
                    self.clock().sleep_ms(wait_ms).await;
                    wait_ms *= 4;
                }
                done => return done,
            }
        }
        self.store().commit(unit).await
    }

    /// Builds the unit of a decision and gives the payment after it. The cash receipt that came
    /// with its money follows.
    pub(crate) async fn unit_of(
        &self,
        before: Found,
        decision: &Decision,
        cause: &Cause<'_>,
    ) -> Result<(Commit, Payment), Fault> {
        let receipt = before
            .as_ref()
            .and_then(|found| own_receipt(&found.value.0))
            .cloned();
        let (mut unit, payment) = self.unit_of_payment(before, decision, cause).await?;
        self.follow_receipt(&mut unit, receipt.as_ref(), &payment)
            .await?;
        Ok((unit, payment))
    }

    /// The same for whoever writes the receipt.
    pub(crate) async fn unit_of_payment(
        &self,
        before: Found,
        decision: &Decision,
        cause: &Cause<'_>,
    ) -> Result<(Commit, Payment), Fault> {
        let mut unit = Commit::new(self.new_uuid());
        let (version, old) = match before {
            Some(found) => (Some(found.version), Some(found.value.0)),
            None => (None, None),
        };
        let earlier = old
            .as_ref()
            .filter(|old| old.attempts.iter().any(|one| one.promotion.is_some()))
            .cloned();
        let posted: Vec<String> = old.as_ref().map(posting_ids).unwrap_or_default();
        let sequence = old.as_ref().map_or(0, |payment| payment.event_count);
        let payment = decision
            .fold(old)
            .ok_or_else(|| Fault::internal("a decision that leads to no payment"))?;
        let record = PaymentRecord(payment);
        match version {
            Some(version) => unit.update(&Versioned {
                version,
                value: record.clone(),
            })?,
            None => unit.insert(&record)?,
        }
        let payment = record.0;
        for (index, event) in (1_i64..).zip(&decision.events) {
            self.add_event(&mut unit, &payment, sequence + index, event)?;
            unit.writes.extend(ended_window(&payment, event));
        }
        for effect in &decision.effects {
            self.add_effect(&mut unit, &payment, effect, cause).await?;
        }
        self.follow_schedules(&mut unit, &payment, decision).await?;
        post(&mut unit, &payment, &posted)?;
        // Last: many payments change the same counter, and whoever holds its row makes them wait.
        for change in payment.budget_changes(earlier.as_ref()) {
            unit.writes.push(Write::Add {
                table: &tables::PROMOTION_BUDGETS,
                key: vec![change.promotion.as_str().into()],
                column: "spent",
                delta: change.delta,
                at_most: change.at_most.unwrap_or(i64::MAX),
            });
        }
        Ok((unit, payment))
    }

    fn add_event(
        &self,
        unit: &mut Commit,
        payment: &Payment,
        sequence: i64,
        event: &Event,
    ) -> Result<(), Fault> {
        if let Event::AttemptBegan { attempt, .. } = event {
            if let Some(imp_uid) = &attempt.imp_uid {
                unit.insert(&ImpUidRecord {
                    imp_uid: imp_uid.clone(),
                    attempt: attempt.id,
                    store_id: payment.store_id.clone(),
                    subject_id: payment.id.as_str().to_owned(),
                    subject: Subject::Payment,
                })?;
            }
            unit.insert(&AttemptRecord {
                attempt: attempt.id,
                store_id: payment.store_id.clone(),
                subject_id: payment.id.as_str().to_owned(),
                subject: Subject::Payment,
                at: attempt.requested_at,
            })?;
        }
        unit.insert(&EventRecord {
            store_id: payment.store_id.clone(),
            subject_id: event_subject(Subject::Payment, payment.id.as_str()),
            sequence,
            at: self.now(),
            kind: event.kind().to_owned(),
            event: serde_json::to_value(event)
                .map_err(|error| Fault::internal(error.to_string()))?,
        })?;
        Ok(())
    }

    async fn add_effect(
        &self,
        unit: &mut Commit,
        payment: &Payment,
        effect: &Effect,
        cause: &Cause<'_>,
    ) -> Result<(), Fault> {
        let now = self.clock().process();
        let times = match effect {
            Effect::Announce {
                what,
                attempt,
                trigger,
            } => {
                let told = (*what, *attempt, *trigger);
                return self.announce(unit, payment, told).await;
            }
            Effect::Record(attempt, discrepancy) => {
                let discrepancy = self.discrepancy(payment, *attempt, discrepancy);
                return Ok(unit.insert(&discrepancy)?);
            }
            Effect::WatchDeadline { at, .. } | Effect::WatchWindow { at, .. } => (*at, None),
            // Nobody's request undoes: a worker begins at once.
            Effect::Reverse(_) => (now, None),
            Effect::ResolveAttempt(_)
            | Effect::ResolveClose { .. }
            | Effect::ResolveCancellation(_)
            | Effect::ResolveAction { .. } => (now, cause.lease_until),
        };
        match job_of(payment, effect, cause.idempotency) {
            Some(kind) => add_job(unit, kind, payment, times),
            None => Ok(()),
        }
    }

    fn discrepancy(
        &self,
        payment: &Payment,
        attempt: AttemptId,
        discrepancy: &Discrepancy,
    ) -> DiscrepancyRecord {
        tracing::error!(
            payment.id = %payment.id, attempt.id = %attempt, ?discrepancy,
            "the books need a person: recorded among the discrepancies"
        );
        DiscrepancyRecord {
            id: self.new_uuid().to_string(),
            store_id: payment.store_id.clone(),
            payment_id: payment.id.clone(),
            attempt,
            discrepancy: discrepancy.clone(),
            at: self.now(),
        }
    }

    /// Tells whoever waits, after a commit.
    pub(crate) fn wake(&self, payment: &Payment, decision: &Decision) {
        self.wakers()
            .payment_changed(payment.store_id.as_str(), payment.id.as_str());
        decision
            .events
            .iter()
            .for_each(crate::measures::payment_event);
        for effect in &decision.effects {
            match effect {
                Effect::Announce { .. } => self.wakers().webhook().notify_one(),
                Effect::Reverse(_) => self.wakers().resolve().notify_one(),
                Effect::ResolveAttempt(_)
                | Effect::ResolveClose { .. }
                | Effect::ResolveCancellation(_)
                | Effect::ResolveAction { .. }
                | Effect::WatchDeadline { .. }
                | Effect::WatchWindow { .. }
                | Effect::Record(..) => {}
            }
        }
    }
}

/// What a customer authenticated is forgotten in the commit that ends the attempt (design 2a.3).
fn ended_window(payment: &Payment, event: &Event) -> Option<Write> {
    let id = match event {
        Event::Captured { attempt, .. }
        | Event::AccountIssued { attempt, .. }
        | Event::AttemptFailed { attempt, .. }
        | Event::ReversalBegan { attempt, .. } => *attempt,
        Event::AttemptBegan { .. }
        | Event::Authenticated { .. }
        | Event::ApprovalBegan { .. }
        | Event::AttemptUnclear { .. }
        | Event::CallerTold { .. }
        | Event::ScheduleSet { .. }
        | Event::ScheduleReleased { .. }
        | Event::Reversed { .. }
        | Event::AccountClosing { .. }
        | Event::CloseRefused { .. }
        | Event::CancellationBegan { .. }
        | Event::CancellationUnclear { .. }
        | Event::Cancelled { .. }
        | Event::CancellationFailed { .. }
        | Event::ActionBegan { .. }
        | Event::ActionEnded { .. }
        | Event::EscrowMoved { .. }
        | Event::ReceiptFound { .. }
        | Event::ReceiptCancelled { .. }
        | Event::DisputeOpened { .. }
        | Event::DisputeResolved { .. }
        | Event::DiscrepancyFound { .. } => return None,
    };
    let attempt = payment.attempt(id)?;
    attempt.window.as_ref()?;
    Some(AuthenticationRecord::delete(id))
}

/// Payments, billing keys, identity verifications and cash receipts (`c:`) share the event table: a
/// letter tells their ids apart.
pub(crate) fn event_subject(subject: Subject, id: &str) -> String {
    match subject {
        Subject::Payment => format!("p:{id}"),
        Subject::BillingKey => format!("b:{id}"),
        Subject::IdentityVerification => format!("i:{id}"),
    }
}

fn add_job(
    unit: &mut Commit,
    kind: JobKind,
    payment: &Payment,
    (due_at, lease_until): (Timestamp, Option<Timestamp>),
) -> Result<(), Fault> {
    let lane = payment
        .attempts
        .last()
        .map_or_else(String::new, |attempt| attempt.channel.key.to_string());
    unit.upsert(&JobRecord {
        id: kind.id(),
        queue: kind.queue(),
        lane,
        due_at,
        lease_until,
        tries: 0,
        refusals: 0,
        kind,
    })?;
    Ok(())
}

/// The job that an effect is, if it is one.
fn job_of(payment: &Payment, effect: &Effect, idempotency: Option<&str>) -> Option<JobKind> {
    let store_id = payment.store_id.clone();
    let payment_id = payment.id.clone();
    let idempotency = idempotency.map(str::to_owned);
    Some(match effect {
        Effect::ResolveAttempt(attempt) => JobKind::ResolveAttempt {
            store_id,
            payment_id,
            attempt: *attempt,
            idempotency,
        },
        Effect::Reverse(attempt) => JobKind::Reverse {
            store_id,
            payment_id,
            attempt: *attempt,
        },
        Effect::ResolveClose { attempt, send_by } => JobKind::ResolveClose {
            store_id,
            payment_id,
            attempt: *attempt,
            send_by: *send_by,
            idempotency,
        },
        Effect::ResolveCancellation(id) => JobKind::ResolveCancellation {
            store_id,
            payment_id,
            id: *id,
            idempotency,
        },
        Effect::ResolveAction { send_by } => JobKind::ResolveAction {
            store_id,
            payment_id,
            send_by: *send_by,
            idempotency,
        },
        Effect::WatchDeadline { attempt, .. } => JobKind::AccountDeadline {
            store_id,
            payment_id,
            attempt: *attempt,
        },
        Effect::WatchWindow { attempt, .. } => JobKind::EndWindow {
            store_id,
            payment_id,
            attempt: *attempt,
        },
        Effect::Announce { .. } | Effect::Record(..) => return None,
    })
}
