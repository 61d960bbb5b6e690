//! Korea time. Every date and time in the PGs' payloads is UTC+9 with no zone in the text.
//!
//! Only converts; never reads a clock. Invariant: what is written here reads back as the same
//! point in time, to the second; a text that names no real date reads as nothing.

use jiff::civil::DateTime;
use jiff::tz::{self, Offset, TimeZone};
use naru_domain::{Day, Timestamp};

/// Korea has had no daylight saving time since 1988.
const KOREA: Offset = tz::offset(9);

fn civil(at: Timestamp) -> DateTime {
    KOREA.to_datetime(at.to_jiff())
}

/// The day in Korea, as settlements are told.
pub(crate) fn settlement_day(at: Timestamp) -> Day {
    Day::of(at, &TimeZone::fixed(KOREA))
}

/// `yyyyMMddHHmmss`.
pub(crate) fn stamp(at: Timestamp) -> String {
    let civil = civil(at);
    format!("{}{}{:02}", date(at), hour_minute(at), civil.second())
}

/// `yyyyMMdd`.
pub(crate) fn date(at: Timestamp) -> String {
    let civil = civil(at);
    format!("{:04}{:02}{:02}", civil.year(), civil.month(), civil.day())
}

/// The day.
pub(crate) fn day(at: Timestamp) -> jiff::civil::Date {
    civil(at).date()
}

/// `HHmm`.
pub(crate) fn hour_minute(at: Timestamp) -> String {
    let civil = civil(at);
    format!("{:02}{:02}", civil.hour(), civil.minute())
}

/// `yyyy-MM-dd HH:mm:ss`.
pub(crate) fn day_and_time(at: Timestamp) -> String {
    civil(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Reads `yyyyMMdd` and `HHmmss` (or `HHmm`).
pub(crate) fn read(date: &str, time: &str) -> Option<Timestamp> {
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if date.len() != 8 || !matches!(time.len(), 4 | 6) || !is_digits(date) || !is_digits(time) {
        return None;
    }
    let year = date.get(..4)?.parse().ok()?;
    let part = |text: &str, from: usize| text.get(from..from + 2)?.parse::<i8>().ok();
    let second = if time.len() == 6 { part(time, 4)? } else { 0 };
    let civil = DateTime::new(
        year,
        part(date, 4)?,
        part(date, 6)?,
        part(time, 0)?,
        part(time, 2)?,
        second,
        0,
    );
    KOREA.to_timestamp(civil.ok()?).ok().map(Timestamp::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_korea_time() {
        let at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(stamp(at), "20260101090000");
        assert_eq!(
            (date(at), hour_minute(at)),
            ("20260101".to_owned(), "0900".to_owned())
        );
        let late: Timestamp = "2026-12-31T15:00:01Z".parse().unwrap();
        assert_eq!(stamp(late), "20270101000001");
    }

    #[test]
    fn what_is_written_reads_back() {
        for seconds in [0, 1_767_225_600, 1_798_761_599, 4_102_444_799] {
            let at = Timestamp::from_micros(seconds * 1_000_000);
            let text = stamp(at);
            assert_eq!(read(&text[..8], &text[8..]), Some(at));
        }
        assert_eq!(
            read("20260101", "0900"),
            Some("2026-01-01T00:00:00Z".parse().unwrap()),
            "minutes alone are enough"
        );
    }

    #[test]
    fn what_is_no_date_reads_as_nothing() {
        for (date, time) in [
            ("20260230", "000000"),
            ("20260101", "240000"),
            ("2026010", "000000"),
            ("20260101", "00000"),
            ("2026-1-1", "000000"),
            ("", ""),
            ("２０２６", "0000"),
        ] {
            assert_eq!(read(date, time), None, "{date} {time}");
        }
    }
}
