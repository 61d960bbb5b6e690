//! `GET /analytics/charts/easy-pay-provider`

use naru_engine::analytics::{KeyedSum, MoneyKey};
use naru_wire_v2::{
    AnalyticsEasyPayProviderChart, AnalyticsEasyPayProviderChartRemainderStat,
    AnalyticsEasyPayProviderChartStat, AnalyticsEasyPayProviderChartSummary, EasyPayProvider,
    GetAnalyticsEasyPayProviderChartBody,
};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(
    call: Call<GetAnalyticsEasyPayProviderChartBody>,
) -> Result<Reply, Failed> {
    let period = check::period(&call).await?;
    let Call { engine, input, .. } = call;
    let granularity = check::granularity(&input.time_granularity)?;
    check::few("easyPayProviders", &input.easy_pay_providers)?;
    check::few("excludesFromRemainders", &input.excludes_from_remainders)?;
    let names = |all: &[EasyPayProvider]| all.iter().map(|one| one.as_str()).collect::<Vec<_>>();
    let (named, left_out) = (
        names(&input.easy_pay_providers),
        names(&input.excludes_from_remainders),
    );
    let of = (
        MoneyKey::EasyPayProvider,
        granularity,
        input.exclude_cancelled,
    );
    let split = engine.money_split(&period, of, (&named, &left_out)).await?;
    let stat = |one: &KeyedSum| {
        Some(AnalyticsEasyPayProviderChartStat {
            amount: one.sum.amount,
            easy_pay_provider: EasyPayProvider::parse(one.key.as_deref()?)?,
            count: one.sum.count,
            timestamp: view::slot(one),
        })
    };
    Ok(Reply::of(&AnalyticsEasyPayProviderChart {
        remainder_stats: view::series(&split.others, |timestamp, amount, count| {
            AnalyticsEasyPayProviderChartRemainderStat {
                amount,
                count,
                timestamp,
            }
        }),
        stats: split.named.iter().filter_map(stat).collect(),
        summary: AnalyticsEasyPayProviderChartSummary {
            total_amount: split.total.amount,
            total_count: split.total.count,
        },
    })?)
}
