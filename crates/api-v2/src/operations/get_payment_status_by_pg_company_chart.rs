//! `GET /analytics/charts/payment-status/by-pg-company`

use naru_engine::analytics::{StatusKey, StatusSum};
use naru_wire_v2::{
    AnalyticsPaymentStatusByPgCompanyChart, AnalyticsPaymentStatusByPgCompanyChartStat,
    GetAnalyticsPaymentStatusByPgCompanyChartBody,
};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(
    call: Call<GetAnalyticsPaymentStatusByPgCompanyChartBody>,
) -> Result<Reply, Failed> {
    let period = check::period(&call).await?;
    let sums = call
        .engine
        .statuses_by(&period, StatusKey::PgCompany)
        .await?;
    let stat = |one: &StatusSum| {
        Some(AnalyticsPaymentStatusByPgCompanyChartStat {
            amount: one.sum.amount,
            count: one.sum.count,
            pg_company: view::pg_company(one.key.as_deref())?,
            payment_status: view::status(&one.status)?,
        })
    };
    Ok(Reply::of(&AnalyticsPaymentStatusByPgCompanyChart {
        stats: sums.iter().filter_map(stat).collect(),
    })?)
}
