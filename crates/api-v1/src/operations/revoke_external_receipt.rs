//! `DELETE /receipts/external/{merchant_uid}`.

use super::receipts;
use crate::call::Call;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;
use crate::view::receipt::Named;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let id = receipts::merchant_uid(&call);
    if receipts::issued(&call, &id).await?.is_none() {
        return Err(Refused::NotFound(messages::NO_RECEIPT.to_owned()));
    }
    let named = Named::MerchantUid(id.to_string());
    receipts::cancel(&call, id, named).await
}
