//! `GET /cash-receipts`

use naru_wire_v2::{GetCashReceiptsBody, GetCashReceiptsResponse};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetCashReceiptsBody>) -> Result<Reply, Failed> {
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
    let filter = check::cash_receipt_filter(filter, input.sort, (stores, now))?;
    let found = engine.cash_receipts(&filter, page).await?;
    Ok(Reply::of(&GetCashReceiptsResponse {
        items: found
            .items
            .iter()
            .map(view::cash_receipt)
            .collect::<Result<_, _>>()?,
        page: view::page(page, found.total_count),
    })?)
}
