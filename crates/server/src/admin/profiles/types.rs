//! What goes over the private listener about checkout profiles.

use serde::{Deserialize, Serialize};

/// `POST /admin/v1/stores/{id}/profiles` → [`Profile`]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewProfile {
    /// Its name.
    pub name: String,
    /// Whether it takes test channels.
    pub is_test: bool,
}

/// `GET /admin/v1/stores/{id}/profiles` → items, `GET /admin/v1/profiles/{key}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// What requests name it by.
    pub key: String,
    /// The store.
    pub store_id: String,
    /// Its name.
    pub name: String,
    /// Whether it takes test channels.
    pub is_test: bool,
    /// In the order in which they are offered.
    pub methods: Vec<Method>,
    /// When it was made, RFC 3339.
    pub created_at: String,
}

/// A method of payment: `POST /admin/v1/profiles/{key}/methods` sets it,
/// `DELETE …/methods/{method}` takes it out; both answer [`Profile`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Method {
    /// The contract's name, such as `CARD_KR`.
    pub method: String,
    /// Through which channel.
    pub channel_key: String,
    /// Whether it is offered.
    pub is_on: bool,
    /// In which countries; none means all.
    pub countries: Vec<String>,
    /// In which currencies; none means all.
    pub currencies: Vec<String>,
    /// From which amount up.
    pub amount_min: Option<i64>,
    /// Up to which amount.
    pub amount_max: Option<i64>,
}
