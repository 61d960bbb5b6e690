//! Points in time.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A point in time, in microseconds since 1970 in UTC.
///
/// The domain never reads a clock: a timestamp comes in with the command. Its text form is
/// RFC 3339 in UTC with `Z`, trailing zeros of the fraction trimmed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// A Korean date or time as the browser SDKs write it: `YYYYMMDD`, `YYYYMMDDHHmmss`,
    /// `YYYY-MM-DD` or `YYYY-MM-DD HH:mm:ss`. A date means its whole day. An RFC 3339 time is taken
    /// too, as the REST API has it.
    pub fn in_korea(text: &str) -> Option<Self> {
        let digits: String = text
            .chars()
            .filter(|c| !matches!(c, '-' | ':' | ' '))
            .collect();
        let is_plain = digits.bytes().all(|c| c.is_ascii_digit());
        let (date, time) = match digits.len() {
            8 if is_plain => (digits.as_str(), "235959"),
            14 if is_plain => digits.split_at(8),
            _ => return text.parse().ok(),
        };
        let part = |text: &str, from: usize, to: usize| text.get(from..to).map(str::to_owned);
        format!(
            "{}-{}-{}T{}:{}:{}+09:00",
            part(date, 0, 4)?,
            part(date, 4, 6)?,
            part(date, 6, 8)?,
            part(time, 0, 2)?,
            part(time, 2, 4)?,
            part(time, 4, 6)?,
        )
        .parse()
        .ok()
    }

    /// From microseconds since 1970.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since 1970, cut.
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Seconds since 1970, cut.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Later by so many milliseconds (earlier if negative); stops at the ends of the range.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis.saturating_mul(1_000)))
    }

    /// Later by so many seconds (earlier if negative); stops at the ends of the range.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1_000))
    }

    /// The same point without its fraction of a second.
    #[must_use]
    pub const fn whole_seconds(self) -> Self {
        Self(self.as_seconds().saturating_mul(1_000_000))
    }

    /// As a `jiff` timestamp; out of its range, the epoch.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(value: jiff::Timestamp) -> Self {
        Self(value.as_microsecond())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_jiff().fmt(f)
    }
}

/// A text that is no RFC 3339 date and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 date and time")]
pub struct NotATimestamp;

impl FromStr for Timestamp {
    type Err = NotATimestamp;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<jiff::Timestamp>()
            .map(Self::from)
            .map_err(|_| NotATimestamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_dates_are_korean_and_a_date_means_its_whole_day() {
        let day = "2026-12-01T14:59:59Z".parse().ok();
        let noon = "2026-12-01T03:00:00Z".parse().ok();
        for (text, expected) in [
            ("20261201", day),
            ("2026-12-01", day),
            ("20261201120000", noon),
            ("2026-12-01 12:00:00", noon),
            ("2026-12-01T12:00:00+09:00", noon),
            ("2026-13-01", None),
            ("2026-12", None),
            ("tomorrow", None),
        ] {
            assert_eq!(Timestamp::in_korea(text), expected, "{text}");
        }
    }

    #[test]
    fn text_form_is_utc_with_trimmed_fraction() {
        let at: Timestamp = "2026-01-15T12:20:11.480+09:00".parse().unwrap();
        assert_eq!(at.to_string(), "2026-01-15T03:20:11.48Z");
        assert_eq!(at.whole_seconds().to_string(), "2026-01-15T03:20:11Z");
    }

    #[test]
    fn a_local_time_without_zone_is_refused() {
        assert_eq!(
            "2026-01-15T12:20:11".parse::<Timestamp>(),
            Err(NotATimestamp)
        );
    }
}
