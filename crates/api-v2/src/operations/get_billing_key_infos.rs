//! `GET /billing-keys`

use naru_wire_v2::{GetBillingKeyInfosBody, GetBillingKeyInfosResponse};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetBillingKeyInfosBody>) -> Result<Reply, Failed> {
    let Call {
        engine,
        caller,
        input,
        ..
    } = call;
    let page = check::page(input.page)?;
    let filter = input.filter;
    let named = filter.as_ref().and_then(|filter| filter.store_id.clone());
    let stores = check::stores(&engine, &caller, named.as_deref()).await?;
    let now = engine.clock().business();
    let filter = check::billing_key_filter(filter, input.sort, (stores, now))?;
    let found = engine.billing_keys(&filter, page).await?;
    Ok(Reply::of(&GetBillingKeyInfosResponse {
        items: found
            .items
            .iter()
            .map(view::billing_key)
            .collect::<Result<_, _>>()?,
        page: view::page(page, found.total_count),
    })?)
}
