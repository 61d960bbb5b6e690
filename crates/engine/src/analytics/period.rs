//! Periods and the slots of time that they are cut into.

use std::collections::BTreeSet;

use jiff::tz::{Offset, TimeZone};
use naru_domain::{StoreId, Timestamp};
use naru_store::{Condition, Query, Table, Value};

use crate::{Engine, Fault};

/// Slots that one answer may have: more than a year of hours.
const SLOTS_MAX: usize = 10_000;
/// Half an hour: no time zone's hours begin at other times than those of UTC, or half way or a
/// quarter between.
const STEP_S: i64 = 900;
/// Time zones go from 12 hours behind UTC to 14 ahead of it.
const OFFSET_HOURS: std::ops::RangeInclusive<i32> = -12..=14;

/// What is asked about.
#[derive(Debug, Clone)]
pub struct Period {
    /// Stores that the caller may see.
    pub stores: Vec<StoreId>,
    /// The currency.
    pub currency: String,
    /// From, inclusive.
    pub from: Timestamp,
    /// Until, exclusive.
    pub until: Timestamp,
    /// The time zone whose hours count, by its IANA name.
    pub time_zone: String,
}

/// How long a slot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granularity {
    /// An hour of the store's time zone.
    Hour,
    /// A calendar month, so many hours ahead of UTC.
    Month {
        /// Hours ahead of UTC.
        offset_hours: i32,
    },
}

/// Finds the slot of a moment.
pub(super) struct Slots {
    zone: TimeZone,
    granularity: Granularity,
}

impl Period {
    /// Refuses a period that ends before it begins.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.from < self.until {
            return Ok(());
        }
        Err(Fault::invalid("`until`: expected a time after `from`"))
    }

    /// The question for one store's rows of the period.
    pub(super) fn query(
        &self,
        table: &'static Table,
        store: &StoreId,
        time: &'static str,
    ) -> Query {
        Query::of(table, 0)
            .and(Condition::Is("store_id", store.as_str().into()))
            .and(Condition::AtLeast(time, self.from.into()))
            .and(Condition::Below(time, self.until.into()))
    }

    /// How its moments fall into slots.
    pub(super) fn slots(&self, granularity: Granularity) -> Result<Slots, Fault> {
        let zone = match granularity {
            Granularity::Hour => zone(&self.time_zone)?,
            Granularity::Month { offset_hours } => fixed(offset_hours)?,
        };
        Ok(Slots { zone, granularity })
    }

    /// Its hours, each by a moment in it: the beginning of the period, then each hour of the zone.
    pub(super) fn hours(&self, zone: &TimeZone) -> Result<BTreeSet<Timestamp>, Fault> {
        let slots = Slots {
            zone: zone.clone(),
            granularity: Granularity::Hour,
        };
        slots.all(self)
    }
}

/// A time zone by its name.
pub(crate) fn zone(name: &str) -> Result<TimeZone, Fault> {
    TimeZone::get(name).map_err(|_| {
        Fault::invalid(format!(
            "`{name}` is no time zone; expected a name such as `Asia/Seoul`"
        ))
    })
}

/// A zone that is always so many hours ahead of UTC.
pub(super) fn fixed(offset_hours: i32) -> Result<TimeZone, Fault> {
    let hours = i8::try_from(offset_hours)
        .ok()
        .filter(|_| OFFSET_HOURS.contains(&offset_hours));
    let offset = hours.and_then(|hours| Offset::from_hours(hours).ok());
    offset.map(TimeZone::fixed).ok_or_else(|| {
        let (least, most) = (OFFSET_HOURS.start(), OFFSET_HOURS.end());
        Fault::invalid(format!(
            "`timezoneHourOffset`: expected a number from {least} to {most}"
        ))
    })
}

impl Slots {
    /// When the slot of a moment begins.
    pub(super) fn of(&self, at: Timestamp) -> Timestamp {
        match self.granularity {
            Granularity::Hour => {
                let ahead = i64::from(self.zone.to_offset(at.to_jiff()).seconds());
                let local = at.as_seconds() + ahead;
                Timestamp::from_micros((local - local.rem_euclid(3_600) - ahead) * 1_000_000)
            }
            Granularity::Month { .. } => {
                let local = at.to_jiff().to_zoned(self.zone.clone());
                let first = local.first_of_month().and_then(|day| day.start_of_day());
                // Only beyond the years that a calendar knows.
                first.map_or(at, |first| first.timestamp().into())
            }
        }
    }

