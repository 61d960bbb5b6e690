//! Days without a time, as Korean law writes them on an invoice.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A day of the Korean calendar; its text form is `yyyy-MM-dd`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CivilDate(Date);

/// A text that is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a date of the form `yyyy-MM-dd`")]
pub struct NotADate;

/// Korea has had no summer time since 1988.
const KOREA: Offset = Offset::constant(9);

impl CivilDate {
    /// The day of a moment in Korea.
    pub fn in_korea(at: Timestamp) -> Self {
        Self(at.to_jiff().to_zoned(TimeZone::fixed(KOREA)).date())
    }

    /// The day's first moment in Korea.
    pub fn begins_at(self) -> Timestamp {
        let midnight = self.0.to_zoned(TimeZone::fixed(KOREA));
        midnight.map_or(Timestamp::default(), |at| at.timestamp().into())
    }

    /// The day after.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1.day()))
    }

    /// Until when an invoice of this write date is issued in time: the tenth of the next month, by
    /// the value-added tax act.
    #[must_use]
    pub fn issuance_due(self) -> Self {
        let next_month = self.0.saturating_add(1.month());
        Self(next_month.with().day(10).build().unwrap_or(next_month))
    }

    /// The date.
    pub const fn as_jiff(self) -> Date {
        self.0
    }
}

impl FromStr for CivilDate {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // `jiff` also reads dates with times and other forms.
        let has_form = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let date = has_form.then(|| text.parse::<Date>().ok()).flatten();
        date.map(Self).ok_or(NotADate)
    }
}

impl TryFrom<String> for CivilDate {
    type Error = NotADate;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<CivilDate> for String {
    fn from(date: CivilDate) -> Self {
        date.to_string()
    }
}

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> CivilDate {
        text.parse().unwrap()
    }

    #[test]
    fn only_real_days_in_one_form_are_read() {
        assert_eq!(date("2026-02-28").to_string(), "2026-02-28");
        for wrong in [
            "2026-02-30",
            "20260228",
            "2026-2-28",
            "2026-02-28T00:00",
            "",
        ] {
            assert_eq!(wrong.parse::<CivilDate>(), Err(NotADate), "{wrong}");
        }
    }

    #[test]
    fn a_day_is_koreas() {
        let late: Timestamp = "2026-01-31T15:00:00Z".parse().unwrap();
        assert_eq!(CivilDate::in_korea(late), date("2026-02-01"));
        assert_eq!(date("2026-02-01").begins_at(), late);
    }

    #[test]
    fn an_invoice_is_due_on_the_tenth_of_the_next_month() {
        assert_eq!(date("2026-01-31").issuance_due(), date("2026-02-10"));
        assert_eq!(date("2026-12-01").issuance_due(), date("2027-01-10"));
    }
}
