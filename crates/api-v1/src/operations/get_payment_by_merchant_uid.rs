//! `GET /payments/find/{merchant_uid}[/{payment_status}]`: the newest attempt, or the first by
//! another order.

use super::{lookup, rows};
use crate::call::Call;
use crate::check::page::sorting;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    // The contract lists no 400 here: a status that is none finds nothing.
    let status = lookup::status(call.path_text(1));
    let status = status.map_err(|_| Refused::NotFound(messages::BAD_STATUS.to_owned()))?;
    let sorting = sorting(&call.input)?;
    let named = rows::of_merchant_uid(&call, call.path_text(0)).await?;
    let rows = named.rows(status, sorting);
    let first = rows.first().ok_or_else(Refused::no_payment)?;
    Reply::of(&first.view()?)
}
