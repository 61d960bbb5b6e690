//! `GET /analytics/charts/easy-pay`

use naru_wire_v2::{
    AnalyticsEasyPayChart, AnalyticsEasyPayChartStat, GetAnalyticsEasyPayChartBody,
};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetAnalyticsEasyPayChartBody>) -> Result<Reply, Failed> {
    let period = check::period(&call).await?;
    let Call { engine, input, .. } = call;
    let granularity = check::granularity(&input.time_granularity)?;
    let of = (Some("EASY_PAY"), input.exclude_cancelled);
    let series = engine.money_series(&period, granularity, of).await?;
    Ok(Reply::of(&AnalyticsEasyPayChart {
        stats: view::series(&series, |timestamp, amount, count| {
            AnalyticsEasyPayChartStat {
                amount,
                count,
                timestamp,
            }
        }),
    })?)
}
