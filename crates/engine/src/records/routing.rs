//! Channel groups, and the names that they take.

use naru_domain::routing::ChannelGroup;
use naru_domain::{ChannelGroupId, StoreId};
use naru_store::{Record, Table, Value, tables};
use serde::{Deserialize, Serialize};

/// A channel group.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChannelGroupRecord(pub ChannelGroup);

impl Record for ChannelGroupRecord {
    const TABLE: &'static Table = &tables::CHANNEL_GROUPS;

    fn key(&self) -> Vec<Value> {
        vec![self.0.id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.0.store_id.as_str().into()]
    }
}

/// That a name is taken: its key makes names unique in a store, on every backend.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChannelGroupNameRecord {
    /// In which store.
    pub store_id: StoreId,
    /// The name.
    pub name: String,
    /// By which group.
    pub group_id: ChannelGroupId,
}

impl Record for ChannelGroupNameRecord {
    const TABLE: &'static Table = &tables::CHANNEL_GROUP_NAMES;

    fn key(&self) -> Vec<Value> {
        vec![self.store_id.as_str().into(), self.name.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }
}
