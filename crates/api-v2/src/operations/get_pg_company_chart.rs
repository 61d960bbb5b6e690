//! `GET /analytics/charts/pg-company`

use naru_engine::analytics::{KeyedSum, MoneyKey};
use naru_wire_v2::{
    AnalyticsPgCompanyChart, AnalyticsPgCompanyChartStat, GetAnalyticsPgCompanyChartBody,
};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetAnalyticsPgCompanyChartBody>) -> Result<Reply, Failed> {
    let period = check::period(&call).await?;
    let Call { engine, input, .. } = call;
    let of = (MoneyKey::PgCompany, None);
    let sums = engine
        .money_by(&period, of, input.exclude_cancelled)
        .await?;
    let stat = |one: &KeyedSum| {
        Some(AnalyticsPgCompanyChartStat {
            amount: one.sum.amount,
            count: one.sum.count,
            pg_company: view::pg_company(one.key.as_deref())?,
        })
    };
    Ok(Reply::of(&AnalyticsPgCompanyChart {
        stats: sums.iter().filter_map(stat).collect(),
    })?)
}
