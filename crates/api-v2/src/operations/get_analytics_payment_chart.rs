//! `GET /analytics/charts/payment`

use naru_wire_v2::{
    AnalyticsPaymentChart, AnalyticsPaymentChartStat, GetAnalyticsPaymentChartBody,
};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetAnalyticsPaymentChartBody>) -> Result<Reply, Failed> {
    let period = check::period(&call).await?;
    let Call { engine, input, .. } = call;
    let granularity = check::granularity(&input.time_granularity)?;
    let of = (None, input.exclude_cancelled.unwrap_or(false));
    let series = engine.money_series(&period, granularity, of).await?;
    Ok(Reply::of(&AnalyticsPaymentChart {
        stats: view::series(&series, |timestamp, amount, count| {
            AnalyticsPaymentChartStat {
                amount,
                count,
                timestamp,
            }
        }),
    })?)
}
