//! Webhook messages with every delivery attempt.

use naru_domain::payment::Trigger;
use naru_domain::{Face, StoreId, Timestamp};
use naru_store::{Record, Table, Value, tables};
use serde::{Deserialize, Serialize};

use super::Environment;

/// A message to one receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookRecord {
    /// Whose it is.
    pub store_id: StoreId,
    /// The `webhook-id`: the same on every retry.
    pub id: String,
    /// The payment or billing key it is about.
    pub subject_id: String,
    /// What it says, such as `Transaction.Paid`.
    pub event: String,
    /// On which face the payment was made: on V1, nothing signs it.
    #[serde(default, skip_serializing_if = "Face::is_v2")]
    pub face: Face,
    /// Which endpoint signs it.
    pub endpoint_id: String,
    /// Live or test.
    pub environment: Environment,
    /// Where to.
    pub url: String,
    /// Content type of the body.
    pub content_type: String,
    /// The exact bytes, the same on every retry.
    pub body: String,
    /// Status of the payment when it was made, by its wire name.
    pub payment_status: Option<String>,
    /// Why outside the ordinary course.
    pub trigger: Option<Trigger>,
    /// When it was made.
    pub triggered_at: Timestamp,
    /// Every delivery attempt, oldest first.
    pub executions: Vec<Execution>,
    /// How many automatic deliveries there are at most.
    pub executions_max: u32,
    /// How many times a merchant asked for it again.
    pub manual_count: u32,
    /// Where it stands.
    pub status: WebhookStatus,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WebhookStatus {
    /// Not delivered yet; automatic deliveries go on.
    Pending,
    /// A receiver took it.
    Succeeded,
    /// The last answer was not a 2xx.
    FailedNotOkResponse,
    /// The last delivery got no answer.
    FailedUnexpectedError,
}

impl WebhookStatus {
    /// The name on the V2 wire and in the store.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Pending => None,
            Self::Succeeded => Some("SUCCEEDED"),
            Self::FailedNotOkResponse => Some("FAILED_NOT_OK_RESPONSE"),
            Self::FailedUnexpectedError => Some("FAILED_UNEXPECTED_ERROR"),
        }
    }
}

/// One delivery attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// When it was sent.
    pub requested_at: Timestamp,
    /// The headers sent, one a line.
    pub header: String,
    /// What came of it.
    pub result: ExecutionResult,
}

/// What came of a delivery attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExecutionResult {
    /// An answer.
    Answered(ReceiverAnswer),
    /// None.
    Failed(String),
}

/// A receiver's answer, cut to a bounded length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiverAnswer {
    /// HTTP status.
    pub code: u16,
    /// The headers, one a line.
    pub header: String,
    /// The body.
    pub body: String,
    /// When.
    pub at: Timestamp,
}

impl WebhookRecord {
    /// Whether it tells of a tax invoice: those have a policy of retries of their own.
    pub fn is_about_tax(&self) -> bool {
        self.event.starts_with("TaxInvoice.")
    }
}

impl Record for WebhookRecord {
    const TABLE: &'static Table = &tables::WEBHOOKS;

    fn key(&self) -> Vec<Value> {
        vec![self.store_id.as_str().into(), self.id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            self.subject_id.as_str().into(),
            self.triggered_at.into(),
            self.status.name().into(),
            self.payment_status.clone().into(),
        ]
    }
}
