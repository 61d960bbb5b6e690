//! The channel that an attempt went through, as it was at that moment.

use serde::{Deserialize, Serialize};

use crate::{ChannelGroupId, ChannelId, ChannelKey};

/// A copy of a channel's public particulars, kept with the attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelSnapshot {
    /// `channel-id-…`.
    pub id: ChannelId,
    /// `channel-key-…`.
    pub key: ChannelKey,
    /// The merchant's name for it.
    pub name: String,
    /// The contract's PG code, such as `INICIS_V2`.
    pub pg_provider: String,
    /// The merchant id at the PG.
    pub pg_merchant_id: String,
    /// Whether it is a test channel.
    pub is_test: bool,
}

/// A copy of a channel group's public particulars, kept with what was drawn from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelGroupSnapshot {
    /// `channel-group-…`.
    pub id: ChannelGroupId,
    /// The merchant's name for it.
    pub name: String,
    /// Whether it is of test channels.
    pub is_test: bool,
}
