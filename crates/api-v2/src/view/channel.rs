//! Channels.

use naru_domain::{ChannelGroupSnapshot, ChannelSnapshot};
use naru_engine::{ChannelFailure, ChannelFailureReason, Fault};
use naru_wire_v2::{
    ChannelGroupSummary, ChannelSpecificFailure, ChannelSpecificFailureInvalidRequest,
    ChannelSpecificFailurePgProvider, PgProvider, SelectedChannel, SelectedChannelType,
};

use super::known;

/// The channel that something went through, as it was then.
pub(crate) fn channel(channel: &ChannelSnapshot) -> Result<SelectedChannel, Fault> {
    Ok(SelectedChannel {
        id: Some(channel.id.to_string()),
        key: Some(channel.key.to_string()),
        name: Some(channel.name.clone()),
        pg_merchant_id: channel.pg_merchant_id.clone(),
        pg_provider: known("PG provider", PgProvider::parse(&channel.pg_provider))?,
        r#type: if channel.is_test {
            SelectedChannelType::Test
        } else {
            SelectedChannelType::Live
        },
    })
}

/// The group that a channel was drawn from, as it was then.
pub(crate) fn channel_group(group: &ChannelGroupSnapshot) -> ChannelGroupSummary {
    ChannelGroupSummary {
        id: group.id.to_string(),
        is_for_test: group.is_test,
        name: group.name.clone(),
    }
}

/// Why one channel of several did not do what was asked.
pub(crate) fn channel_failure(failure: &ChannelFailure) -> Result<ChannelSpecificFailure, Fault> {
    let channel = channel(&failure.channel)?;
    Ok(match &failure.why {
        ChannelFailureReason::InvalidRequest { message } => {
            ChannelSpecificFailure::InvalidRequest(ChannelSpecificFailureInvalidRequest {
                channel,
                message: Some(message.clone()),
            })
        }
        ChannelFailureReason::Pg { failure } => {
            ChannelSpecificFailure::PgProvider(ChannelSpecificFailurePgProvider {
                channel,
                message: Some(failure.reason()),
                pg_code: failure.pg_code.clone(),
                pg_message: failure.pg_message.clone(),
            })
        }
    })
}
