//! `PATCH /b2b/counterparties/{counterpartyId}`

use naru_wire_v2::{UpdateB2bCounterpartyBody, UpdateB2bCounterpartyResponse};

use crate::check::b2b as check;
use crate::extract::B2bCall;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view::b2b as view;

pub(crate) async fn handle(call: B2bCall<UpdateB2bCounterpartyBody>) -> Result<Reply, Failed> {
    let (engine, store, is_test) = (call.engine().clone(), call.store().clone(), call.is_test());
    let id = call.id(0).to_owned();
    let (patch, checks) = check::counterparty_patch(call.call.input)?;
    let company = engine
        .update_counterparty(&store, is_test, (&id, patch, checks))
        .await?;
    Ok(Reply::of(&UpdateB2bCounterpartyResponse {
        counterparty: view::counterparty(&company)?,
    })?)
}
