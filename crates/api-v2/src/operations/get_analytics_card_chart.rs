//! `GET /analytics/charts/card`

use naru_wire_v2::{AnalyticsCardChart, AnalyticsCardChartStat, GetAnalyticsCardChartBody};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetAnalyticsCardChartBody>) -> Result<Reply, Failed> {
    let period = check::period(&call).await?;
    let Call { engine, input, .. } = call;
    let granularity = check::granularity(&input.time_granularity)?;
    let of = (Some("CARD"), input.exclude_cancelled);
    let series = engine.money_series(&period, granularity, of).await?;
    Ok(Reply::of(&AnalyticsCardChart {
        stats: view::series(&series, |timestamp, amount, count| AnalyticsCardChartStat {
            amount,
            count,
            timestamp,
        }),
    })?)
}
