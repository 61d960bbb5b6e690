//! The best and the worst day of a month, day of a week and hour of a day.

use std::collections::{BTreeMap, BTreeSet};

use naru_domain::Timestamp;

use super::{Period, period};
use crate::{Engine, Fault};

/// A period shorter than this has no best weekday.
const WEEK_S: i64 = 7 * 86_400;
/// A period shorter than this has no best day of a month.
const MONTH_S: i64 = 28 * 86_400;

/// Where most and where least was taken; the earlier of equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extremes {
    /// Most.
    pub highest: i8,
    /// Least.
    pub lowest: i8,
}

/// The best and the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Insight {
    /// Day of the month, from 1; of a period of four weeks at least.
    pub date_in_month: Option<Extremes>,
    /// Day of the week, Sunday is 0; of a period of a week at least.
    pub day_in_week: Option<Extremes>,
    /// Hour of the day, from 0.
    pub hour_in_day: Extremes,
}

impl Engine {
    /// Compares the days and hours that occur in the period, as they are called so many hours
    /// ahead of UTC.
    pub async fn insight(
        &self,
        period: &Period,
        offset_hours: i32,
        is_net: bool,
    ) -> Result<Insight, Fault> {
        period.check()?;
        let zone = period::fixed(offset_hours)?;
        let names = |at: Timestamp| {
            let local = at.to_jiff().to_zoned(zone.clone());
            let weekday = local.weekday().to_sunday_zero_offset();
            [local.day(), weekday, local.hour()]
        };
        let mut sums: [BTreeMap<i8, i64>; 3] = Default::default();
        let hours: BTreeSet<Timestamp> = period.hours(&zone)?;
        for hour in hours {
            for (sums, name) in sums.iter_mut().zip(names(hour.max(period.from))) {
                sums.entry(name).or_default();
            }
        }
        self.each_money(period, |money| {
            for (sums, name) in sums.iter_mut().zip(names(money.at)) {
                let sum = sums.entry(name).or_default();
                *sum = sum.saturating_add(money.sum(is_net).amount);
            }
        })
        .await?;
        let length = period.until.as_seconds() - period.from.as_seconds();
        let [dates, weekdays, hours] = &sums;
        Ok(Insight {
            date_in_month: (length >= MONTH_S).then(|| extremes(dates)),
            day_in_week: (length >= WEEK_S).then(|| extremes(weekdays)),
            hour_in_day: extremes(hours),
        })
    }
}

fn extremes(sums: &BTreeMap<i8, i64>) -> Extremes {
    let mut best = sums.iter().map(|(name, sum)| (*sum, *name));
    let (highest, lowest) = best.next().map_or((None, None), |first| {
        best.fold((Some(first), Some(first)), |(high, low), one| {
            let high = high.filter(|high| high.0 >= one.0).or(Some(one));
            let low = low.filter(|low| low.0 <= one.0).or(Some(one));
            (high, low)
        })
    });
    Extremes {
        highest: highest.map_or(0, |(_, name)| name),
        lowest: lowest.map_or(0, |(_, name)| name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earlier_of_equals_is_named() {
        let sums = BTreeMap::from([(1, 5), (2, 9), (3, 9), (4, -1), (5, -1)]);
        let found = extremes(&sums);
        assert_eq!((found.highest, found.lowest), (2, 4));
        let flat = BTreeMap::from([(3, 0), (4, 0)]);
        let found = extremes(&flat);
        assert_eq!((found.highest, found.lowest), (3, 3));
    }
}
