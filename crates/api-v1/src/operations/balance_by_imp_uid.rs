//! `GET /payments/{imp_uid}/balance`: only PAYCO and KCP tell how an amount is made up, and neither
//! takes payments here yet, so there is none to tell of.

use super::lookup;
use crate::call::Call;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let found = lookup::by_imp_uid(&call, call.path_text(0)).await?;
    found.ok_or_else(Refused::no_payment)?;
    Err(Refused::NotFound(messages::NO_BALANCE.to_owned()))
}
