//! Billing keys: issue, read, delete.

use std::sync::Arc;

use naru_connector::{CardCredential, IssueBillingKey, Operation, Outcome};
use naru_domain::billing_key::{
    BillingKey, BillingKeyEvent, BillingKeyState, ChannelIssue, IssueOutcome, apply,
};
use naru_domain::payment::Failure;
use naru_domain::{AttemptId, BillingKeyId, ChannelKey, Customer, StoreId};
use naru_store::{Commit, CommitError, Versioned};

use crate::directory::OpenChannel;
use crate::jobs::JobDone;
use crate::payments::CallContext;
use crate::records::{AttemptRecord, BillingKeyRecord, EventRecord, JobKind, JobRecord, Subject};
use crate::unit::event_subject;
use crate::webhooks::BillingKeyNews;
use crate::{Answer, Engine, Fault, IdempotencyTicket};

const TRIES: u32 = 50;
/// How long a request may take before a worker declares the issue failed, in milliseconds.
const ISSUE_LEASE_MS: i64 = 60_000;

/// A billing key as readers see it.
pub type BillingKeyView = BillingKey;

/// An issue asked for.
#[derive(Debug, Clone)]
pub struct IssueRequest {
    /// Through which channel.
    pub channel: ChannelKey,
    /// The card.
    pub card: CardCredential,
    /// Whose card it is.
    pub customer: Customer,
    /// The merchant's own text.
    pub custom_data: Option<String>,
    /// Webhook addresses that replace the store's.
    pub notice_urls: Vec<String>,
    /// Whether the caller wants no webhook of success.
    pub skip_webhook: bool,
}

/// Where the PG's key is sealed to.
pub(crate) fn place(id: &BillingKeyId) -> String {
    format!("billing-key:{id}")
}

impl Engine {
    /// `POST /billing-keys`.
    pub async fn issue_billing_key(
        &self,
        context: CallContext,
        request: IssueRequest,
    ) -> Result<Answer, Fault> {
        let channel = self.live_channel(&context.store, &request.channel).await?;
        let id = BillingKeyId::new(format!("billing-key-{}", self.new_uuid()));
        let attempt = AttemptId::new(self.new_uuid());
        let operation = Operation::IssueBillingKey(IssueBillingKey {
            order_id: attempt.order_id(),
            name: context.store.name.clone(),
            customer: request.customer.clone(),
            card: request.card,
        });
        let exchange = self.begin(&channel, &operation)?;
        let send_by = self.send_by();
        let key = BillingKey {
            merchant_id: context.store.merchant_id.clone(),
            store_id: context.store.id.clone(),
            id: id.clone(),
            customer: request.customer,
            custom_data: request.custom_data,
            notice_urls: request.notice_urls,
            origin: context.origin.clone(),
            skip_webhook: request.skip_webhook,
            requested_at: self.now(),
            channels: vec![ChannelIssue {
                channel: channel.record.snapshot(),
                attempt,
                outcome: IssueOutcome::Pending,
            }],
            state: BillingKeyState::Issuing,
            event_count: 0,
        };
        self.commit_issue_intent(key, &channel, context.ticket.as_ref())
            .await?;
        let outcome = self.issue_outcome(&id, self.drive(exchange, Some(send_by)).await);
        let record = context.ticket.as_ref().map(IdempotencyTicket::record_key);
        self.report_issue(&context.store.id, &id, (attempt, outcome), record)
            .await
    }

