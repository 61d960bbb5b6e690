//! `GET /analytics/charts/payment-method`

use naru_engine::analytics::{KeyedSum, MoneyKey};
use naru_wire_v2::{
    AnalyticsPaymentMethodChart, AnalyticsPaymentMethodChartStat,
    GetAnalyticsPaymentMethodChartBody,
};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(
    call: Call<GetAnalyticsPaymentMethodChartBody>,
) -> Result<Reply, Failed> {
    let period = check::period(&call).await?;
    let Call { engine, input, .. } = call;
    let of = (MoneyKey::Method, None);
    let sums = engine
        .money_by(&period, of, input.exclude_cancelled)
        .await?;
    let stat = |one: &KeyedSum| AnalyticsPaymentMethodChartStat {
        amount: one.sum.amount,
        count: one.sum.count,
        payment_method: view::method_type(one.key.as_deref()),
    };
    Ok(Reply::of(&AnalyticsPaymentMethodChart {
        stats: sums.iter().map(stat).collect(),
    })?)
}
