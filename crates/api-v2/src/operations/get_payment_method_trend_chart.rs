//! `GET /analytics/charts/payment-method-trend`

use naru_engine::analytics::{KeyedSum, MoneyKey};
use naru_wire_v2::{
    AnalyticsPaymentMethodTrendChart, AnalyticsPaymentMethodTrendChartStat,
    GetAnalyticsPaymentMethodTrendChartBody,
};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(
    call: Call<GetAnalyticsPaymentMethodTrendChartBody>,
) -> Result<Reply, Failed> {
    let period = check::period(&call).await?;
    let Call { engine, input, .. } = call;
    let granularity = check::granularity(&input.time_granularity)?;
    let of = (MoneyKey::Method, Some(granularity));
    let sums = engine
        .money_by(&period, of, input.exclude_cancelled)
        .await?;
    let stat = |one: &KeyedSum| AnalyticsPaymentMethodTrendChartStat {
        amount: one.sum.amount,
        count: one.sum.count,
        payment_method: view::method_type(one.key.as_deref()),
        timestamp: view::slot(one),
    };
    Ok(Reply::of(&AnalyticsPaymentMethodTrendChart {
        stats: sums.iter().map(stat).collect(),
    })?)
}
