//! Issuing a billing key: at one channel, or at every channel of a group.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use naru_connector::{CardCredential, IssueBillingKey, Operation, Outcome};
use naru_domain::billing_key::{
    BillingKey, BillingKeyEvent, BillingKeyState, ChannelIssue, IssueOutcome,
};
use naru_domain::payment::Failure;
use naru_domain::{AttemptId, BillingKeyId, ChannelGroupSnapshot, Customer, Sealed, StoreId};
use naru_store::{Commit, CommitError};

use super::{BillingKeyView, TRIES, issue_failures, leave_job, place, step_job};
use crate::directory::OpenChannel;
use crate::exchange::Begun;
use crate::payments::{CallContext, ChannelChoice};
use crate::records::{AttemptRecord, Subject};
use crate::webhooks::BillingKeyNews;
use crate::{Answer, Engine, Fault, IdempotencyTicket};

/// An issue asked for.
#[derive(Debug, Clone)]
pub struct IssueRequest {
    /// Through which channel, or at every channel of which group.
    pub channel: ChannelChoice,
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

/// The channels to issue at, and the group that they are of.
type Places = (Option<ChannelGroupSnapshot>, Vec<Arc<OpenChannel>>);

/// What is known of each channel before anything is sent, and the exchanges of those that may go.
type Begins = (Vec<ChannelIssue>, Vec<(AttemptId, Begun)>);

impl Engine {
    /// `POST /billing-keys`.
    pub async fn issue_billing_key(
        &self,
        context: CallContext,
        request: IssueRequest,
    ) -> Result<Answer, Fault> {
        self.issue_key(context, request, None).await
    }

    /// Issues a key under an id of the merchant's own. A key that stands under it serves until
    /// the new one is issued, and is replaced in the commit of the last channel's answer.
    pub async fn save_billing_key(
        &self,
        context: CallContext,
        id: BillingKeyId,
        request: IssueRequest,
    ) -> Result<Answer, Fault> {
        self.issue_key(context, request, Some(id)).await
    }

    async fn issue_key(
        &self,
        context: CallContext,
        request: IssueRequest,
        saves_as: Option<BillingKeyId>,
    ) -> Result<Answer, Fault> {
        let (group, channels) = self.places(&context, &request.channel).await?;
        let (issues, exchanges) = self.begin_issues(&context, &request, (&group, &channels))?;
        if exchanges.is_empty() {
            return Err(Fault::ChannelSpecific {
                failures: issue_failures(&issues),
                succeeded: Vec::new(),
            });
        }
        let send_by = self.send_by();
        let prefix = saves_as.as_ref().map_or("billing-key-", |_| "saving-");
        let id = BillingKeyId::new(format!("{prefix}{}", self.new_uuid()));
        let key = BillingKey {
            merchant_id: context.store.merchant_id.clone(),
            store_id: context.store.id.clone(),
            id: id.clone(),
            customer: request.customer,
            custom_data: request.custom_data,
            notice_urls: request.notice_urls,
            origin: context.origin.clone(),
            window: None,
            skip_webhook: request.skip_webhook,
            face: context.face,
            saves_as,
            first_issued_at: None,
            requested_at: self.now(),
            channel_group: group,
            channels: issues,
            deletion: None,
            state: BillingKeyState::Issuing,
            event_count: 0,
        };
        self.commit_issue_intent(key, context.ticket.as_ref())
            .await?;
        let mut answers = exchanges
            .into_iter()
            .map(|(attempt, exchange)| async move {
                (attempt, self.drive(exchange, Some(send_by)).await)
            })
            .collect::<FuturesUnordered<_>>();
        let record = context.ticket.as_ref().map(IdempotencyTicket::record_key);
        let mut answer = Err(Fault::outcome_unknown());
        // Each is kept as soon as it is there. One that can't be committed is left to the job.
        while let Some((attempt, outcome)) = answers.next().await {
            let outcome = self.issue_outcome(&id, outcome);
            answer = self
                .report_issue(&context.store.id, &id, (attempt, outcome), record)
                .await;
        }
        answer
    }

