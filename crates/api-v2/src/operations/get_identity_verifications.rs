//! `GET /identity-verifications`

use naru_wire_v2::{GetIdentityVerificationsBody, GetIdentityVerificationsResponse};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetIdentityVerificationsBody>) -> Result<Reply, Failed> {
    let Call {
        engine,
        caller,
        store,
        input,
        ..
    } = call;
    let page = check::page(input.page)?;
    let filter = input.filter;
    let named = filter.as_ref().and_then(|filter| filter.store_id.clone());
    let stores = check::stores(&engine, &caller, named.as_deref()).await?;
    let filter = check::identity_filter(&engine, filter, input.sort, (&store, stores))?;
    let found = engine.identity_verifications(&filter, page).await?;
    Ok(Reply::of(&GetIdentityVerificationsResponse {
        items: found
            .items
            .iter()
            .map(view::identity)
            .collect::<Result<_, _>>()?,
        page: view::page(page, found.total_count),
    })?)
}
