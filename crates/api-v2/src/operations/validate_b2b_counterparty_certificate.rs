//! `POST /b2b/counterparties/{brn}/certificate/validate`

use naru_wire_v2::ValidateB2bCounterpartyCertificateResponse;

use crate::check::b2b as check;
use crate::extract::{B2bCall, Nothing};
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: B2bCall<Nothing>) -> Result<Reply, Failed> {
    let brn = check::brn("brn", call.id(0))?;
    let (engine, store, is_test) = (call.engine(), call.store(), call.is_test());
    engine.known_company(store, is_test, &brn).await?;
    // Whether there is one at all is said first.
    engine.certificate(store, is_test, &brn).await?;
    let is_valid = engine.certificate_is_valid(store, is_test, &brn).await?;
    Ok(Reply::of(&ValidateB2bCounterpartyCertificateResponse {
        is_valid,
    })?)
}