    /// Every channel of a group that is switched on, whatever its weight.
    async fn places(&self, context: &CallContext, choice: &ChannelChoice) -> Result<Places, Fault> {
        let id = match choice {
            ChannelChoice::Channel(key) => {
                return Ok((None, vec![self.live_channel(&context.store, key).await?]));
            }
            ChannelChoice::Group(id) => id,
        };
        let group = self.group_for(&context.store, id).await?;
        let on = self.channels_on(&context.store, &group).await?;
        if on.is_empty() {
            return Err(Fault::ChannelGroupOff);
        }
        let channels = on.into_iter().map(|(channel, _)| channel).collect();
        Ok((Some(group.snapshot()), channels))
    }

    /// Checks each PG's rules and prepares the exchanges. Nothing is sent. What one PG of several
    /// does not allow is a failure of its channel alone.
    fn begin_issues(
        &self,
        context: &CallContext,
        request: &IssueRequest,
        (group, channels): (&Option<ChannelGroupSnapshot>, &[Arc<OpenChannel>]),
    ) -> Result<Begins, Fault> {
        let mut issues = Vec::new();
        let mut exchanges = Vec::new();
        for channel in channels {
            let attempt = AttemptId::new(self.new_uuid());
            let operation = Operation::IssueBillingKey(IssueBillingKey {
                order_id: attempt.order_id(),
                name: context.store.name.clone(),
                customer: request.customer.clone(),
                card: request.card.clone(),
            });
            let outcome = match self.begin(channel, &operation) {
                Ok(exchange) => {
                    exchanges.push((attempt, exchange));
                    IssueOutcome::Pending
                }
                Err(Fault::InvalidRequest { message }) if group.is_some() => {
                    IssueOutcome::Refused { message }
                }
                Err(fault) => return Err(fault),
            };
            issues.push(ChannelIssue {
                channel: channel.record.snapshot(),
                attempt,
                outcome,
                deletion: None,
            });
        }
        Ok((issues, exchanges))
    }

