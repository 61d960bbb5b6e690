//! `GET /analytics/charts/pg-company-trend`

use naru_engine::analytics::{KeyedSum, MoneyKey};
use naru_wire_v2::{
    AnalyticsPgCompanyTrendChart, AnalyticsPgCompanyTrendChartStat,
    GetAnalyticsPgCompanyTrendChartBody,
};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(
    call: Call<GetAnalyticsPgCompanyTrendChartBody>,
) -> Result<Reply, Failed> {
    let period = check::period(&call).await?;
    let Call { engine, input, .. } = call;
    let granularity = check::granularity(&input.time_granularity)?;
    let wanted = input.pg_companies;
    check::few("pgCompanies", &wanted)?;
    let of = (MoneyKey::PgCompany, Some(granularity));
    let sums = engine
        .money_by(&period, of, input.exclude_cancelled)
        .await?;
    let stat = |one: &KeyedSum| {
        let pg_company = view::pg_company(one.key.as_deref())?;
        // None named are all.
        (wanted.is_empty() || wanted.contains(&pg_company)).then(|| {
            AnalyticsPgCompanyTrendChartStat {
                amount: one.sum.amount,
                count: one.sum.count,
                pg_company,
                timestamp: view::slot(one),
            }
        })
    };
    Ok(Reply::of(&AnalyticsPgCompanyTrendChart {
        stats: sums.iter().filter_map(stat).collect(),
    })?)
}
