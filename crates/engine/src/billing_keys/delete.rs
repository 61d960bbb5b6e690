//! Deleting a billing key: here, and at each PG that has a call for it. Deleting may be repeated,
//! so an unclear answer is a failure that the merchant may mend by asking again.

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use naru_connector::{DeleteBillingKey, Operation, OperationKind, Outcome, Support};
use naru_domain::billing_key::{
    BillingKey, BillingKeyRefusal, BillingKeyState, ChannelDeletion, ChannelIssue, Deletion,
    IssueOutcome,
};
use naru_domain::payment::Failure;
use naru_domain::{AttemptId, BillingKeyId, ChannelSnapshot, Face, StoreId, Timestamp};
use naru_store::{Commit, CommitError};

use super::{TRIES, leave_job, place, step_job};
use crate::fault::{ChannelFailure, ChannelFailureReason};
use crate::payments::{CallContext, drop_job};
use crate::webhooks::BillingKeyNews;
use crate::{Answer, Engine, Fault, IdempotencyTicket};

/// How long a request waits for another deletion of the same key, at most, in milliseconds.
const WAIT_FOR_OTHER_MS: i64 = 50_000;
/// How often it looks.
const LOOK_AGAIN_MS: u64 = 200;

/// What follows from asking for a deletion.
enum Asked {
    /// It is gone.
    Done(Answer),
    /// PGs have to be told.
    Begun,
    /// Somebody else changed the key; look again.
    Again,
    /// Another deletion runs; wait for it.
    InFlight,
}

impl Engine {
    /// `DELETE /billing-keys/{billingKey}`.
    pub async fn delete_billing_key(
        &self,
        context: CallContext,
        id: BillingKeyId,
        (reason, requester): (Option<String>, Option<String>),
        skip_webhook: bool,
    ) -> Result<Answer, Fault> {
        let deletion = Deletion {
            reason,
            requester,
            skip_webhook,
        };
        let until = self.clock().process().plus_millis(WAIT_FOR_OTHER_MS);
        let mut conflicts = 0;
        loop {
            match self.ask_to_delete(&context, &id, &deletion).await {
                Ok(Asked::Done(answer)) => return Ok(answer),
                Ok(Asked::Begun) => break,
                Ok(Asked::Again) if conflicts < TRIES => conflicts += 1,
                Ok(Asked::Again) => {
                    return Err(Fault::Unavailable {
                        detail: "too many concurrent changes".to_owned(),
                    });
                }
                Ok(Asked::InFlight) if self.clock().process() < until => {
                    self.clock().sleep_ms(LOOK_AGAIN_MS).await;
                }
                Ok(Asked::InFlight) => return Err(BillingKeyRefusal::DeletionInFlight.into()),
                Err(fault) => return Err(fault),
            }
        }
        let record = context.ticket.as_ref().map(IdempotencyTicket::record_key);
        self.tell_pgs(&context.store.id, &id, record).await
    }

    /// One try at the deletion's commit.
    async fn ask_to_delete(
        &self,
        context: &CallContext,
        id: &BillingKeyId,
        deletion: &Deletion,
    ) -> Result<Asked, Fault> {
        let store_id = &context.store.id;
        let ticket = context.ticket.as_ref();
        let found = self
            .load_key(store_id, id)
            .await?
            .ok_or(Fault::BillingKeyNotFound)?;
        let now = self.now();
        let has_call = |channel: &ChannelSnapshot| self.has_delete_call(channel);
        let decided = found.value.0.delete(deletion.clone(), has_call, now);
        if decided.is_err() {
            self.same_key_runs(ticket).await?;
        }
        let events = match decided {
            Ok(events) => events,
            Err(BillingKeyRefusal::DeletionInFlight) => return Ok(Asked::InFlight),
            Err(refusal) => return Err(refusal.into()),
        };
        // On the V1 face schedules stay, and fail when they come due.
        let schedules = match context.face {
            Face::V1 => None,
            Face::V2 => Some(self.no_schedules_on(store_id, id).await?),
        };
        let mut unit = Commit::new(self.new_uuid());
        let key = self.add_key_events(&mut unit, Some(found), &events)?;
        if let Some(schedules) = schedules {
            schedules.hold(&mut unit)?;
        }
        let is_gone = matches!(key.state, BillingKeyState::Deleted { .. });
        let answer = Answer::BillingKeyDeleted { at: now };
        if is_gone {
            if !deletion.skip_webhook {
                self.announce_key(&mut unit, &key, BillingKeyNews::Deleted)
                    .await?;
            }
            self.done_record(&mut unit, ticket, &answer)?;
        } else {
            let kind = step_job(store_id, id, ticket.map(IdempotencyTicket::record_key));
            if let Some(first) = key.pending_deletions().next() {
                leave_job(self, &mut unit, kind, &first.channel.key)?;
            }
            self.open_record(&mut unit, ticket)?;
        }
        match self.commit(unit).await {
            Ok(()) => {
                self.wakers().webhook().notify_one();
                self.wakers().search().notify_one();
                Ok(if is_gone {
                    Asked::Done(answer)
                } else {
                    Asked::Begun
                })
            }
            Err(CommitError::Conflict("idempotency")) => Err(Fault::IdempotencyOutstandingRequest),
            Err(CommitError::Conflict(_)) => Ok(Asked::Again),
            Err(error) => Err(error.into()),
        }
    }

    fn has_delete_call(&self, channel: &ChannelSnapshot) -> bool {
        self.connector(&channel.pg_provider)
            .is_some_and(|connector| {
                let support = connector
                    .capabilities()
                    .support(OperationKind::DeleteBillingKey);
                support != Support::None
            })
    }

