//! `DELETE /vbanks/{imp_uid}`: an account that waits takes no money any more.

use super::{lookup, paid};
use crate::call::Call;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let id = lookup::waiting_account(&call).await?.id;
    let payment = id.clone();
    let (engine, context) = (call.engine.clone(), call.context());
    let work = Box::pin(async move { engine.close_virtual_account(context, payment).await });
    let closed = call.engine.detached(work).await;
    closed.map_err(|fault| match fault {
        naru_engine::Fault::PaymentNotWaitingForDeposit => {
            Refused::Bad(messages::NO_WAITING_ACCOUNT.to_owned())
        }
        other => other.into(),
    })?;
    paid::shown(&call, &id).await
}
