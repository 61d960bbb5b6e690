//! `GET /users/pg`: a row for each use that a channel has.

use naru_engine::OperationKind;
use serde_json::json;

use crate::call::Call;
use crate::codes::pg;
use crate::envelope::Reply;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let uses = [
        ("payment", OperationKind::IssueVirtualAccount),
        ("api_payment", OperationKind::PayCard),
        ("certification", OperationKind::SendIdentity),
    ];
    let mut rows = Vec::new();
    for channel in call.engine.usable_channels(&call.store).await? {
        for (kind, operation) in uses {
            if call.engine.channel_has(&channel, operation) {
                rows.push(json!({
                    "pg_provider": pg::name(&channel.pg_provider),
                    "pg_id": channel.pg_merchant_id,
                    "sandbox": channel.is_test,
                    "type": kind,
                    "channel_name": channel.name,
                    "channel_key": channel.key.as_str(),
                }));
            }
        }
    }
    Reply::of(&rows)
}
