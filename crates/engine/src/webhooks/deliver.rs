//! Delivering: one attempt, recorded whatever comes of it.

use bytes::Bytes;
use naru_connector::{Answer, Request, SendError};
use naru_domain::Timestamp;
use naru_domain::payment::Trigger;
use naru_domain::{Face, StoreId};
use naru_store::{Commit, CommitError, Versioned};

use super::announce::endpoint_place;
use super::sign::signature;
use crate::entropy::below;
use crate::jobs::JobDone;
use crate::payments::drop_job;
use crate::records::{
    Execution, ExecutionResult, JobKind, JobRecord, ReceiverAnswer, WebhookRecord, WebhookStatus,
};
use crate::{Engine, Fault};

/// What is kept of a receiver's answer, in bytes of headers and of body.
const KEPT_BYTES: usize = 4_096;
const RECORD_TRIES: u32 = 20;
/// Between deliveries of a message of the V1 face, in milliseconds.
const V1_PAUSE_MS: i64 = 60_000;

impl Engine {
    pub(crate) async fn run_delivery(
        &self,
        store_id: &StoreId,
        webhook_id: &str,
        job: &JobRecord,
    ) -> Result<JobDone, Fault> {
        let Some(found) = self.load_webhook(store_id, webhook_id).await? else {
            self.commit_job_end(&job.kind).await?;
            return Ok(JobDone::Finished);
        };
        if found.value.status == WebhookStatus::Succeeded {
            self.commit_job_end(&job.kind).await?;
            return Ok(JobDone::Finished);
        }
        let execution = self.execute(&found.value).await?;
        self.record_execution(found, execution, Some(job))
            .await
            .map(|_| JobDone::Finished)
    }

    pub(crate) async fn commit_job_end(&self, kind: &JobKind) -> Result<(), Fault> {
        let mut unit = Commit::new(self.new_uuid());
        unit.writes.push(drop_job(kind));
        Ok(self.commit(unit).await?)
    }

    pub(crate) async fn load_webhook(
        &self,
        store_id: &StoreId,
        webhook_id: &str,
    ) -> Result<Option<Versioned<WebhookRecord>>, Fault> {
        Ok(self
            .store()
            .load(vec![store_id.as_str().into(), webhook_id.into()])
            .await?)
    }

    /// Sends a message once. Each attempt has a fresh time stamp and so a fresh signature:
    /// verifiers refuse one that is older than five minutes.
    pub(crate) async fn execute(&self, webhook: &WebhookRecord) -> Result<Execution, Fault> {
        let timeout_ms = self.config().webhook_timeout_ms;
        self.execute_within(webhook, timeout_ms).await
    }

    /// The same within a time of its own.
    pub(crate) async fn execute_within(
        &self,
        webhook: &WebhookRecord,
        timeout_ms: u32,
    ) -> Result<Execution, Fault> {
        // The machine's clock: verifiers compare with their own, which no test moves.
        let timestamp_s = self.clock().machine().as_seconds();
        let requested_at = self.now();
        if webhook.face == Face::V1 {
            return Ok(self.execute_unsigned(webhook, timeout_ms).await);
        }
        let signatures = self.signatures(webhook, timestamp_s).await?;
        let headers = vec![
            ("content-type", webhook.content_type.clone()),
            ("webhook-id", webhook.id.clone()),
            ("webhook-timestamp", timestamp_s.to_string()),
            ("webhook-signature", signatures.join(" ")),
        ];
        let header = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect::<Vec<_>>()
            .join("\n");
        // Nothing goes out unsigned (P6).
        let result = if signatures.is_empty() {
            ExecutionResult::Failed(
                "not sent: the store has no endpoint left to sign it".to_owned(),
            )
        } else {
            self.send_webhook(webhook, headers, timeout_ms).await
        };
        Ok(Execution {
            requested_at,
            header,
            result,
        })
    }

    /// A message of the V1 face: there is nothing to verify, receivers read the payment again.
    async fn execute_unsigned(&self, webhook: &WebhookRecord, timeout_ms: u32) -> Execution {
        let requested_at = self.now();
        let headers = vec![("content-type", webhook.content_type.clone())];
        Execution {
            requested_at,
            header: format!("content-type: {}", webhook.content_type),
            result: self.send_webhook(webhook, headers, timeout_ms).await,
        }
    }

