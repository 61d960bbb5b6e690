//! `POST /payment-sessions/{sessionId}/close`

use naru_engine::Fault;

use crate::extract::{Call, Nothing};
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<Nothing>) -> Result<Reply, Failed> {
    let id = call.lookup_id(Fault::SessionNotFound)?.to_owned();
    let caller = call.caller.clone();
    call.change(|engine, context, _| async move {
        engine.close_payment_session((caller, context), &id).await
    })
    .await
}
