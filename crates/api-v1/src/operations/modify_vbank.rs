//! `PUT /vbanks/{imp_uid}`: another amount or another last day. Only a PG that Naru does not reach
//! has a call for it.

use naru_domain::Currency;

use super::lookup;
use crate::call::Call;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    lookup::waiting_account(&call).await?;
    let amount = call.input.amount("amount", &Currency::krw())?;
    let due = call.input.seconds("vbank_due")?;
    if amount.is_none() && due.is_none() {
        return Err(Refused::missing("amount"));
    }
    Err(Refused::Bad(messages::UNSUPPORTED_PG.to_owned()))
}
