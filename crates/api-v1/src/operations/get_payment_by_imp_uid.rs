//! `GET /payments/{imp_uid}`.

use super::lookup;
use crate::call::Call;
use crate::envelope::Reply;
use crate::refused::Refused;
use crate::view;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let hides_test = lookup::hides_test(&call.input)?;
    let found = lookup::by_imp_uid(&call, call.path_text(0)).await?;
    let (payment, id) = found.ok_or_else(Refused::no_payment)?;
    let attempt = payment.attempt(id);
    let attempt = attempt.filter(|attempt| !(hides_test && attempt.channel.is_test));
    let attempt = attempt.ok_or_else(Refused::no_payment)?;
    Reply::of(&view::payment(&payment, attempt))
}
