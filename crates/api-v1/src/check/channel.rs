//! Which channel a call means.

use naru_domain::{ChannelGroupId, ChannelKey};
use naru_engine::OperationKind;
use naru_engine::payments::ChannelChoice;

use crate::call::Call;
use crate::codes::pg;
use crate::refused::Refused;

/// The channel that is named, or the group; else the one that the PG's name means; else the first.
pub(crate) async fn channel(
    call: &Call,
    operation: OperationKind,
) -> Result<ChannelChoice, Refused> {
    let input = &call.input;
    if let Some(key) = input.said(&["channel_key", "channelKey"]) {
        return Ok(ChannelChoice::Channel(ChannelKey::new(key)));
    }
    if let Some(group) = input.said(&["channel_group_id", "channelGroupId"]) {
        return Ok(ChannelChoice::Group(ChannelGroupId::new(group)));
    }
    let named = input.said(&["pg"]).map(|text| pg::named(&text));
    let found = call
        .engine
        .channel_by_pg(&call.store, operation, named.as_ref())
        .await?;
    Ok(ChannelChoice::Channel(found))
}
