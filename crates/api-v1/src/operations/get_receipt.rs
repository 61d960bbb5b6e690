//! `GET /receipts/{imp_uid}`.

use super::{lookup, receipts};
use crate::call::Call;
use crate::envelope::Reply;
use crate::refused::Refused;
use crate::view::receipt::Named;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let payment = lookup::in_path(&call).await?;
    let named = Named::ImpUid(call.path_text(0).to_owned());
    receipts::shown(&call, &payment.id, named).await
}