    /// Tells every PG that has yet to be told, at the same time, and commits each answer.
    pub(super) async fn tell_pgs(
        &self,
        store_id: &StoreId,
        id: &BillingKeyId,
        idempotency: Option<&str>,
    ) -> Result<Answer, Fault> {
        let key = self
            .load_key(store_id, id)
            .await?
            .ok_or(Fault::BillingKeyNotFound)?
            .value
            .0;
        let send_by = self.send_by();
        let mut answers = key
            .pending_deletions()
            .map(|issue| async {
                let outcome = self.delete_at(&key, issue, send_by).await;
                (issue.attempt, outcome)
            })
            .collect::<FuturesUnordered<_>>();
        let mut answer = delete_answer(&key);
        while let Some((attempt, outcome)) = answers.next().await {
            answer = self
                .report_deletion((store_id, id), (attempt, outcome), idempotency)
                .await;
        }
        answer
    }

    async fn delete_at(
        &self,
        key: &BillingKey,
        issue: &ChannelIssue,
        send_by: Timestamp,
    ) -> Result<Timestamp, Failure> {
        let IssueOutcome::Issued { pg_billing_key, .. } = &issue.outcome else {
            return Ok(self.now());
        };
        let begun = async {
            let channel = self.attempt_channel(&issue.channel.key).await?;
            let pg_billing_key = self
                .keys()
                .open(&place(&key.id), pg_billing_key)
                .map_err(|error| Fault::internal(format!("billing key {}: {error}", key.id)))?;
            let asked = key.deletion.clone();
            let operation = Operation::DeleteBillingKey(DeleteBillingKey {
                pg_billing_key,
                reason: asked.as_ref().and_then(|asked| asked.reason.clone()),
                requester: asked.and_then(|asked| asked.requester),
            });
            self.begin(&channel, &operation)
        };
        let outcome = match begun.await {
            Ok(exchange) => self.drive(exchange, Some(send_by)).await,
            Err(fault) => Outcome::NotSent {
                reason: fault.to_string(),
            },
        };
        match outcome {
            Outcome::KeyDeleted { at } => Ok(at),
            Outcome::Declined(decline) => Err(Failure {
                pg_code: decline.code,
                pg_message: decline.message,
            }),
            Outcome::NotSent { reason } => Err(Failure::own(Failure::NOT_SENT, &reason)),
            Outcome::Unknown(_)
            | Outcome::Approved(_)
            | Outcome::AccountIssued(_)
            | Outcome::KeyIssued(_)
            | Outcome::Identity(_)
            | Outcome::Acted(_)
            | Outcome::Receipt(_)
            | Outcome::Refunded(_)
            | Outcome::AccountClosed { .. }
            | Outcome::Found(_)
            | Outcome::NotFound => Err(Failure::own(
                Failure::OUTCOME_UNKNOWN,
                "the payment gateway's answer was lost; delete the billing key again",
            )),
        }
    }

    /// Commits a channel's answer. The last one ends the request.
    async fn report_deletion(
        &self,
        (store_id, id): (&StoreId, &BillingKeyId),
        (attempt, outcome): (AttemptId, Result<Timestamp, Failure>),
        idempotency: Option<&str>,
    ) -> Result<Answer, Fault> {
        for _ in 0..TRIES {
            let found = self
                .load_key(store_id, id)
                .await?
                .ok_or(Fault::BillingKeyNotFound)?;
            let before = &found.value.0;
            let decided = before.deletion_answered(attempt, outcome.clone(), self.now());
            let Ok(events) = decided else {
                // A worker told the PG as well, and was first.
                return delete_answer(before);
            };
            let mut unit = Commit::new(self.new_uuid());
            let key = self.add_key_events(&mut unit, Some(found), &events)?;
            let answer = delete_answer(&key);
            if key.pending_deletions().next().is_none() {
                let is_quiet = key
                    .deletion
                    .as_ref()
                    .is_some_and(|asked| asked.skip_webhook);
                if answer.is_ok() && !is_quiet {
                    self.announce_key(&mut unit, &key, BillingKeyNews::Deleted)
                        .await?;
                }
                self.complete_record(&mut unit, idempotency, &answer)
                    .await?;
                unit.writes.push(drop_job(&step_job(store_id, id, None)));
            }
            match self.commit(unit).await {
                Ok(()) => {
                    self.wakers().webhook().notify_one();
                    self.wakers().search().notify_one();
                    return answer;
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Fault::Unavailable {
            detail: "too many concurrent changes".to_owned(),
        })
    }
}

fn delete_answer(key: &BillingKey) -> Result<Answer, Fault> {
    if let BillingKeyState::Deleted { at, .. } = key.state {
        return Ok(Answer::BillingKeyDeleted { at });
    }
    if key.pending_deletions().next().is_some() {
        return Err(Fault::outcome_unknown());
    }
    let mut failures = Vec::new();
    let mut succeeded = Vec::new();
    for issue in &key.channels {
        match &issue.deletion {
            Some(ChannelDeletion::Failed { failure }) => failures.push(ChannelFailure {
                channel: issue.channel.clone(),
                why: ChannelFailureReason::Pg {
                    failure: failure.clone(),
                },
            }),
            Some(ChannelDeletion::Deleted { .. }) => succeeded.push(issue.channel.clone()),
            Some(ChannelDeletion::Pending) | None => {}
        }
    }
    Err(Fault::of_channels(
        key.channel_group.is_some(),
        failures,
        succeeded,
    ))
}
