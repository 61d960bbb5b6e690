//! `GET /analytics/charts/card-company`

use naru_engine::analytics::{KeyedSum, MoneyKey};
use naru_wire_v2::{
    AnalyticsCardCompanyChart, AnalyticsCardCompanyChartRemainderStat,
    AnalyticsCardCompanyChartStat, AnalyticsCardCompanyChartSummary, CardCompany,
    GetAnalyticsCardCompanyChartBody,
};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetAnalyticsCardCompanyChartBody>) -> Result<Reply, Failed> {
    let period = check::period(&call).await?;
    let Call { engine, input, .. } = call;
    let granularity = check::granularity(&input.time_granularity)?;
    check::few("cardCompanies", &input.card_companies)?;
    check::few("excludesFromRemainders", &input.excludes_from_remainders)?;
    let names = |all: &[CardCompany]| all.iter().map(|one| one.as_str()).collect::<Vec<_>>();
    let (named, left_out) = (
        names(&input.card_companies),
        names(&input.excludes_from_remainders),
    );
    let of = (MoneyKey::CardCompany, granularity, input.exclude_cancelled);
    let split = engine.money_split(&period, of, (&named, &left_out)).await?;
    let stat = |one: &KeyedSum| {
        Some(AnalyticsCardCompanyChartStat {
            amount: one.sum.amount,
            card_company: CardCompany::parse(one.key.as_deref()?)?,
            count: one.sum.count,
            timestamp: view::slot(one),
        })
    };
    Ok(Reply::of(&AnalyticsCardCompanyChart {
        remainder_stats: view::series(&split.others, |timestamp, amount, count| {
            AnalyticsCardCompanyChartRemainderStat {
                amount,
                count,
                timestamp,
            }
        }),
        stats: split.named.iter().filter_map(stat).collect(),
        summary: AnalyticsCardCompanyChartSummary {
            total_amount: split.total.amount,
            total_count: split.total.count,
        },
    })?)
}
