//! `GET /users/pg`: a row for each use that a channel has.

use naru_engine::OperationKind;
use serde_json::json;

use crate::call::Call;
use crate::codes::pg;
use crate::envelope::Reply;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    // A use, and the operations of which one is enough for it.
    let uses: [(&str, &[OperationKind]); 3] = [
        ("payment", &[OperationKind::OpenWindow]),
        ("api_payment", &[OperationKind::PayCard]),
        (
            "certification",
            &[
                OperationKind::SendIdentity,
                OperationKind::OpenIdentityWindow,
            ],
        ),
    ];
    let mut rows = Vec::new();
    for channel in call.engine.usable_channels(&call.store).await? {
        for (kind, operations) in uses {
            let has = |one: &OperationKind| call.engine.channel_has(&channel, *one);
            if operations.iter().any(has) {
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
