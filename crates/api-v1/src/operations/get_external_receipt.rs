//! `GET /receipts/external/{merchant_uid}`.

use super::receipts;
use crate::call::Call;
use crate::envelope::Reply;
use crate::refused::Refused;
use crate::view::receipt::Named;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let id = receipts::merchant_uid(&call);
    receipts::shown(&call, &id, Named::MerchantUid(id.to_string())).await
}
