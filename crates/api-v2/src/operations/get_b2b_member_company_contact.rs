//! `GET /b2b-preview/member-companies/{brn}/contacts/{contactId}`

use naru_engine::Fault;
use naru_engine::b2b::TaxFault;

use crate::check::b2b as check;
use crate::extract::{B2bCall, Nothing};
use crate::faults::Failed;
use crate::render::Reply;
use crate::view::b2b as view;

pub(crate) async fn handle(call: B2bCall<Nothing>) -> Result<Reply, Failed> {
    let brn = check::brn("brn", call.id(0))?;
    let company = call
        .engine()
        .member_company(call.store(), call.is_test(), &brn)
        .await?;
    if company.contact.provider_id.as_deref() != Some(call.id(1)) {
        return Err(Fault::from(TaxFault::ContactNotFound).into());
    }
    Ok(Reply::of(&view::member_contact(&company))?)
}
