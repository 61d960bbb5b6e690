//! `GET /payment-sessions/{sessionId}`

use naru_engine::Fault;

use crate::extract::{Nothing, Open};
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Open<Nothing>) -> Result<Reply, Failed> {
    let id = call.lookup_id(Fault::SessionNotFound)?;
    let session = call.engine.payment_session(id).await?;
    Ok(Reply::of(&view::payment_session(&session)?)?)
}
