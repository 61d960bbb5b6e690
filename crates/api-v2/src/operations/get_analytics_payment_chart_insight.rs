//! `GET /analytics/charts/payment-insight`

use naru_wire_v2::GetAnalyticsPaymentChartInsightBody;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(
    call: Call<GetAnalyticsPaymentChartInsightBody>,
) -> Result<Reply, Failed> {
    let period = check::period(&call).await?;
    let Call { engine, input, .. } = call;
    let is_net = input.exclude_cancelled.unwrap_or(false);
    let found = engine
        .insight(&period, input.timezone_hour_offset, is_net)
        .await?;
    Ok(Reply::of(&view::insight(found))?)
}
