//! `GET /payments`

use naru_wire_v2::{GetPaymentsBody, GetPaymentsResponse};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetPaymentsBody>) -> Result<Reply, Failed> {
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
    let filter = check::payment_filter(filter, (stores, now))?;
    let found = engine.payments(&filter, page).await?;
    Ok(Reply::of(&GetPaymentsResponse {
        items: found
            .items
            .iter()
            .map(view::payment)
            .collect::<Result<_, _>>()?,
        page: view::page(page, found.total_count),
    })?)
}
