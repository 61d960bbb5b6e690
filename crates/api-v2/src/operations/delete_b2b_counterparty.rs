//! `DELETE /b2b/counterparties/{counterpartyId}`

use naru_wire_v2::DeleteB2bCounterpartyResponse;

use crate::extract::{B2bCall, Nothing};
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: B2bCall<Nothing>) -> Result<Reply, Failed> {
    call.engine()
        .delete_counterparty(call.store(), call.is_test(), call.id(0))
        .await?;
    Ok(Reply::of(&DeleteB2bCounterpartyResponse {})?)
}
