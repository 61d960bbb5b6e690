//! `GET /b2b-preview/company/{brn}/state`

use crate::check::b2b as check;
use crate::extract::{B2bCall, Nothing};
use crate::faults::Failed;
use crate::render::Reply;
use crate::view::b2b as view;

pub(crate) async fn handle(call: B2bCall<Nothing>) -> Result<Reply, Failed> {
    let brn = check::brn("brn", call.id(0))?;
    let state = call
        .engine()
        .company_state(call.store(), call.is_test(), &brn)
        .await?;
    Ok(Reply::of(&view::company_state(&state)?)?)
}
