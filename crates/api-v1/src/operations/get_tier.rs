//! `GET /tiers/{tier_code}`.

use serde_json::json;

use crate::call::Call;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let code = call.path_text(0);
    let found = call.engine.store_of_tier(&call.caller, code).await?;
    let store = found.ok_or_else(|| Refused::NotFound(messages::UNKNOWN_TIER.to_owned()))?;
    Reply::of(&json!({ "tier_code": code, "tier_name": store.name }))
}
