//! Billing keys: issue, read, delete.
//!
//! No money moves here. A key may be held by several channels, then each step is taken at each of
//! them: one commit of the intent, the PGs at the same time, one commit for each answer, and a job
//! that ends what a request did not live to end.

mod delete;
mod issue;
mod issues;

use naru_domain::billing_key::{
    BillingKey, BillingKeyEvent, BillingKeyState, ChannelIssue, IssueOutcome, apply,
};
use naru_domain::{BillingKeyId, ChannelKey, StoreId};
use naru_store::{Commit, Versioned};

pub use issue::IssueRequest;
pub(crate) use issue::{issue_answer, news_of};
pub(crate) use issues::issues_prefix;

use crate::fault::{ChannelFailure, ChannelFailureReason};
use crate::jobs::JobDone;
use crate::records::{
    AuthenticationRecord, BillingKeyRecord, EventRecord, JobKind, JobRecord, Subject,
};
use crate::unit::event_subject;
use crate::{Engine, Fault};

/// How often a commit is tried against concurrent changes.
const TRIES: u32 = 50;
/// How long a request may take before a worker ends what it began, in milliseconds.
const LEASE_MS: i64 = 60_000;

/// A billing key as readers see it.
pub type BillingKeyView = BillingKey;

/// Where the PG's key is sealed to.
pub(crate) fn place(id: &BillingKeyId) -> String {
    format!("billing-key:{id}")
}

impl Engine {
    /// `GET /billing-keys/{billingKey}`: a key whose issue never succeeded is not in the API.
    pub async fn billing_key(
        &self,
        store_id: &StoreId,
        id: &BillingKeyId,
    ) -> Result<BillingKeyView, Fault> {
        let key = self
            .load_key(store_id, id)
            .await?
            .ok_or(Fault::BillingKeyNotFound)?
            .value
            .0;
        match key.state {
            _ if key.saves_as.is_some() => Err(Fault::BillingKeyNotFound),
            BillingKeyState::Ready
            | BillingKeyState::AwaitingConfirm { .. }
            | BillingKeyState::Issuing
            | BillingKeyState::Failed { .. } => Err(Fault::BillingKeyNotFound),
            BillingKeyState::Issued { .. } | BillingKeyState::Deleted { .. } => Ok(key),
        }
    }

    /// Ends an issue or a deletion whose request died.
    pub(crate) async fn run_end_key_step(
        &self,
        store_id: &StoreId,
        id: &BillingKeyId,
        idempotency: Option<&str>,
    ) -> Result<JobDone, Fault> {
        let Some(found) = self.load_key(store_id, id).await? else {
            return Ok(JobDone::Finished);
        };
        let ended = match found.value.0.state {
            BillingKeyState::Issuing => self.end_issue(&found.value.0, idempotency).await,
            BillingKeyState::Issued { .. } => self.tell_pgs(store_id, id, idempotency).await,
            BillingKeyState::AwaitingConfirm { until } => {
                return self.run_end_key_window((store_id, id), until).await;
            }
            BillingKeyState::Ready
            | BillingKeyState::Failed { .. }
            | BillingKeyState::Deleted { .. } => {
                return Ok(JobDone::Finished);
            }
        };
        match ended {
            Err(fault @ (Fault::Unavailable { .. } | Fault::Internal { .. })) => Err(fault),
            Ok(_) | Err(_) => Ok(JobDone::Finished),
        }
    }

    pub(crate) async fn load_key(
        &self,
        store_id: &StoreId,
        id: &BillingKeyId,
    ) -> Result<Option<Versioned<BillingKeyRecord>>, Fault> {
        Ok(self
            .store()
            .load(vec![store_id.as_str().into(), id.as_str().into()])
            .await?)
    }

    pub(crate) fn add_key_events(
        &self,
        unit: &mut Commit,
        before: Option<Versioned<BillingKeyRecord>>,
        events: &[BillingKeyEvent],
    ) -> Result<BillingKey, Fault> {
        let version = before.as_ref().map(|found| found.version);
        let old = before.map(|found| found.value.0);
        let sequence = old.as_ref().map_or(0, |key| key.event_count);
        let key = events
            .iter()
            .fold(old, apply)
            .ok_or_else(|| Fault::internal("events that lead to no billing key"))?;
        for (index, event) in (1_i64..).zip(events) {
            unit.insert(&EventRecord {
                store_id: key.store_id.clone(),
                subject_id: event_subject(Subject::BillingKey, key.id.as_str()),
                sequence: sequence + index,
                at: self.now(),
                kind: event.kind().to_owned(),
                event: serde_json::to_value(event)
                    .map_err(|error| Fault::internal(error.to_string()))?,
            })?;
        }
        let is_over = events.iter().any(|event| match event {
            BillingKeyEvent::Issued { .. } | BillingKeyEvent::Failed { .. } => true,
            BillingKeyEvent::Requested { .. }
            | BillingKeyEvent::Authenticated { .. }
            | BillingKeyEvent::IssueBegan { .. }
            | BillingKeyEvent::ChannelAnswered { .. }
            | BillingKeyEvent::DeletionBegan { .. }
            | BillingKeyEvent::ChannelDeletionAnswered { .. }
            | BillingKeyEvent::Deleted { .. }
            | BillingKeyEvent::Saved { .. } => false,
        });
        if is_over && key.window.is_some() {
            let attempts = key.channels.iter().map(|issue| issue.attempt);
            unit.writes
                .extend(attempts.map(AuthenticationRecord::delete));
        }
        let record = BillingKeyRecord(key);
        match version {
            Some(version) => unit.update(&Versioned {
                version,
                value: record.clone(),
            })?,
            None => unit.insert(&record)?,
        }
        Ok(record.0)
    }
}

/// The job that ends what a request began with a key.
pub(crate) fn step_job(
    store_id: &StoreId,
    id: &BillingKeyId,
    idempotency: Option<&str>,
) -> JobKind {
    JobKind::EndKeyStep {
        store_id: store_id.clone(),
        billing_key: id.clone(),
        idempotency: idempotency.map(str::to_owned),
    }
}

/// Adds that job to the commit of the intent, leased to the request.
pub(crate) fn leave_job(
    engine: &Engine,
    unit: &mut Commit,
    kind: JobKind,
    lane: &ChannelKey,
) -> Result<(), Fault> {
    let now = engine.clock().process();
    unit.upsert(&JobRecord {
        id: kind.id(),
        queue: kind.queue(),
        lane: lane.to_string(),
        due_at: now,
        lease_until: Some(now.plus_millis(LEASE_MS)),
        tries: 0,
        refusals: 0,
        kind,
    })?;
    Ok(())
}

/// The channels at which an issue failed, and why.
fn issue_failures(channels: &[ChannelIssue]) -> Vec<ChannelFailure> {
    let failure = |issue: &ChannelIssue| {
        let why = match &issue.outcome {
            IssueOutcome::Pending | IssueOutcome::Issued { .. } => return None,
            IssueOutcome::Failed { failure } => ChannelFailureReason::Pg {
                failure: failure.clone(),
            },
            IssueOutcome::Refused { message } => ChannelFailureReason::InvalidRequest {
                message: message.clone(),
            },
        };
        Some(ChannelFailure {
            channel: issue.channel.clone(),
            why,
        })
    };
    channels.iter().filter_map(failure).collect()
}
