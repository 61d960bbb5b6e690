//! `GET /b2b-preview/member-companies/{brn}/certificate`

use crate::check::b2b as check;
use crate::extract::{B2bCall, Nothing};
use crate::faults::Failed;
use crate::render::Reply;
use crate::view::b2b as view;

pub(crate) async fn handle(call: B2bCall<Nothing>) -> Result<Reply, Failed> {
    let brn = check::brn("brn", call.id(0))?;
    let (engine, store, is_test) = (call.engine(), call.store(), call.is_test());
    engine.member_company(store, is_test, &brn).await?;
    let found = engine.certificate(store, is_test, &brn).await?;
    Ok(Reply::of(&view::preview_certificate(&found))?)
}
