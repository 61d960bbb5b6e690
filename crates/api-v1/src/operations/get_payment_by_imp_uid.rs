//! `GET /payments/{imp_uid}`.

use super::lookup;
use super::rows::Row;
use crate::call::Call;
use crate::envelope::Reply;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let hides_test = lookup::hides_test(&call.input)?;
    let imp_uid = call.path_text(0);
    let found = lookup::by_imp_uid(&call, imp_uid).await?;
    let issue = match found {
        Some(_) => None,
        None => lookup::issue_by_imp_uid(&call, imp_uid).await?,
    };
    let attempt = found
        .as_ref()
        .and_then(|(payment, id)| Some(Row::Attempt(payment, payment.attempt(*id)?)));
    let row = attempt.or_else(|| issue.as_ref().map(Row::Issue));
    let row = row.filter(|row| !(hides_test && row.is_test()));
    Reply::of(&row.ok_or_else(Refused::no_payment)?.view()?)
}
