//! `DELETE /receipts/{imp_uid}`.

use super::receipts::{self, bad};
use crate::call::Call;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;
use crate::view::receipt::Named;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let payment = receipts::payment(&call).await?;
    if receipts::issued(&call, &payment.id).await?.is_none() {
        return Err(bad(messages::NO_RECEIPT));
    }
    let named = Named::ImpUid(call.path_text(0).to_owned());
    receipts::cancel(&call, payment.id, named).await
}