    async fn commit_issue_intent(
        &self,
        key: BillingKey,
        channel: &OpenChannel,
        ticket: Option<&IdempotencyTicket>,
    ) -> Result<(), Fault> {
        let mut unit = Commit::new(self.new_uuid());
        for issue in &key.channels {
            unit.insert(&AttemptRecord {
                attempt: issue.attempt,
                store_id: key.store_id.clone(),
                subject_id: key.id.as_str().to_owned(),
                subject: Subject::BillingKey,
                at: key.requested_at,
            })?;
        }
        let kind = JobKind::EndIssue {
            store_id: key.store_id.clone(),
            billing_key: key.id.clone(),
            idempotency: ticket.map(|ticket| ticket.record_key().to_owned()),
        };
        let now = self.clock().process();
        unit.insert(&JobRecord {
            id: kind.id(),
            queue: kind.queue(),
            lane: channel.record.key.to_string(),
            due_at: now,
            lease_until: Some(now.plus_millis(ISSUE_LEASE_MS)),
            tries: 0,
            kind,
        })?;
        let event = BillingKeyEvent::Requested { key: Box::new(key) };
        self.add_key_events(&mut unit, None, &[event])?;
        self.open_record(&mut unit, ticket)?;
        match self.commit(unit).await {
            Ok(()) => Ok(()),
            Err(CommitError::Conflict(_)) => Err(Fault::IdempotencyOutstandingRequest),
            Err(error) => Err(error.into()),
        }
    }

    /// No money moves at an issue: whatever is not a key is a failure.
    fn issue_outcome(&self, id: &BillingKeyId, outcome: Outcome) -> IssueOutcome {
        let failure = match outcome {
            Outcome::KeyIssued(issued) => {
                let secret = issued.pg_billing_key.expose();
                return IssueOutcome::Issued {
                    pg_billing_key: self.keys().seal(self.entropy(), &place(id), secret),
                    pg_tx_id: issued.pg_tx_id,
                    card: issued.card,
                    at: issued.at,
                };
            }
            Outcome::Declined(decline) => Failure {
                pg_code: decline.code,
                pg_message: decline.message,
            },
            Outcome::NotSent { reason } => Failure::own(Failure::NOT_SENT, &reason),
            Outcome::Unknown(_)
            | Outcome::Approved(_)
            | Outcome::AccountIssued(_)
            | Outcome::Identity(_)
            | Outcome::Refunded(_)
            | Outcome::AccountClosed { .. }
            | Outcome::Found(_)
            | Outcome::NotFound => Failure::own(
                Failure::OUTCOME_UNKNOWN,
                "the payment gateway's answer was lost; no billing key was issued, try again",
            ),
        };
        IssueOutcome::Failed { failure }
    }

