//! `POST /b2b/counterparties`

use naru_wire_v2::{CreateB2bCounterpartyBody, CreateB2bCounterpartyResponse};

use crate::check::b2b as check;
use crate::extract::B2bCall;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view::b2b as view;

pub(crate) async fn handle(call: B2bCall<CreateB2bCounterpartyBody>) -> Result<Reply, Failed> {
    let (engine, store, is_test) = (call.engine().clone(), call.store().clone(), call.is_test());
    let new = check::counterparty(call.call.input)?;
    let company = engine.create_counterparty(&store, is_test, new).await?;
    Ok(Reply::of(&CreateB2bCounterpartyResponse {
        counterparty: view::counterparty(&company)?,
    })?)
}
