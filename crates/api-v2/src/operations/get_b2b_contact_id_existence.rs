//! `GET /b2b-preview/member-companies/contacts/id-existence`

use naru_engine::Fault;
use naru_wire_v2::GetB2bContactIdExistenceResponse;

use crate::extract::{B2bCall, Nothing};
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: B2bCall<Nothing>) -> Result<Reply, Failed> {
    let id = call
        .flags
        .contact_id
        .as_deref()
        .filter(|id| !id.is_empty())
        .ok_or_else(|| Fault::invalid("`contactId`: expected a contact's id"))?;
    let exists = call
        .engine()
        .contact_id_exists(call.store(), call.is_test(), id)
        .await?;
    Ok(Reply::of(&GetB2bContactIdExistenceResponse { exists })?)
}
