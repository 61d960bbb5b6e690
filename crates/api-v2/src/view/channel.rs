//! Channels.

use naru_domain::ChannelSnapshot;
use naru_engine::Fault;
use naru_wire_v2::{PgProvider, SelectedChannel, SelectedChannelType};

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
