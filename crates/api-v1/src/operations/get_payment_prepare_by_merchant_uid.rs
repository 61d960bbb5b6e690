//! `GET /payments/prepare/{merchant_uid}`.

use naru_domain::PaymentId;

use super::prepared;
use crate::call::Call;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let id = PaymentId::new(call.path_text(0));
    let found = call.engine.pre_registration(call.store_id(), &id).await?;
    let found = found.ok_or_else(|| Refused::NotFound(messages::NOT_PREPARED.to_owned()))?;
    Reply::of(&prepared::shown(&id, &found))
}
