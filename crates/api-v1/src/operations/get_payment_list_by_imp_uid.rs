//! `GET /payments`: several payments by their ids. 207 where some are missing.

use std::collections::BTreeSet;

use super::lookup;
use crate::call::Call;
use crate::envelope::Reply;
use crate::limits::IDS_MAX;
use crate::refused::Refused;
use crate::view;

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
    let mut found = Vec::new();
    for imp_uid in &imp_uids {
        found.extend(lookup::by_imp_uid(&call, imp_uid).await?);
    }
    for merchant_uid in &merchant_uids {
        let payment = lookup::by_merchant_uid(&call, merchant_uid).await?;
        found.extend(payment.and_then(|payment| {
            let shown = payment.shown()?.id;
            Some((payment, shown))
        }));
    }
    let is_whole = found.len() == asked;
    found.sort_by_key(|(_, id)| *id);
    // An attempt may be meant by both of its ids.
    found.dedup_by_key(|(_, id)| *id);
    // Ids are ordered by time: the newest first.
    let shown: Vec<_> = found
        .iter()
        .rev()
        .filter_map(|(payment, id)| Some(view::payment(payment, payment.attempt(*id)?)))
        .collect();
    match (shown.is_empty(), is_whole) {
        (true, _) => Err(Refused::no_payment()),
        (false, true) => Reply::of(&shown),
        (false, false) => Reply::some_of(&shown),
    }
}
