//! `GET /payment-schedules`

use naru_wire_v2::{GetPaymentSchedulesBody, GetPaymentSchedulesResponse};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetPaymentSchedulesBody>) -> Result<Reply, Failed> {
    let Call { engine, input, .. } = call;
    let page = check::page(input.page)?;
    let now = engine.clock().business();
    let filter = check::schedule_filter(input.filter, input.sort, (call.store.id.clone(), now))?;
    let found = engine.schedules(&filter, page).await?;
    Ok(Reply::of(&GetPaymentSchedulesResponse {
        items: found
            .items
            .iter()
            .map(view::schedule)
            .collect::<Result<_, _>>()?,
        page: view::page(page, found.total_count),
    })?)
}
