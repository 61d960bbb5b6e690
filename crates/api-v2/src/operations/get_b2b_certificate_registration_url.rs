//! `GET /b2b-preview/member-companies/{brn}/certificate/registration-url`

use naru_wire_v2::GetB2bCertificateRegistrationUrlResponse;

use crate::check::b2b as check;
use crate::extract::{B2bCall, Nothing};
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: B2bCall<Nothing>) -> Result<Reply, Failed> {
    let brn = check::brn("brn", call.id(0))?;
    let (engine, store, is_test) = (call.engine(), call.store(), call.is_test());
    engine.member_company(store, is_test, &brn).await?;
    let url = engine.certificate_page(store, is_test, &brn).await?;
    Ok(Reply::of(&GetB2bCertificateRegistrationUrlResponse {
        url,
    })?)
}
