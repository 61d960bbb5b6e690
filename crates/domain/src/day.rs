//! Days of the calendar, as settlements are told: without a time and without a zone.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A day. Its text form is `yyyy-MM-dd`, whose order by bytes is the order of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(Date);

/// A text that names no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a day written as `yyyy-MM-dd`")]
pub struct NotADay;

impl Day {
    /// The day of that year, month and day; nothing where there is none.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        // Four digits: the order of texts is the order of days.
        (1_000..=9_999)
            .contains(&year)
            .then(|| Date::new(year, month, day).ok())
            .flatten()
            .map(Self)
    }

    /// The day that a moment falls on in a time zone.
    pub fn of(at: Timestamp, zone: &TimeZone) -> Self {
        Self(zone.to_datetime(at.to_jiff()).date())
    }

    /// Its first moment in a time zone.
    pub fn begins_at(self, zone: &TimeZone) -> Timestamp {
        self.0
            .to_zoned(zone.clone())
            .map_or_else(|_| Timestamp::default(), |start| start.timestamp().into())
    }

    /// Later by so many days, earlier if negative; stops at the ends of the calendar.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().days(days)))
    }

    /// How many days later the other one is.
    pub fn days_until(self, other: Self) -> i64 {
        self.0
            .until(other.0)
            .map_or(0, |span| i64::from(span.get_days()))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, NotADay> {
        let mut parts = text.split('-');
        let mut part = |length: usize| {
            parts
                .next()
                .filter(|part| part.len() == length && part.bytes().all(|b| b.is_ascii_digit()))
                .ok_or(NotADay)
        };
        let (year, month, day) = (part(4)?, part(2)?, part(2)?);
        if parts.next().is_some() {
            return Err(NotADay);
        }
        let year = year.parse().map_err(|_| NotADay)?;
        let month = month.parse().map_err(|_| NotADay)?;
        let day = day.parse().map_err(|_| NotADay)?;
        Self::new(year, month, day).ok_or(NotADay)
    }
}

impl TryFrom<String> for Day {
    type Error = NotADay;

    fn try_from(text: String) -> Result<Self, NotADay> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_reads_back_and_nothing_else_is_one() {
        let day: Day = "2028-02-29".parse().unwrap();
        assert_eq!(day.to_string(), "2028-02-29");
        assert_eq!(day.plus_days(1).to_string(), "2028-03-01");
        assert_eq!(day.days_until(day.plus_days(-400)), -400);
        for text in [
            "",
            "2027-02-29",
            "2026-1-01",
            "2026-01-1",
            "0999-01-01",
            "2026-01-01T00:00",
            "2026-01-01-",
            "20260101",
            "２０２６-01-01",
            "+026-01-01",
        ] {
            assert_eq!(text.parse::<Day>(), Err(NotADay), "{text}");
        }
    }

    #[test]
    fn a_moment_falls_on_the_day_of_its_zone() {
        let zone = TimeZone::get("Asia/Seoul").unwrap();
        let at: Timestamp = "2026-01-14T15:00:00Z".parse().unwrap();
        let day = Day::of(at, &zone);
        assert_eq!(day.to_string(), "2026-01-15");
        assert_eq!(day.begins_at(&zone), at);
        assert_eq!(Day::of(at, &TimeZone::UTC).to_string(), "2026-01-14");
    }
}
