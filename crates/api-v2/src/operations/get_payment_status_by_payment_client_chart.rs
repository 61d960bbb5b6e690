//! `GET /analytics/charts/payment-status/by-payment-client`

use naru_engine::analytics::{StatusKey, StatusSum};
use naru_wire_v2::{
    AnalyticsPaymentStatusByPaymentClientChart, AnalyticsPaymentStatusByPaymentClientChartStat,
    GetAnalyticsPaymentStatusByPaymentClientChartBody,
};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(
    call: Call<GetAnalyticsPaymentStatusByPaymentClientChartBody>,
) -> Result<Reply, Failed> {
    let period = check::period(&call).await?;
    let sums = call.engine.statuses_by(&period, StatusKey::Client).await?;
    let stat = |one: &StatusSum| {
        Some(AnalyticsPaymentStatusByPaymentClientChartStat {
            amount: one.sum.amount,
            count: one.sum.count,
            payment_client_type: view::client_type(one.key.as_deref())?,
            payment_status: view::status(&one.status)?,
        })
    };
    Ok(Reply::of(&AnalyticsPaymentStatusByPaymentClientChart {
        stats: sums.iter().filter_map(stat).collect(),
    })?)
}
