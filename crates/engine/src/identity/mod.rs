//! Identity verifications: send, confirm, resend, windows, read.
//!
//! No money moves, so an answer that was lost is not looked for: a sending that was lost is a
//! failure, a confirmation that was lost may be repeated. Whoever calls counts first: what is
//! tried is in a commit before the PG is asked. Invariants: the person, what the PG said of them
//! and its answer are sealed (P8); a one-time password is handed to the connector and kept
//! nowhere; no request that dies leaves an id that takes no other.

mod confirm;
mod delete;
mod heard;
mod person;
mod rate;
mod read;
mod resend;
mod returned;
mod send;
mod window;

use naru_domain::identity::{
    IdentityAttempt, IdentityEvent, IdentityRefusal, IdentityState, IdentityVerification, apply,
};
use naru_domain::{AttemptId, IdentityVerificationId, StoreId, Timestamp};
use naru_store::{Commit, CommitError, Row, Versioned, Write, tables};

pub use person::{PersonFilter, RequestedPerson, VerifiedPerson};
pub use read::{IdentityFilter, IdentityPersonView, IdentityView};
pub use send::SendIdentityRequest;
pub use window::OpenIdentity;

use crate::jobs::JobDone;
use crate::payments::drop_job;
use crate::records::{
    AttemptRecord, EventRecord, IdentityJob, IdentityRecord, JobKind, JobRecord, Subject,
};
use crate::unit::event_subject;
use crate::{Answer, Engine, Fault};

/// How often a commit is tried against concurrent changes.
const TRIES: u32 = 50;
/// How long a request may take before a worker answers for it, in milliseconds.
const LEASE_MS: i64 = 60_000;
/// By when the PG must have answered, so that the request ends within its lease.
const ANSWER_MS: i64 = 45_000;

type Place<'a> = (&'a StoreId, &'a IdentityVerificationId);

/// What has to be written with a result: the request's record and the job that would answer for it.
#[derive(Clone, Copy)]
struct Ending<'a> {
    record: Option<&'a str>,
    job: Option<&'a JobKind>,
}

impl Engine {
    async fn load_identity(
        &self,
        (store_id, id): Place<'_>,
    ) -> Result<Option<Versioned<IdentityRecord>>, Fault> {
        Ok(self
            .store()
            .load(vec![store_id.as_str().into(), id.as_str().into()])
            .await?)
    }

    /// Adds events and what belongs to them to a commit; gives the verification after them.
    fn add_identity_events(
        &self,
        unit: &mut Commit,
        before: Option<Versioned<IdentityRecord>>,
        events: &[IdentityEvent],
    ) -> Result<IdentityVerification, Fault> {
        let version = before.as_ref().map(|found| found.version);
        let old = before.map(|found| found.value.0);
        let sequence = old.as_ref().map_or(0, |found| found.event_count);
        let verification = events
            .iter()
            .fold(old, apply)
            .ok_or_else(|| Fault::internal("events that lead to no identity verification"))?;
        for (index, event) in (1_i64..).zip(events) {
            if let IdentityEvent::AttemptBegan { attempt, .. } = event {
                add_attempt(unit, &verification, attempt)?;
            }
            if let IdentityEvent::Sent {
                attempt,
                expires_at,
                ..
            }
            | IdentityEvent::Resent {
                attempt,
                expires_at,
                ..
            } = event
            {
                add_expiry(unit, &verification, *attempt, *expires_at)?;
            }
            unit.insert(&EventRecord {
                store_id: verification.store_id.clone(),
                subject_id: event_subject(Subject::IdentityVerification, verification.id.as_str()),
                sequence: sequence + index,
                at: self.now(),
                kind: event.kind().to_owned(),
                event: serde_json::to_value(event)
                    .map_err(|error| Fault::internal(error.to_string()))?,
            })?;
        }
        let record = IdentityRecord(verification);
        match version {
            Some(version) => unit.update(&Versioned {
                version,
                value: record.clone(),
            })?,
            None => unit.insert(&record)?,
        }
        Ok(record.0)
    }

