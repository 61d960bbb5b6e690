//! `GET /payments`: several payments by their ids. 207 where some are missing.

use std::collections::BTreeSet;

use naru_domain::AttemptId;

use super::rows::Row;
use super::{lookup, rows};
use crate::call::Call;
use crate::envelope::Reply;
use crate::limits::IDS_MAX;
use crate::refused::Refused;
use crate::view::payment::WirePayment;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let imp_uids: BTreeSet<String> = call.input.list("imp_uid").into_iter().collect();
    let merchant_uids: BTreeSet<String> = call.input.list("merchant_uid").into_iter().collect();
    let asked = imp_uids.len() + merchant_uids.len();
    if asked == 0 {
        return Err(Refused::no_payment());
    }
    if asked > IDS_MAX {
        let expected = format!("{IDS_MAX}개 이내");
        return Err(Refused::malformed("imp_uid", &expected));
    }
    let mut found: Vec<(AttemptId, WirePayment)> = Vec::new();
    for imp_uid in &imp_uids {
        if let Some((payment, id)) = lookup::by_imp_uid(&call, imp_uid).await? {
            let attempt = payment.attempt(id);
            let row = attempt.map(|attempt| Row::Attempt(&payment, attempt));
            found.extend(row.map(shown).transpose()?);
        } else if let Some(issue) = lookup::issue_by_imp_uid(&call, imp_uid).await? {
            found.push(shown(Row::Issue(&issue))?);
        }
    }
    for merchant_uid in &merchant_uids {
        let named = rows::of_merchant_uid(&call, merchant_uid).await?;
        found.extend(named.shown().map(shown).transpose()?);
    }
    let is_whole = found.len() == asked;
    found.sort_by_key(|(id, _)| *id);
    // An attempt may be meant by both of its ids.
    found.dedup_by_key(|(id, _)| *id);
    // Ids are ordered by time: the newest first.
    let shown: Vec<_> = found
        .into_iter()
        .rev()
        .map(|(_, payment)| payment)
        .collect();
    match (shown.is_empty(), is_whole) {
        (true, _) => Err(Refused::no_payment()),
        (false, true) => Reply::of(&shown),
        (false, false) => Reply::some_of(&shown),
    }
}

fn shown(row: Row<'_>) -> Result<(AttemptId, WirePayment), Refused> {
    Ok((row.id()?, row.view()?))
}
