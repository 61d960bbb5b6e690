//! `GET /b2b/counterparties/{counterpartyId}`

use crate::extract::{B2bCall, Nothing};
use crate::faults::Failed;
use crate::render::Reply;
use crate::view::b2b as view;

pub(crate) async fn handle(call: B2bCall<Nothing>) -> Result<Reply, Failed> {
    let company = call
        .engine()
        .counterparty_of(call.store(), call.is_test(), call.id(0))
        .await?;
    Ok(Reply::of(&view::counterparty(&company)?)?)
}