    /// Commits what became of a call. Where the decision refuses, the refusal is the answer.
    async fn report_identity(
        &self,
        place: Place<'_>,
        decide: impl Fn(&IdentityVerification) -> Result<Vec<IdentityEvent>, IdentityRefusal>,
        answer: impl Fn(&IdentityVerification) -> Result<Answer, Fault>,
        ending: Ending<'_>,
    ) -> Result<Answer, Fault> {
        for _ in 0..TRIES {
            let found = self
                .load_identity(place)
                .await?
                .ok_or(Fault::IdentityVerificationNotFound)?;
            let mut unit = Commit::new(self.new_uuid());
            let answer = match decide(&found.value.0) {
                Ok(events) if events.is_empty() => answer(&found.value.0),
                Ok(events) => answer(&self.add_identity_events(&mut unit, Some(found), &events)?),
                Err(refusal) => Err(refusal.into()),
            };
            self.complete_record(&mut unit, ending.record, &answer)
                .await?;
            unit.writes.extend(ending.job.map(drop_job));
            if unit.writes.is_empty() {
                return answer;
            }
            match self.commit(unit).await {
                Ok(()) => return answer,
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(too_many_changes())
    }

    /// Adds the job that answers for a request that dies, leased to the request.
    fn leave_identity_job(
        &self,
        unit: &mut Commit,
        kind: JobKind,
        attempt: &IdentityAttempt,
    ) -> Result<(), Fault> {
        let now = self.clock().process();
        unit.insert(&JobRecord {
            id: kind.id(),
            queue: kind.queue(),
            lane: attempt.channel.key.to_string(),
            due_at: now,
            lease_until: Some(now.plus_millis(LEASE_MS)),
            tries: 0,
            refusals: 0,
            kind,
        })?;
        Ok(())
    }

    /// The job for a call that only has its caller to answer; none where nobody would ask again.
    fn identity_call_job(&self, record: Option<&str>) -> Option<JobKind> {
        record.map(|record| {
            JobKind::Identity(IdentityJob::EndCall {
                call: self.new_uuid().to_string(),
                idempotency: record.to_owned(),
            })
        })
    }

    /// Runs a job about an identity verification.
    pub(crate) async fn run_identity_job(&self, job: &IdentityJob) -> Result<JobDone, Fault> {
        match job {
            IdentityJob::EndSend {
                store_id,
                verification,
                attempt,
                idempotency,
            } => {
                let record = idempotency.as_deref();
                self.end_identity_send((store_id, verification), *attempt, record)
                    .await
            }
            IdentityJob::EndCall { idempotency, .. } => self.end_identity_call(idempotency).await,
            IdentityJob::Expire {
                store_id,
                verification,
                attempt,
            } => {
                self.expire_identity((store_id, verification), *attempt)
                    .await
            }
        }
    }

    /// Answers for a request that died: what it asked for may have happened at the PG.
    async fn end_identity_call(&self, record: &str) -> Result<JobDone, Fault> {
        let mut unit = Commit::new(self.new_uuid());
        self.complete_record(&mut unit, Some(record), &Err(Fault::identity_lost()))
            .await?;
        if !unit.writes.is_empty() {
            self.commit(unit).await?;
        }
        Ok(JobDone::Finished)
    }

    /// Ends an attempt that was not confirmed in time.
    async fn expire_identity(
        &self,
        place: Place<'_>,
        attempt: AttemptId,
    ) -> Result<JobDone, Fault> {
        let Some(found) = self.load_identity(place).await? else {
            return Ok(JobDone::Finished);
        };
        let now = self.now();
        let Ok(events) = naru_domain::identity::expire(&found.value.0, attempt, now) else {
            let state = found.value.0.attempt(attempt).map(|one| &one.state);
            // Another message gave it more time, or this node's clock is behind.
            let waits = matches!(state, Some(IdentityState::Sent { .. }));
            return Ok(if waits {
                JobDone::Again
            } else {
                JobDone::Finished
            });
        };
        let mut unit = Commit::new(self.new_uuid());
        self.add_identity_events(&mut unit, Some(found), &events)?;
        match self.commit(unit).await {
            Ok(()) => Ok(JobDone::Finished),
            Err(CommitError::Conflict(_)) => Ok(JobDone::Again),
            Err(error) => Err(error.into()),
        }
    }
}

fn too_many_changes() -> Fault {
    Fault::Unavailable {
        detail: "too many concurrent changes".to_owned(),
    }
}

/// From the order id, and from the attempt's id, to the verification.
fn add_attempt(
    unit: &mut Commit,
    verification: &IdentityVerification,
    attempt: &IdentityAttempt,
) -> Result<(), Fault> {
    unit.insert(&AttemptRecord {
        attempt: attempt.id,
        store_id: verification.store_id.clone(),
        subject_id: verification.id.as_str().to_owned(),
        subject: Subject::IdentityVerification,
        at: attempt.requested_at,
    })?;
    let key = vec![
        verification.store_id.as_str().into(),
        Subject::IdentityVerification.name().into(),
        verification.id.as_str().into(),
        read::TX_ID.into(),
        attempt.id.to_string().into(),
    ];
    unit.writes.push(Write::Upsert(
        &tables::SEARCH,
        Row {
            key,
            version: 1,
            columns: Vec::new(),
            body: "{}".to_owned(),
        },
    ));
    Ok(())
}

/// The job that ends it if nobody confirms.
fn add_expiry(
    unit: &mut Commit,
    verification: &IdentityVerification,
    attempt: AttemptId,
    expires_at: Timestamp,
) -> Result<(), Fault> {
    let kind = JobKind::Identity(IdentityJob::Expire {
        store_id: verification.store_id.clone(),
        verification: verification.id.clone(),
        attempt,
    });
    unit.upsert(&JobRecord {
        id: kind.id(),
        queue: kind.queue(),
        lane: verification.store_id.as_str().to_owned(),
        due_at: expires_at,
        lease_until: None,
        tries: 0,
        refusals: 0,
        kind,
    })?;
    Ok(())
}