    async fn send_webhook(
        &self,
        webhook: &WebhookRecord,
        headers: Vec<(&'static str, String)>,
        timeout_ms: u32,
    ) -> ExecutionResult {
        let request = Request {
            method: http_post(),
            url: webhook.url.clone(),
            headers,
            body: Bytes::from(webhook.body.clone()),
            timeout_ms,
            write_within_ms: None,
        };
        match self.inner.parts.webhook_transport.send(request).await {
            Ok(answer) => ExecutionResult::Answered(self.kept(&answer)),
            Err(SendError { detail, .. }) => ExecutionResult::Failed(detail),
        }
    }

    /// Signed as the endpoint is that the message was made for; if that was removed, as the first
    /// that the store has now.
    async fn signatures(
        &self,
        webhook: &WebhookRecord,
        timestamp_s: i64,
    ) -> Result<Vec<String>, Fault> {
        let Some(store) = self.store_record(&webhook.store_id).await? else {
            return Ok(Vec::new());
        };
        let first = self.endpoints(&store, webhook.environment).await?;
        // Its own may have come since it was made for one of the parent's.
        let mut known = self.endpoints_of(&store.id).await?.to_vec();
        if let Some(parent) = &store.parent {
            known.extend_from_slice(&self.endpoints_of(parent).await?);
        }
        let mut endpoints = known.iter();
        let made_for = endpoints.find(|endpoint| endpoint.id == webhook.endpoint_id);
        let Some(endpoint) = made_for.or(first.first()) else {
            return Ok(Vec::new());
        };
        let place = endpoint_place(&endpoint.store_id, &endpoint.id);
        let mut signatures = Vec::new();
        for secret in &endpoint.secrets {
            let opened = self
                .keys()
                .open(&place, &secret.secret)
                .map_err(|error| Fault::internal(format!("webhook secret: {error}")))?;
            let signed = signature(opened.expose(), &webhook.id, timestamp_s, &webhook.body);
            signatures.extend(signed);
        }
        Ok(signatures)
    }

    fn kept(&self, answer: &Answer) -> ReceiverAnswer {
        let header = answer
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect::<Vec<_>>()
            .join("\n");
        ReceiverAnswer {
            code: answer.status,
            header: cut(&header),
            body: cut(&String::from_utf8_lossy(&answer.body)),
            at: self.now(),
        }
    }

    /// Commits an attempt and what follows: the next one, or the end.
    pub(crate) async fn record_execution(
        &self,
        mut found: Versioned<WebhookRecord>,
        execution: Execution,
        job: Option<&JobRecord>,
    ) -> Result<WebhookRecord, Fault> {
        for _ in 0..RECORD_TRIES {
            let mut record = found.value.clone();
            record.status = match &execution.result {
                ExecutionResult::Answered(answer) if (200..300).contains(&answer.code) => {
                    WebhookStatus::Succeeded
                }
                _ if record.status == WebhookStatus::Succeeded => WebhookStatus::Succeeded,
                ExecutionResult::Answered(_) => WebhookStatus::FailedNotOkResponse,
                ExecutionResult::Failed(_) => WebhookStatus::FailedUnexpectedError,
            };
            record.executions.push(execution.clone());
            let mut unit = Commit::new(self.new_uuid());
            if let Some(job) = job {
                self.follow_up(&mut unit, &record, job)?;
            } else {
                record.manual_count += 1;
                record.trigger = Some(Trigger::Manual);
            }
            let changed = Versioned {
                version: found.version,
                value: record,
            };
            unit.update(&changed)?;
            match self.commit(unit).await {
                Ok(()) => {
                    crate::measures::delivery(changed.value.status);
                    return Ok(changed.value);
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
            let (store_id, id) = (&changed.value.store_id, &changed.value.id);
            found = self
                .load_webhook(store_id, id)
                .await?
                .ok_or(Fault::WebhookNotFound)?;
        }
        Err(Fault::Unavailable {
            detail: "too many concurrent changes".to_owned(),
        })
    }

    fn follow_up(
        &self,
        unit: &mut Commit,
        record: &WebhookRecord,
        job: &JobRecord,
    ) -> Result<(), Fault> {
        let automatic = job.tries + 1;
        let is_over = record.status == WebhookStatus::Succeeded || refuses_for_good(record);
        if is_over || automatic >= record.executions_max {
            unit.writes.push(drop_job(&job.kind));
            return Ok(());
        }
        unit.upsert(&JobRecord {
            due_at: self.now().plus_millis(self.pause_ms(record, automatic)),
            lease_until: None,
            tries: automatic,
            ..job.clone()
        })?;
        Ok(())
    }

    /// How long until the next attempt.
    fn pause_ms(&self, record: &WebhookRecord, done: u32) -> i64 {
        if record.face == Face::V1 {
            V1_PAUSE_MS
        } else if record.is_about_tax() {
            self.tax_wait_ms(done)
        } else {
            self.wait_ms(done)
        }
    }

    /// Those about tax invoices: 5, 10, 20, 40 minutes, half of it fixed and half random.
    fn tax_wait_ms(&self, done: u32) -> i64 {
        let minutes = 5 * 2_u64.saturating_pow(done.saturating_sub(1).min(16));
        let half = minutes.saturating_mul(30_000);
        let millis = half.saturating_add(below(self.entropy(), half));
        i64::try_from(millis).unwrap_or(i64::MAX)
    }

    /// 1, 4, 16, 64, 256 minutes, times a random factor below one ("full jitter").
    fn wait_ms(&self, done: u32) -> i64 {
        let minutes = 4_u64.saturating_pow(done.saturating_sub(1));
        let millis = below(self.entropy(), minutes.saturating_mul(60_000));
        i64::try_from(millis).unwrap_or(i64::MAX)
    }

    /// When the next automatic delivery is due, for tests and the console.
    pub async fn next_delivery(&self, webhook_id: &str, store_id: &StoreId) -> Option<Timestamp> {
        let kind = JobKind::DeliverWebhook {
            store_id: store_id.clone(),
            webhook_id: webhook_id.to_owned(),
        };
        let job = self
            .store()
            .load::<JobRecord>(vec![kind.id().into()])
            .await
            .ok()??;
        Some(job.value.due_at)
    }
}

/// The V1 face tries again after a lost answer or a fault of the receiver's server, and after no
/// other answer.
fn refuses_for_good(record: &WebhookRecord) -> bool {
    let answered = record.executions.last().map(|execution| &execution.result);
    match (record.face, answered) {
        (Face::V1, Some(ExecutionResult::Answered(answer))) => answer.code < 500,
        (Face::V1, Some(ExecutionResult::Failed(_)) | None) | (Face::V2, _) => false,
    }
}

fn http_post() -> http::Method {
    http::Method::POST
}

/// At most so many bytes, cut between characters. A text never holds a NUL: databases refuse it.
fn cut(text: &str) -> String {
    let text = text.replace('\0', "\u{fffd}");
    let mut end = text.len().min(KEPT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}
