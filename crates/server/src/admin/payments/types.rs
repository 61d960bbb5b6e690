//! What goes over the private listener about payments. Moments are RFC 3339.

use serde::{Deserialize, Serialize};

/// `GET /admin/v1/stores/{id}/payments/{id}/escrow/page` answers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EscrowPageAddress {
    /// Where the customer keeps or rejects the goods.
    pub url: String,
}

/// `POST /admin/v1/stores/{id}/payments/{id}/escrow/accept-rejection` answers it: the PG has done
/// so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RejectionAccepted {
    /// The store.
    pub store_id: String,
    /// The payment.
    pub payment_id: String,
    /// When, as the PG says.
    pub accepted_at: String,
}

/// `GET /admin/v1/stores/{id}/payments/{id}/webhooks`: sent or not, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageLog {
    /// The messages.
    pub items: Vec<Message>,
}

/// A webhook about a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// When it was made, or would have been.
    pub at: String,
    /// What it says.
    pub event: String,
    /// Where it went.
    pub url: Option<String>,
    /// How often it was sent.
    pub deliveries: usize,
    /// What the last delivery came to.
    pub result: Option<String>,
    /// Why it was not sent, if it was not.
    pub not_sent: Option<String>,
}

/// `POST /admin/v1/stores/{id}/payments/{id}/disputes` → [`Disputes`]: a PG told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewDispute {
    /// The PG's id of it.
    #[serde(default)]
    pub pg_dispute_id: Option<String>,
    /// The customer's reason.
    pub reason: String,
    /// When it was opened; now, if not given.
    #[serde(default)]
    pub created_at: Option<String>,
}

/// `POST /admin/v1/stores/{id}/payments/{id}/disputes/resolve` → [`Disputes`]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DisputeEnd {
    /// The PG's id of it; not needed where only one is open.
    pub pg_dispute_id: Option<String>,
    /// When it ended; now, if not given.
    pub resolved_at: Option<String>,
}

/// `GET /admin/v1/stores/{id}/payments/{id}/disputes`; what is reported answers it as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Disputes {
    /// Whether what was reported was news, and made a webhook.
    pub is_news: bool,
    /// Oldest first.
    pub items: Vec<Dispute>,
}

/// One dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dispute {
    /// The PG's id of it.
    pub pg_dispute_id: Option<String>,
    /// The customer's reason.
    pub reason: String,
    /// When it was opened.
    pub created_at: String,
    /// When it ended.
    pub resolved_at: Option<String>,
}
