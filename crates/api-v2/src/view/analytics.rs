//! Figures of charts.

use std::collections::BTreeMap;

use naru_domain::Timestamp;
use naru_engine::Fault;
use naru_engine::analytics::{Averages, Insight, KeyedSum, Series, StatusFigures};
use naru_wire_v2 as wire;

/// The figure of each slot, in order.
pub(crate) fn series<T>(series: &Series, stat: impl Fn(String, i64, i64) -> T) -> Vec<T> {
    let slots = series.iter();
    slots
        .map(|(slot, sum)| stat(slot.to_string(), sum.amount, sum.count))
        .collect()
}

/// When the slot of a figure begins.
pub(crate) fn slot(one: &KeyedSum) -> String {
    one.slot.map(|slot| slot.to_string()).unwrap_or_default()
}

pub(crate) fn method_type(name: Option<&str>) -> Option<wire::PaymentMethodType> {
    name.and_then(wire::PaymentMethodType::parse)
}

pub(crate) fn pg_company(name: Option<&str>) -> Option<wire::PgCompany> {
    name.and_then(wire::PgCompany::parse)
}

pub(crate) fn client_type(name: Option<&str>) -> Option<wire::PaymentClientType> {
    name.and_then(wire::PaymentClientType::parse)
}

/// Charts say PENDING where payments say PAY_PENDING.
pub(crate) fn status(name: &str) -> Option<wire::PaymentStatus> {
    match name {
        "PAY_PENDING" => Some(wire::PaymentStatus::Pending),
        name => wire::PaymentStatus::parse(name),
    }
}

/// A fraction of so many millionths: text is the way from an integer to a float that rounds
/// nothing and needs no arithmetic of floats.
pub(crate) fn fraction(millionths: i64) -> Result<f64, Fault> {
    let text = format!("{millionths}e-6");
    text.parse()
        .map_err(|_| Fault::internal("a fraction that is no number"))
}

pub(crate) fn insight(found: Insight) -> wire::AnalyticsPaymentChartInsight {
    let date = found.date_in_month;
    let day = found.day_in_week;
    wire::AnalyticsPaymentChartInsight {
        highest_date_in_month: date.map(|date| date.highest.into()),
        highest_day_in_week: day.map(|day| weekday(day.highest)),
        highest_hour_in_day: found.hour_in_day.highest.into(),
        lowest_date_in_month: date.map(|date| date.lowest.into()),
        lowest_day_in_week: day.map(|day| weekday(day.lowest)),
        lowest_hour_in_day: found.hour_in_day.lowest.into(),
    }
}

/// Sunday is 0.
const fn weekday(number: i8) -> wire::DayOfWeek {
    match number {
        1 => wire::DayOfWeek::Mon,
        2 => wire::DayOfWeek::Tue,
        3 => wire::DayOfWeek::Wed,
        4 => wire::DayOfWeek::Thu,
        5 => wire::DayOfWeek::Fri,
        6 => wire::DayOfWeek::Sat,
        _ => wire::DayOfWeek::Sun,
    }
}

pub(crate) fn averages(
    slots: &BTreeMap<Timestamp, Averages>,
    whole: Averages,
) -> wire::AnalyticsAverageAmountChart {
    let stat = |(slot, of): (&Timestamp, &Averages)| wire::AnalyticsAverageAmountChartStat {
        customer_average_amount: of.customer,
        payment_average_amount: of.payment,
        timestamp: slot.to_string(),
    };
    wire::AnalyticsAverageAmountChart {
        stats: slots.iter().map(stat).collect(),
        summary: wire::AnalyticsAverageAmountChartSummary {
            customer_average_amount: whole.customer,
            payment_average_amount: whole.payment,
        },
    }
}

pub(crate) fn statuses(
    figures: &[StatusFigures],
) -> Result<wire::AnalyticsPaymentStatusChart, Fault> {
    let stat = |one: &StatusFigures| {
        let [first, median, third] = one.quartiles;
        Ok(wire::AnalyticsPaymentStatusChartStat {
            amount: one.sum.amount,
            average_ratio: one.percent,
            count: one.sum.count,
            first_quantile: first,
            median,
            payment_status: super::known("status", status(&one.status))?,
            third_quantile: third,
        })
    };
    Ok(wire::AnalyticsPaymentStatusChart {
        stats: figures.iter().map(stat).collect::<Result<_, Fault>>()?,
    })
}
