//! `GET /payments/{imp_uid}`.

use naru_domain::Face;

use super::lookup;
use super::rows::Row;
use crate::call::Call;
use crate::envelope::Reply;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let hides_test = lookup::hides_test(&call.input)?;
    let imp_uid = call.path_text(0);
    let (engine, store_id) = (&call.engine, call.store_id());
    if !hides_test && let Some(body) = engine.kept_answer(Face::V1, store_id, imp_uid) {
        return Ok(Reply::kept(body));
    }
    let Some((payment_id, attempt)) = lookup::named_by_imp_uid(&call, imp_uid).await? else {
        return issue(&call, imp_uid, hides_test).await;
    };
    let basis = engine.basis(store_id, &payment_id);
    let found = engine
        .payment_of_attempt(store_id, &payment_id, attempt)
        .await?;
    let payment = found.ok_or_else(Refused::no_payment)?;
    let row = payment
        .attempt(attempt)
        .map(|attempt| Row::Attempt(&payment, attempt));
    let reply = shown(row, hides_test)?;
    engine.keep_answer(Face::V1, store_id, imp_uid, (basis, reply.body()));
    Ok(reply)
}

/// The issue of a billing key in a window, which reads as a payment of nothing.
async fn issue(call: &Call, imp_uid: &str, hides_test: bool) -> Result<Reply, Refused> {
    let issue = lookup::issue_by_imp_uid(call, imp_uid).await?;
    shown(issue.as_ref().map(Row::Issue), hides_test)
}

fn shown(row: Option<Row<'_>>, hides_test: bool) -> Result<Reply, Refused> {
    let row = row.filter(|row| !(hides_test && row.is_test()));
    Reply::of(&row.ok_or_else(Refused::no_payment)?.view()?)
}
