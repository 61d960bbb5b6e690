//! Stores, their credentials, channels and webhook endpoints.

use std::collections::BTreeMap;

use naru_domain::settlement::Taxation;
use naru_domain::{ChannelId, ChannelKey, ChannelSnapshot, MerchantId, Sealed, StoreId, Timestamp};
use naru_store::{Record, Table, Value, tables};
use serde::{Deserialize, Serialize};

/// A server-wide setting.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SettingRecord {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Record for SettingRecord {
    const TABLE: &'static Table = &tables::SETTINGS;

    fn key(&self) -> Vec<Value> {
        vec![self.name.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }
}

/// A store, or a sub-store of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreRecord {
    /// `store-…`.
    pub id: StoreId,
    /// Whose it is.
    pub merchant_id: MerchantId,
    /// The store that it is a sub-store of. Credentials of the parent may name it, and it uses
    /// the parent's channels and webhook endpoints where it has none of its own.
    pub parent: Option<StoreId>,
    /// For people.
    pub name: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// What the V1 face names a sub-store by: three capital letters or digits.
    #[serde(default)]
    pub tier: Option<String>,
    /// What the V1 browser SDK names it by, such as `imp12345678`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_code: Option<String>,
    /// The time zone whose hours its charts count, by its IANA name.
    #[serde(default = "seoul")]
    pub time_zone: String,
}

/// Where nearly all merchants are.
pub(crate) fn seoul() -> String {
    "Asia/Seoul".to_owned()
}

impl Record for StoreRecord {
    const TABLE: &'static Table = &tables::STORES;

    fn key(&self) -> Vec<Value> {
        vec![self.id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            self.merchant_id.as_str().into(),
            self.parent.as_ref().map(StoreId::as_str).into(),
        ]
    }
}

/// From a user code to its store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserCodeRecord {
    /// Such as `imp12345678`.
    pub user_code: String,
    /// Whose it is.
    pub store_id: StoreId,
}

impl Record for UserCodeRecord {
    const TABLE: &'static Table = &tables::USER_CODES;

    fn key(&self) -> Vec<Value> {
        vec![self.user_code.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.store_id.as_str().into()]
    }
}

/// An API secret, by its SHA-256: it has enough entropy that no slow hash is needed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApiSecretRecord {
    /// SHA-256 of the secret, hex.
    pub hash: String,
    /// Names the secret without revealing it.
    pub id: String,
    /// Whose it is.
    pub store_id: StoreId,
    /// For people.
    pub name: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it stops working, by the business clock.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Record for ApiSecretRecord {
    const TABLE: &'static Table = &tables::API_SECRETS;

    fn key(&self) -> Vec<Value> {
        vec![self.hash.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.store_id.as_str().into(), self.id.as_str().into()]
    }
}

/// The live refresh token of an API secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Which secret.
    pub secret_id: String,
    /// Id of the only refresh token that works.
    pub refresh_id: String,
    /// Until when, by the business clock.
    pub expires_at: Timestamp,
}

impl Record for SessionRecord {
    const TABLE: &'static Table = &tables::SESSIONS;

    fn key(&self) -> Vec<Value> {
        vec![self.secret_id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }
}

/// A channel: a store's contract with a PG.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChannelRecord {
    /// `channel-key-…`.
    pub key: ChannelKey,
    /// `channel-id-…`.
    pub id: ChannelId,
    /// Whose it is.
    pub store_id: StoreId,
    /// For people.
    pub name: String,
    /// The contract's PG code.
    pub pg_provider: String,
    /// The merchant id at the PG.
    pub pg_merchant_id: String,
    /// Whether it is a test channel.
    pub is_test: bool,
    /// Whether a simulator answers. Set by the sandbox only.
    pub is_simulated: bool,
    /// The PG's keys, by name, sealed.
    pub secrets: BTreeMap<String, Sealed>,
    /// Addresses and options, by name.
    pub options: BTreeMap<String, String>,
    /// How its sales are taxed, for the VAT reports.
    #[serde(default)]
    pub taxation: Taxation,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was switched off: it takes no new payments, but old ones can be cancelled.
    pub disabled_at: Option<Timestamp>,
}

impl ChannelRecord {
    /// The copy that an attempt keeps.
    pub fn snapshot(&self) -> ChannelSnapshot {
        ChannelSnapshot {
            id: self.id.clone(),
            key: self.key.clone(),
            name: self.name.clone(),
            pg_provider: self.pg_provider.clone(),
            pg_merchant_id: self.pg_merchant_id.clone(),
            is_test: self.is_test,
        }
    }
}

impl Record for ChannelRecord {
    const TABLE: &'static Table = &tables::CHANNELS;

    fn key(&self) -> Vec<Value> {
        vec![self.key.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            self.store_id.as_str().into(),
            self.id.as_str().into(),
            self.pg_provider.as_str().into(),
            self.pg_merchant_id.as_str().into(),
        ]
    }
}

/// Live or test, by the channel of the payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Environment {
    /// Live channels.
    Live,
    /// Test channels.
    Test,
}

impl Environment {
    /// The environment of a channel.
    pub const fn of(is_test: bool) -> Self {
        if is_test { Self::Test } else { Self::Live }
    }
}

/// Versions of the webhook payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PayloadVersion {
    /// `{payment_id, tx_id, status}`.
    V20240101,
    /// `{type, timestamp, data}`.
    V20240425,
    /// `{imp_uid, merchant_uid, status}`, unsigned: of payments that the V1 face made, and of no
    /// others.
    V1,
}

/// How a payload is written. Version 2024-04-25 is always JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PayloadFormat {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

/// Where a store wants its webhooks, and how they are signed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EndpointRecord {
    /// Whose it is.
    pub store_id: StoreId,
    /// Its id.
    pub id: String,
    /// For live or test channels.
    pub environment: Environment,
    /// Where to; without an address only `noticeUrls` are delivered, signed with its secrets.
    pub url: Option<String>,
    /// Version of the payload.
    pub version: PayloadVersion,
    /// Form of the payload.
    pub format: PayloadFormat,
    /// One or two signing secrets: two while they are rotated.
    pub secrets: Vec<EndpointSecret>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A signing secret of an endpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EndpointSecret {
    /// Names it without revealing it.
    pub id: String,
    /// The `whsec_…` text, sealed.
    pub secret: Sealed,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Record for EndpointRecord {
    const TABLE: &'static Table = &tables::WEBHOOK_ENDPOINTS;

    fn key(&self) -> Vec<Value> {
        vec![self.store_id.as_str().into(), self.id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }
}
