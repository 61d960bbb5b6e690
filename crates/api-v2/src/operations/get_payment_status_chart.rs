//! `GET /analytics/charts/payment-status`

use naru_wire_v2::GetAnalyticsPaymentStatusChartBody;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(
    call: Call<GetAnalyticsPaymentStatusChartBody>,
) -> Result<Reply, Failed> {
    let period = check::period(&call).await?;
    let figures = call.engine.statuses(&period).await?;
    Ok(Reply::of(&view::statuses(&figures)?)?)
}