    async fn report_issue(
        &self,
        store_id: &StoreId,
        id: &BillingKeyId,
        (attempt, outcome): (AttemptId, IssueOutcome),
        idempotency: Option<&str>,
    ) -> Result<Answer, Fault> {
        let job = JobKind::EndIssue {
            store_id: store_id.clone(),
            billing_key: id.clone(),
            idempotency: None,
        };
        for _ in 0..TRIES {
            let found = self
                .load_key(store_id, id)
                .await?
                .ok_or(Fault::BillingKeyNotFound)?;
            let decided = found.value.0.answered(attempt, outcome.clone(), self.now());
            let Ok(events) = decided else {
                // A worker ended it while the request ran.
                return issue_answer(&found.value.0);
            };
            let mut unit = Commit::new(self.new_uuid());
            let key = self.add_key_events(&mut unit, Some(found), &events)?;
            let answer = issue_answer(&key);
            let news = match key.state {
                BillingKeyState::Issued { .. } if key.skip_webhook => None,
                BillingKeyState::Issued { .. } => Some(BillingKeyNews::Issued),
                BillingKeyState::Failed { .. } => Some(BillingKeyNews::Failed),
                BillingKeyState::Issuing | BillingKeyState::Deleted { .. } => None,
            };
            if let Some(news) = news {
                self.announce_key(&mut unit, &key, news).await?;
            }
            self.complete_record(&mut unit, idempotency, &answer)
                .await?;
            unit.writes.push(crate::payments::drop_job(&job));
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

    /// Ends an issue whose request died.
    pub(crate) async fn run_end_issue(
        &self,
        store_id: &StoreId,
        id: &BillingKeyId,
        idempotency: Option<&str>,
    ) -> Result<JobDone, Fault> {
        let Some(found) = self.load_key(store_id, id).await? else {
            return Ok(JobDone::Finished);
        };
        let pending = found
            .value
            .0
            .channels
            .iter()
            .filter(|issue| issue.outcome == IssueOutcome::Pending)
            .map(|issue| issue.attempt)
            .collect::<Vec<_>>();
        for attempt in pending {
            let failure = Failure::own(
                Failure::OUTCOME_UNKNOWN,
                "the server stopped during the issue; no billing key was issued",
            );
            let outcome = IssueOutcome::Failed { failure };
            let reported = self
                .report_issue(store_id, id, (attempt, outcome), idempotency)
                .await;
            if let Err(fault @ (Fault::Unavailable { .. } | Fault::Internal { .. })) = reported {
                return Err(fault);
            }
        }
        Ok(JobDone::Finished)
    }

    /// `DELETE /billing-keys/{billingKey}`. Inicis has no call for it: the key dies here.
    pub async fn delete_billing_key(
        &self,
        context: CallContext,
        id: BillingKeyId,
        (reason, requester): (Option<String>, Option<String>),
        skip_webhook: bool,
    ) -> Result<Answer, Fault> {
        let store_id: &Arc<_> = &context.store;
        for _ in 0..TRIES {
            let found = self
                .load_key(&store_id.id, &id)
                .await?
                .ok_or(Fault::BillingKeyNotFound)?;
            let now = self.now();
            let events = found
                .value
                .0
                .delete(reason.clone(), requester.clone(), now)?;
            let mut unit = Commit::new(self.new_uuid());
            let key = self.add_key_events(&mut unit, Some(found), &events)?;
            let answer = Answer::BillingKeyDeleted { at: now };
            if !skip_webhook {
                self.announce_key(&mut unit, &key, BillingKeyNews::Deleted)
                    .await?;
            }
            self.done_record(&mut unit, context.ticket.as_ref(), &answer)?;
            match self.commit(unit).await {
                Ok(()) => {
                    self.wakers().webhook().notify_one();
                    self.wakers().search().notify_one();
                    return Ok(answer);
                }
                Err(CommitError::Conflict("idempotency")) => {
                    return Err(Fault::IdempotencyOutstandingRequest);
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Fault::Unavailable {
            detail: "too many concurrent changes".to_owned(),
        })
    }

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
            BillingKeyState::Issuing | BillingKeyState::Failed { .. } => {
                Err(Fault::BillingKeyNotFound)
            }
            BillingKeyState::Issued { .. } | BillingKeyState::Deleted { .. } => Ok(key),
        }
    }

    async fn load_key(
        &self,
        store_id: &StoreId,
        id: &BillingKeyId,
    ) -> Result<Option<Versioned<BillingKeyRecord>>, Fault> {
        Ok(self
            .store()
            .load(vec![store_id.as_str().into(), id.as_str().into()])
            .await?)
    }

    fn add_key_events(
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

fn issue_answer(key: &BillingKey) -> Result<Answer, Fault> {
    match key.state {
        BillingKeyState::Issued { at } | BillingKeyState::Deleted { issued_at: at, .. } => {
            Ok(Answer::BillingKeyIssued {
                billing_key: key.id.clone(),
                channels: key
                    .channels
                    .iter()
                    .filter(|issue| matches!(issue.outcome, IssueOutcome::Issued { .. }))
                    .map(|issue| issue.channel.clone())
                    .collect(),
                at,
            })
        }
        BillingKeyState::Issuing | BillingKeyState::Failed { .. } => {
            let failure = key.channels.iter().find_map(|issue| match &issue.outcome {
                IssueOutcome::Failed { failure } => Some(failure.clone()),
                IssueOutcome::Pending | IssueOutcome::Issued { .. } => None,
            });
            Err(failure.map_or_else(Fault::outcome_unknown, Fault::from))
        }
    }
}
