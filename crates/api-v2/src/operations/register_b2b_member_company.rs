//! `POST /b2b-preview/member-companies`

use naru_wire_v2::{RegisterB2bMemberCompanyBody, RegisterB2bMemberCompanyResponse};

use crate::check::b2b as check;
use crate::extract::B2bCall;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view::b2b as view;

pub(crate) async fn handle(call: B2bCall<RegisterB2bMemberCompanyBody>) -> Result<Reply, Failed> {
    let (engine, store, is_test) = (call.engine().clone(), call.store().clone(), call.is_test());
    let request = check::member_company(call.call.input)?;
    let work = {
        let engine = engine.clone();
        async move { engine.join_company(&store, is_test, request).await }
    };
    let company = engine.detached(work).await?;
    Ok(Reply::of(&RegisterB2bMemberCompanyResponse {
        company: view::member_company(&company),
        contact: view::member_contact(&company),
    })?)
}
