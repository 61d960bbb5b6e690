//! `GET /analytics/charts/payment-status/by-method`

use naru_engine::analytics::{StatusKey, StatusSum};
use naru_wire_v2::{
    AnalyticsPaymentStatusByPaymentMethodChart, AnalyticsPaymentStatusByPaymentMethodChartStat,
    GetAnalyticsPaymentStatusByPaymentMethodChartBody,
};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(
    call: Call<GetAnalyticsPaymentStatusByPaymentMethodChartBody>,
) -> Result<Reply, Failed> {
    let period = check::period(&call).await?;
    let sums = call.engine.statuses_by(&period, StatusKey::Method).await?;
    let stat = |one: &StatusSum| {
        Some(AnalyticsPaymentStatusByPaymentMethodChartStat {
            amount: one.sum.amount,
            count: one.sum.count,
            payment_method: view::method_type(one.key.as_deref()),
            payment_status: view::status(&one.status)?,
        })
    };
    Ok(Reply::of(&AnalyticsPaymentStatusByPaymentMethodChart {
        stats: sums.iter().filter_map(stat).collect(),
    })?)
}
