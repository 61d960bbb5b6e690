//! Periods and units of time of the charts.

use naru_engine::Fault;
use naru_engine::analytics::{Granularity, Period};
use naru_wire_v2::{self as wire, AnalyticsTimeGranularity, Currency};

use super::bad;
use super::list::stores;
use super::text::time;
use crate::extract::{Call, Input};
use crate::limits::FILTER_VALUES_MAX;

/// An input that asks about a period.
pub(crate) trait InPeriod {
    /// From, until, currency.
    fn period(&self) -> (&str, &str, Currency);
}

macro_rules! in_period {
    ($($name:ident),+ $(,)?) => {$(
        impl InPeriod for wire::$name {
            fn period(&self) -> (&str, &str, Currency) {
                (&self.from, &self.until, self.currency)
            }
        }
    )+};
}

in_period! {
    GetAnalyticsAverageAmountChartBody,
    GetAnalyticsCancellationRateBody,
    GetAnalyticsCardChartBody,
    GetAnalyticsCardCompanyChartBody,
    GetAnalyticsEasyPayChartBody,
    GetAnalyticsEasyPayProviderChartBody,
    GetAnalyticsPaymentChartBody,
    GetAnalyticsPaymentChartInsightBody,
    GetAnalyticsPaymentMethodChartBody,
    GetAnalyticsPaymentMethodTrendChartBody,
    GetAnalyticsPaymentStatusByPaymentClientChartBody,
    GetAnalyticsPaymentStatusByPaymentMethodChartBody,
    GetAnalyticsPaymentStatusByPgCompanyChartBody,
    GetAnalyticsPaymentStatusChartBody,
    GetAnalyticsPgCompanyChartBody,
    GetAnalyticsPgCompanyTrendChartBody,
}

/// The period of a call, of all stores that the caller may see.
pub(crate) async fn period<T: Input + InPeriod>(call: &Call<T>) -> Result<Period, Fault> {
    let (from, until, currency) = call.input.period();
    Ok(Period {
        from: time("from", from)?,
        until: time("until", until)?,
        currency: currency.as_str().to_owned(),
        stores: stores(&call.engine, &call.caller, None).await?,
        time_zone: call.store.time_zone.clone(),
    })
}

/// The unit of time: one of the contract's five, of which it says that two work.
pub(crate) fn granularity(input: &AnalyticsTimeGranularity) -> Result<Granularity, Fault> {
    let refused = Err(bad(
        "timeGranularity",
        "either `hour` or `month`, and no other unit",
    ));
    if input.minute.is_some() || input.day.is_some() || input.week.is_some() {
        return refused;
    }
    match (&input.hour, &input.month) {
        (Some(_), None) => Ok(Granularity::Hour),
        (None, Some(month)) => Ok(Granularity::Month {
            offset_hours: month.timezone_hour_offset,
        }),
        (Some(_), Some(_)) | (None, None) => refused,
    }
}

/// Refuses more values than anybody needs.
pub(crate) fn few<T>(field: &str, values: &[T]) -> Result<(), Fault> {
    if values.len() > FILTER_VALUES_MAX {
        return Err(bad(field, &format!("at most {FILTER_VALUES_MAX} values")));
    }
    Ok(())
}
