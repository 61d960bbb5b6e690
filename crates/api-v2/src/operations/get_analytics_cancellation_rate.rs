//! `GET /analytics/cancellation-rate`

use naru_wire_v2::{AnalyticsCancellationRate, GetAnalyticsCancellationRateBody};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetAnalyticsCancellationRateBody>) -> Result<Reply, Failed> {
    let period = check::period(&call).await?;
    let millionths = call.engine.cancelled_millionths(&period).await?;
    Ok(Reply::of(&AnalyticsCancellationRate {
        cancellation_rate: view::fraction(millionths)?,
    })?)
}