    async fn commit_issue_intent(
        &self,
        key: BillingKey,
        ticket: Option<&IdempotencyTicket>,
    ) -> Result<(), Fault> {
        let mut unit = Commit::new(self.new_uuid());
        let sent = |issue: &&ChannelIssue| issue.outcome == IssueOutcome::Pending;
        for issue in key.channels.iter().filter(sent) {
            unit.insert(&AttemptRecord {
                attempt: issue.attempt,
                store_id: key.store_id.clone(),
                subject_id: key.id.as_str().to_owned(),
                subject: Subject::BillingKey,
                at: key.requested_at,
            })?;
        }
        let record = ticket.map(IdempotencyTicket::record_key);
        let kind = step_job(&key.store_id, &key.id, record);
        if let Some(first) = key.channels.first() {
            leave_job(self, &mut unit, kind, &first.channel.key)?;
        }
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
    pub(crate) fn issue_outcome(&self, id: &BillingKeyId, outcome: Outcome) -> IssueOutcome {
        let failure = match outcome {
            Outcome::KeyIssued(issued) => {
                let secret = issued.pg_billing_key.expose();
                return IssueOutcome::Issued {
                    pg_billing_key: self.keys().seal(self.entropy(), &place(id), secret),
                    pg_tx_id: issued.pg_tx_id,
                    card: Some(Box::new(issued.card)),
                    phone_number: None,
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
            | Outcome::KeyDeleted { .. }
            | Outcome::Identity(_)
            | Outcome::Acted(_)
            | Outcome::Receipt(_)
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

    /// Commits a channel's answer. The last one ends the issue, and with it the request.
    pub(crate) async fn report_issue(
        &self,
        store_id: &StoreId,
        id: &BillingKeyId,
        (attempt, outcome): (AttemptId, IssueOutcome),
        idempotency: Option<&str>,
    ) -> Result<Answer, Fault> {
        let job = step_job(store_id, id, None);
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
            self.save_issued(&mut unit, &key).await?;
            let answer = issue_answer(&key);
            if key.state != BillingKeyState::Issuing {
                if let Some(news) = news_of(&key) {
                    self.announce_key(&mut unit, &key, news).await?;
                }
                self.complete_record(&mut unit, idempotency, &answer)
                    .await?;
                unit.writes.push(crate::payments::drop_job(&job));
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

    /// Puts an issue that has succeeded in the place of the key that the merchant named.
    async fn save_issued(&self, unit: &mut Commit, issued: &BillingKey) -> Result<(), Fault> {
        let Some(id) = &issued.saves_as else {
            return Ok(());
        };
        let found = self.load_key(&issued.store_id, id).await?;
        let before = found.as_ref().map(|found| &found.value.0);
        let reseal = |sealed: &Sealed| -> Result<Sealed, Fault> {
            let opened = self.keys().open(&place(&issued.id), sealed);
            let opened = opened
                .map_err(|error| Fault::internal(format!("billing key {}: {error}", issued.id)))?;
            Ok(self
                .keys()
                .seal(self.entropy(), &place(id), opened.expose()))
        };
        if let Some(event) = issued.saved(before, reseal)? {
            self.add_key_events(unit, found, &[event])?;
        }
        Ok(())
    }

    /// What had not answered by the time that the request died has failed.
    pub(super) async fn end_issue(
        &self,
        key: &BillingKey,
        idempotency: Option<&str>,
    ) -> Result<Answer, Fault> {
        let is_pending = |issue: &&ChannelIssue| issue.outcome == IssueOutcome::Pending;
        let mut answer = issue_answer(key);
        for issue in key.channels.iter().filter(is_pending) {
            let failure = Failure::own(
                Failure::OUTCOME_UNKNOWN,
                "the server stopped during the issue; no billing key was issued",
            );
            let outcome = IssueOutcome::Failed { failure };
            answer = self
                .report_issue(
                    &key.store_id,
                    &key.id,
                    (issue.attempt, outcome),
                    idempotency,
                )
                .await;
            if let Err(fault @ (Fault::Unavailable { .. } | Fault::Internal { .. })) = answer {
                return Err(fault);
            }
        }
        answer
    }
}

pub(crate) fn news_of(key: &BillingKeyView) -> Option<BillingKeyNews> {
    match key.state {
        BillingKeyState::Issued { .. } if key.skip_webhook => None,
        BillingKeyState::Issued { .. } => Some(BillingKeyNews::Issued),
        BillingKeyState::Failed { .. } => Some(BillingKeyNews::Failed),
        BillingKeyState::Ready
        | BillingKeyState::AwaitingConfirm { .. }
        | BillingKeyState::Issuing
        | BillingKeyState::Deleted { .. } => None,
    }
}

pub(crate) fn issue_answer(key: &BillingKey) -> Result<Answer, Fault> {
    let failures = issue_failures(&key.channels);
    match key.state {
        BillingKeyState::Issued { at } | BillingKeyState::Deleted { issued_at: at, .. } => {
            if key.window.is_some() {
                return Ok(Answer::BillingKeyConfirmed {
                    billing_key: key.saves_as.as_ref().unwrap_or(&key.id).clone(),
                });
            }
            let is_issued =
                |issue: &&ChannelIssue| matches!(issue.outcome, IssueOutcome::Issued { .. });
            Ok(Answer::BillingKeyIssued {
                billing_key: key.saves_as.as_ref().unwrap_or(&key.id).clone(),
                channels: key
                    .channels
                    .iter()
                    .filter(is_issued)
                    .map(|issue| issue.channel.clone())
                    .collect(),
                failures,
                at,
            })
        }
        BillingKeyState::Ready
        | BillingKeyState::AwaitingConfirm { .. }
        | BillingKeyState::Issuing => Err(Fault::outcome_unknown()),
        BillingKeyState::Failed { .. } => Err(Fault::of_channels(
            key.channel_group.is_some(),
            failures,
            Vec::new(),
        )),
    }
}
