//! Channel groups as they go over the private listener.

use serde::{Deserialize, Serialize};

/// A channel in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Route {
    /// `channel-key-…`.
    pub channel_key: String,
    /// Its share of the payments, in whole percent.
    pub weight: u8,
    /// Whether it takes part.
    pub is_on: bool,
}

/// What applies from a moment on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// RFC 3339.
    pub starts_at: String,
    /// The channels.
    pub routes: Vec<Route>,
}

/// `GET /admin/v1/stores/{id}/channel-groups` → several, `GET /admin/v1/channel-groups/{id}`. Every
/// change answers it as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelGroup {
    /// `channel-group-…`.
    pub id: String,
    /// The store.
    pub store_id: String,
    /// Its name, unique in the store.
    pub name: String,
    /// Whether it is of test channels.
    pub is_test: bool,
    /// How many further channels a payment may try after one that the PG surely never saw.
    pub failover_tries_max: u8,
    /// What applies now.
    pub current: Option<Session>,
    /// What will apply, soonest first.
    pub scheduled: Vec<Session>,
    /// What applied before, latest first.
    pub past: Vec<Session>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub deleted_at: Option<String>,
}

/// `POST /admin/v1/stores/{id}/channel-groups` → [`ChannelGroup`]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewChannelGroup {
    /// Its name.
    pub name: String,
    /// Whether it is of test channels.
    pub is_test: bool,
    /// The channels.
    pub routes: Vec<Route>,
    /// How many further channels a payment may try.
    #[serde(default)]
    pub failover_tries_max: u8,
}

/// `POST /admin/v1/channel-groups/{id}` → [`ChannelGroup`]. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChannelGroupChange {
    /// A new name.
    pub name: Option<String>,
    /// All channels anew.
    pub routes: Option<Vec<Route>>,
    /// Keys of channels to switch on.
    pub on: Vec<String>,
    /// Keys of channels to switch off.
    pub off: Vec<String>,
    /// How many further channels a payment may try.
    pub failover_tries_max: Option<u8>,
}
