//! `GET /payments/find/{merchant_uid}[/{payment_status}]`: the newest attempt, or the first by
//! another order.

use super::lookup;
use crate::call::Call;
use crate::check::page::sorting;
use crate::envelope::Reply;
use crate::refused::Refused;
use crate::view;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let status = lookup::status(call.path_text(1))?;
    let sorting = sorting(&call.input)?;
    let payment = lookup::by_merchant_uid(&call, call.path_text(0)).await?;
    let payment = payment.ok_or_else(Refused::no_payment)?;
    let attempts = lookup::attempts(&payment, status, sorting);
    let first = attempts.first().ok_or_else(Refused::no_payment)?;
    Reply::of(&view::payment(&payment, first))
}
