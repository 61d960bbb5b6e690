//! `GET /subscribe/customers`: several billing keys. 207 where some are missing.

use std::collections::BTreeSet;

use super::lookup;
use crate::call::Call;
use crate::envelope::Reply;
use crate::limits::IDS_MAX;
use crate::messages;
use crate::refused::Refused;
use crate::view::customer::customer;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let mut seen = BTreeSet::new();
    let mut ids = call.input.list("customer_uid");
    ids.retain(|id| seen.insert(id.clone()));
    if ids.len() > IDS_MAX {
        let expected = format!("{IDS_MAX}개 이내");
        return Err(Refused::malformed("customer_uid", &expected));
    }
    let mut found = Vec::new();
    for id in &ids {
        found.extend(lookup::customer(&call, id).await?);
    }
    let shown: Vec<_> = found.iter().map(customer).collect();
    if shown.is_empty() {
        let asked = ids.join(",");
        return Err(Refused::NotFound(messages::no_such_customer(&asked)));
    }
    if shown.len() == ids.len() {
        Reply::of(&shown)
    } else {
        Reply::some_of(&shown)
    }
}
