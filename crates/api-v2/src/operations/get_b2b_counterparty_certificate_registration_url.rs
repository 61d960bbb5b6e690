//! `GET /b2b/counterparties/{brn}/certificate/registration-url`

use naru_wire_v2::GetB2bCounterpartyCertificateRegistrationUrlResponse;

use crate::check::b2b as check;
use crate::extract::{B2bCall, Nothing};
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: B2bCall<Nothing>) -> Result<Reply, Failed> {
    let brn = check::brn("brn", call.id(0))?;
    let (engine, store, is_test) = (call.engine(), call.store(), call.is_test());
    engine.known_company(store, is_test, &brn).await?;
    let url = engine.certificate_page(store, is_test, &brn).await?;
    Ok(Reply::of(
        &GetB2bCounterpartyCertificateRegistrationUrlResponse { url },
    )?)
}
