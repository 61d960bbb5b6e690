//! `GET /b2b/counterparties`

use naru_wire_v2::{GetB2bCounterpartiesBody, GetB2bCounterpartiesResponse};

use crate::check;
use crate::extract::B2bCall;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: B2bCall<GetB2bCounterpartiesBody>) -> Result<Reply, Failed> {
    let (engine, store, is_test) = (call.engine().clone(), call.store().clone(), call.is_test());
    let input = call.call.input;
    let page = check::page(input.page)?;
    let asked = check::b2b::counterparty_filter(input.filter, store.id.clone())?;
    let found = engine.counterparties(&store, is_test, asked, page).await?;
    Ok(Reply::of(&GetB2bCounterpartiesResponse {
        items: found
            .items
            .iter()
            .map(view::b2b::counterparty)
            .collect::<Result<_, _>>()?,
        page: view::page(page, found.total_count),
    })?)
}
