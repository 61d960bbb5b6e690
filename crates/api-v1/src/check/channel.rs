//! Which channel a call means.

use naru_domain::{ChannelGroupId, ChannelKey};
use naru_engine::payments::ChannelChoice;
use naru_engine::records::StoreRecord;
use naru_engine::{Engine, OperationKind};

use crate::call::Call;
use crate::codes::pg;
use crate::extract::Input;
use crate::refused::Refused;

/// The channel that is named, or the group; else the one that the PG's name means; else the first.
pub(crate) async fn channel(
    call: &Call,
    operation: OperationKind,
) -> Result<ChannelChoice, Refused> {
    chosen(&call.engine, &call.store, &call.input, operation).await
}

/// The same, of a call that has no token.
pub(crate) async fn chosen(
    engine: &Engine,
    store: &StoreRecord,
    input: &Input,
    operation: OperationKind,
) -> Result<ChannelChoice, Refused> {
    if let Some(key) = input.said(&["channel_key", "channelKey"]) {
        return Ok(ChannelChoice::Channel(ChannelKey::new(key)));
    }
    if let Some(group) = input.said(&["channel_group_id", "channelGroupId"]) {
        return Ok(ChannelChoice::Group(ChannelGroupId::new(group)));
    }
    let named = input.said(&["pg"]).map(|text| pg::named(&text));
    let found = engine
        .channel_by_pg(store, operation, named.as_ref())
        .await?;
    Ok(ChannelChoice::Channel(found))
}
