//! What goes over the private listener. Secrets appear in the answers that create them, once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Several of something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Items<T> {
    /// All of them.
    pub items: Vec<T>,
}

/// An answer that something went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What, in words for the person at the command line.
    pub message: String,
    /// The next step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// `POST /admin/v1/stores` → [`Store`]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewStore {
    /// Its name.
    pub name: String,
    /// The store that it is a sub-store of.
    pub parent_id: Option<String>,
}

/// `GET /admin/v1/stores` → [`Items`], `GET /admin/v1/stores/{id}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Store {
    /// `store-…`.
    pub id: String,
    /// `merchant-…`.
    pub merchant_id: String,
    /// Its name.
    pub name: String,
    /// The store that it is a sub-store of.
    pub parent_id: Option<String>,
    /// What the `Tier` header of V1 names a sub-store by.
    #[serde(default)]
    pub tier: Option<String>,
    /// What the V1 browser SDK names it by.
    #[serde(default)]
    pub user_code: Option<String>,
    /// The time zone whose hours its charts count; of a server that says it.
    #[serde(default)]
    pub time_zone: String,
    /// RFC 3339.
    pub created_at: String,
}

/// `POST /admin/v1/stores/{id}/time-zone` → [`Store`]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewTimeZone {
    /// By its IANA name.
    pub time_zone: String,
}

/// `POST /admin/v1/stores/{id}/tier` → [`Store`]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTier {
    /// Three capital letters or digits.
    pub tier: String,
}

/// `POST /admin/v1/stores/{id}/user-code` → [`Store`]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewUserCode {
    /// `imp` and digits.
    pub user_code: String,
}

/// `POST /admin/v1/stores/{id}/keys` → [`CreatedKey`]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewKey {
    /// What it is for.
    pub name: String,
    /// After how many days it stops working.
    pub expires_in_days: Option<u32>,
    /// Whether it is a key and secret of V1 rather than an API secret of V2.
    #[serde(default)]
    pub is_v1: bool,
}

/// `GET /admin/v1/stores/{id}/keys` → [`Items`]; `DELETE /admin/v1/keys/{id}` revokes and answers
/// it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    /// Its id; not the secret.
    pub id: String,
    /// The `imp_key`, of a key of V1.
    #[serde(default)]
    pub imp_key: Option<String>,
    /// What it is for.
    pub name: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub expires_at: Option<String>,
    /// RFC 3339.
    pub revoked_at: Option<String>,
}

/// A key with its secret.
#[derive(Clone, Serialize, Deserialize)]
pub struct CreatedKey {
    /// The key.
    pub key: Key,
    /// Shown this once.
    pub secret: String,
}

/// `POST /admin/v1/stores/{id}/channels` → [`Channel`]
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewChannel {
    /// Its name.
    pub name: String,
    /// The contract's PG code.
    pub pg_provider: String,
    /// The merchant id at the PG.
    pub pg_merchant_id: String,
    /// Whether it is a test contract.
    pub is_test: bool,
    /// Options by name.
    pub options: BTreeMap<String, String>,
    /// Keys of the PG by name.
    pub secrets: BTreeMap<String, String>,
}

/// `GET /admin/v1/stores/{id}/channels` → [`Items`], `GET /admin/v1/channels/{key}`;
/// `POST /admin/v1/channels/{key}/disable` and `…/enable` answer it as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// `channel-key-…`.
    pub key: String,
    /// `channel-id-…`.
    pub id: String,
    /// The store.
    pub store_id: String,
    /// Its name.
    pub name: String,
    /// The contract's PG code.
    pub pg_provider: String,
    /// The merchant id at the PG.
    pub pg_merchant_id: String,
    /// Whether it is a test contract.
    pub is_test: bool,
    /// Whether it takes payments.
    pub is_enabled: bool,
    /// Options by name.
    pub options: BTreeMap<String, String>,
    /// The names of its secrets; never their values.
    pub secret_names: Vec<String>,
}

/// `POST /admin/v1/stores/{id}/webhooks` → [`CreatedWebhook`]; one per environment and version,
/// so it may replace an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewWebhook {
    /// The address.
    pub url: String,
    /// The webhooks' version.
    pub version: String,
    /// `json` or `form`.
    pub content_type: String,
    /// Of live payments or of test payments.
    pub is_live: bool,
}

/// `GET /admin/v1/stores/{id}/webhooks` → [`Items`]; `DELETE …/{endpoint}` removes
/// and answers nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// The endpoint's id.
    pub id: String,
    /// The address; without one only `noticeUrls` of requests are delivered.
    pub url: Option<String>,
    /// The webhooks' version.
    pub version: String,
    /// `json` or `form`.
    pub content_type: String,
    /// Of live payments or of test payments.
    pub is_live: bool,
    /// How many signing secrets live: one or two.
    pub secret_count: u32,
}

/// An endpoint with a new signing secret; also the answer of
/// `POST /admin/v1/stores/{id}/webhooks/{endpoint}/secrets`. `DELETE …/secrets` ends the older one
/// and answers [`Webhook`].
#[derive(Clone, Serialize, Deserialize)]
pub struct CreatedWebhook {
    /// The endpoint.
    pub webhook: Webhook,
    /// Shown this once; `None` if the endpoint kept the secret it had.
    pub secret: Option<String>,
}

/// `POST /admin/v1/stores/{id}/webhooks/{endpoint}/test`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookTest {
    /// The HTTP status that came back.
    pub status: Option<u16>,
    /// Why none came back.
    pub problem: Option<String>,
    /// How long it took.
    pub duration_ms: u64,
}

/// `GET /attempts/{orderId}`: one of payment, billing key and identity verification is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// What the PG sees.
    pub order_id: String,
    /// The attempt; on the wire of V2 the `transactionId`.
    pub attempt_id: String,
    /// The store.
    pub store_id: String,
    /// The payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<String>,
    /// The billing key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_key: Option<String>,
    /// The identity verification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_verification_id: Option<String>,
    /// When the intent was made, RFC 3339.
    pub at: String,
}

/// `POST /admin/v1/stores/{id}/listeners` → [`Webhook`]: an endpoint for as long as `naru listen`
/// runs, with the signing secrets that the store's test endpoint has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewListener {
    /// The address.
    pub url: String,
}