    /// Every slot of a period.
    pub(super) fn all(&self, period: &Period) -> Result<BTreeSet<Timestamp>, Fault> {
        let mut slots = BTreeSet::new();
        let step = match self.granularity {
            Granularity::Hour => STEP_S,
            Granularity::Month { .. } => 28 * 86_400,
        };
        let mut at = period.from;
        while at < period.until {
            slots.insert(self.of(at));
            if slots.len() > SLOTS_MAX {
                return Err(Fault::invalid(format!(
                    "`until`: expected a period of at most {SLOTS_MAX} such units of time"
                )));
            }
            at = at.plus_seconds(step);
        }
        // A step may end beyond the last slot.
        let last = Timestamp::from_micros(period.until.as_micros().saturating_sub(1));
        slots.insert(self.of(last));
        Ok(slots)
    }
}

impl Engine {
    /// Leaves out what is only tested, where there is anything else.
    pub(super) fn live(&self, query: Query) -> Query {
        if self.config().is_sandbox {
            query
        } else {
            query.and(Condition::Is("is_test", Value::from(false)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn period(from: &str, until: &str, zone: &str) -> Period {
        Period {
            stores: Vec::new(),
            currency: "KRW".to_owned(),
            from: at(from),
            until: at(until),
            time_zone: zone.to_owned(),
        }
    }

    fn slots(period: &Period, granularity: Granularity) -> Vec<String> {
        let slots = period.slots(granularity).unwrap();
        let all = slots.all(period).unwrap();
        all.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn hours_are_those_of_the_zone() {
        let (from, until) = ("2026-03-01T00:10:00Z", "2026-03-01T02:00:00Z");
        assert_eq!(
            slots(&period(from, until, "Asia/Seoul"), Granularity::Hour),
            ["2026-03-01T00:00:00Z", "2026-03-01T01:00:00Z"]
        );
        assert_eq!(
            slots(&period(from, until, "Asia/Kolkata"), Granularity::Hour),
            [
                "2026-02-28T23:30:00Z",
                "2026-03-01T00:30:00Z",
                "2026-03-01T01:30:00Z"
            ]
        );
        assert_eq!(
            slots(&period(from, until, "Asia/Kathmandu"), Granularity::Hour),
            [
                "2026-02-28T23:15:00Z",
                "2026-03-01T00:15:00Z",
                "2026-03-01T01:15:00Z"
            ]
        );
    }

    #[test]
    fn months_begin_at_the_offset() {
        let two = period("2026-01-31T14:59:59Z", "2026-03-31T15:00:00Z", "Asia/Seoul");
        let korean = Granularity::Month { offset_hours: 9 };
        assert_eq!(
            slots(&two, korean),
            [
                "2025-12-31T15:00:00Z",
                "2026-01-31T15:00:00Z",
                "2026-02-28T15:00:00Z"
            ]
        );
        let utc = Granularity::Month { offset_hours: 0 };
        assert_eq!(
            slots(&two, utc),
            [
                "2026-01-01T00:00:00Z",
                "2026-02-01T00:00:00Z",
                "2026-03-01T00:00:00Z"
            ]
        );
        let american = Granularity::Month { offset_hours: -12 };
        assert_eq!(slots(&two, american)[0], "2026-01-01T12:00:00Z");
    }

    #[test]
    fn the_last_microsecond_has_a_slot_and_the_end_has_none() {
        let day = period("2026-01-01T00:59:59.999999Z", "2026-01-01T01:00:00Z", "UTC");
        assert_eq!(slots(&day, Granularity::Hour), ["2026-01-01T00:00:00Z"]);
        let day = period("2026-01-31T00:00:00Z", "2026-02-01T00:00:00.000001Z", "UTC");
        let months = Granularity::Month { offset_hours: 0 };
        assert_eq!(
            slots(&day, months),
            ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"]
        );
    }

    #[test]
    fn periods_have_limits() {
        let far = period("2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "UTC");
        assert!(far.slots(Granularity::Hour).unwrap().all(&far).is_err());
        let months = Granularity::Month { offset_hours: 0 };
        assert_eq!(slots(&far, months).len(), 72);
        assert!(
            period("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "UTC")
                .check()
                .is_err()
        );
        assert!(zone("Mars/Base").is_err());
        for hours in [-13, 15, 200, i32::MIN] {
            assert!(
                far.slots(Granularity::Month {
                    offset_hours: hours
                })
                .is_err()
            );
        }
    }
}
