//! `GET /analytics/charts/average-amount`

use naru_wire_v2::GetAnalyticsAverageAmountChartBody;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(
    call: Call<GetAnalyticsAverageAmountChartBody>,
) -> Result<Reply, Failed> {
    let period = check::period(&call).await?;
    let Call { engine, input, .. } = call;
    let granularity = check::granularity(&input.time_granularity)?;
    let (slots, whole) = engine
        .average_amounts(&period, granularity, input.exclude_cancelled)
        .await?;
    Ok(Reply::of(&view::averages(&slots, whole))?)
}
