//! `POST /payments/{paymentId}/resend-webhook`: now, and the answer says what came of it.

use naru_domain::{Face, PaymentId};
use naru_store::{Commit, CommitError, Condition, Direction, Query, tables};

use crate::payments::CallContext;
use crate::records::{ExecutionResult, PayloadVersion, WebhookRecord, WebhookStatus};
use crate::{Answer, Engine, Fault};

impl Engine {
    /// Sends a webhook of a payment again: the named one, else the latest.
    pub async fn resend_webhook(
        &self,
        context: CallContext,
        payment_id: PaymentId,
        webhook_id: Option<String>,
    ) -> Result<Answer, Fault> {
        let store_id = &context.store.id;
        self.load_payment(store_id, &payment_id)
            .await?
            .filter(|found| found.value.0.has_begun())
            .ok_or(Fault::PaymentNotFound)?;
        let id = match webhook_id {
            Some(id) => id,
            None => self.latest_webhook(&context, &payment_id).await?,
        };
        let found = self
            .load_webhook(store_id, &id)
            .await?
            .ok_or(Fault::WebhookNotFound)?;
        if found.value.subject_id != payment_id.as_str() {
            return Err(Fault::WebhookNotFound);
        }
        if found.value.manual_count >= self.config().webhook_manual_max {
            return Err(Fault::MaxWebhookRetryCountReached);
        }
        let execution = self.execute(&found.value).await?;
        let record = self.record_execution(found, execution, None).await?;
        let webhook = Box::new(record);
        let answer = Answer::WebhookSent { webhook };
        if context.ticket.is_some() {
            let mut unit = Commit::new(self.new_uuid());
            self.done_record(&mut unit, context.ticket.as_ref(), &answer)?;
            match self.commit(unit).await {
                // Two requests with one key at once: both delivered, one is remembered.
                Ok(()) | Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(answer)
    }

    async fn latest_webhook(
        &self,
        context: &CallContext,
        payment_id: &PaymentId,
    ) -> Result<String, Fault> {
        let query = Query::of(&tables::WEBHOOKS, 1)
            .and(Condition::Is("store_id", context.store.id.as_str().into()))
            .and(Condition::Is("subject_id", payment_id.as_str().into()))
            .by("triggered_at", Direction::Descending);
        let found = self.store().list::<WebhookRecord>(query).await?;
        found
            .into_iter()
            .next()
            .map(|found| found.value.id)
            .ok_or(Fault::WebhookNotFound)
    }

    /// Sends a signed test message to an endpoint, once; nothing is recorded.
    pub async fn test_endpoint(
        &self,
        store_id: &naru_domain::StoreId,
        endpoint_id: &str,
    ) -> Result<EndpointTested, Fault> {
        let endpoint = self.endpoint(store_id, endpoint_id).await?.value;
        let url = endpoint
            .url
            .ok_or_else(|| Fault::invalid("the endpoint has no address"))?;
        let (face, body) = match endpoint.version {
            PayloadVersion::V1 => {
                let fields = serde_json::json!({
                    "imp_uid": "imp_000000000000", "merchant_uid": "naru-test", "status": "paid",
                });
                (Face::V1, fields)
            }
            PayloadVersion::V20240101 | PayloadVersion::V20240425 => {
                let fields = serde_json::json!({
                    "type": "Naru.Test",
                    "timestamp": self.now().to_string(),
                    "data": {"storeId": store_id.as_str()},
                });
                (Face::V2, fields)
            }
        };
        let message = WebhookRecord {
            store_id: store_id.clone(),
            id: self.new_uuid().to_string(),
            subject_id: String::new(),
            event: "Naru.Test".to_owned(),
            face,
            endpoint_id: endpoint_id.to_owned(),
            environment: endpoint.environment,
            url,
            content_type: "application/json".to_owned(),
            body: body.to_string(),
            payment_status: None,
            trigger: None,
            triggered_at: self.now(),
            executions: Vec::new(),
            executions_max: 1,
            manual_count: 0,
            status: WebhookStatus::Pending,
        };
        let started_at = self.clock().process();
        let execution = self.execute(&message).await?;
        let duration = self.clock().process().as_millis() - started_at.as_millis();
        let (status, problem) = match execution.result {
            ExecutionResult::Answered(answer) => (Some(answer.code), None),
            ExecutionResult::Failed(problem) => (None, Some(problem)),
        };
        Ok(EndpointTested {
            status,
            problem,
            duration_ms: duration.unsigned_abs(),
        })
    }
}

/// What came of a test message.
#[derive(Debug, Clone)]
pub struct EndpointTested {
    /// The HTTP status that came back.
    pub status: Option<u16>,
    /// Why none came back.
    pub problem: Option<String>,
    /// How long it took.
    pub duration_ms: u64,
}
