//! `POST /payments/prepare`.

use super::prepared;
use crate::call::Call;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let record = prepared::read(&call)?;
    if !call.engine.prepare_payment(&record).await? {
        return Err(Refused::rule(messages::ALREADY_PREPARED));
    }
    Reply::of(&prepared::shown(&record.payment_id, &record.registered))
}
