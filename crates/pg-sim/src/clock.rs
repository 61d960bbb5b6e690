//! The business clock of the simulated PG.
//!
//! Stamps in answers, validity of accounts and the times in the books come from here: the
//! process clock plus an offset that the control `POST /clock` moves. Delays, time-outs and
//! retries never use it. The process clock is the machine's, or one that was handed in.
//! Invariant: the offset is the only thing that moves; one stamp is one instant, written in Korea
//! time without a zone as KG Inicis writes it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// Korea has had no daylight saving since 1988, so a constant offset is exact.
const KST: Offset = jiff::tz::offset(9);

/// The process clock: where it comes from.
#[derive(Clone)]
pub struct ProcessClock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl ProcessClock {
    /// A clock that tells milliseconds since the epoch.
    pub fn new(now_ms: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now_ms))
    }

    fn now_ms(&self) -> i64 {
        (self.0)()
    }
}

impl Default for ProcessClock {
    /// The machine's.
    fn default() -> Self {
        Self::new(process_ms)
    }
}

impl fmt::Debug for ProcessClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProcessClock")
    }
}

/// The offset of the business clock from the process clock.
#[derive(Debug)]
pub(crate) struct BusinessClock {
    process: ProcessClock,
    offset_ms: AtomicI64,
}

impl BusinessClock {
    pub(crate) fn new(process: ProcessClock, offset_ms: i64) -> Self {
        Self {
            process,
            offset_ms: AtomicI64::new(offset_ms),
        }
    }

    pub(crate) fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::SeqCst)
    }

    pub(crate) fn set_offset_ms(&self, offset_ms: i64) {
        self.offset_ms.store(offset_ms, Ordering::SeqCst);
    }

    /// The business time in milliseconds since the epoch.
    pub(crate) fn now_ms(&self) -> i64 {
        self.process.now_ms().saturating_add(self.offset_ms())
    }
}

/// The machine's clock in milliseconds since the epoch.
pub(crate) fn process_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// An instant as KG Inicis writes it: Korea time, digits only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp(DateTime);

impl Stamp {
    pub(crate) fn of(at_ms: i64) -> Self {
        // Out-of-range instants can't come in: the clock control bounds the offset.
        let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        Self(KST.to_datetime(at))
    }

    /// The day in Korea.
    pub(crate) fn day(self) -> jiff::civil::Date {
        self.0.date()
    }

    /// `yyyyMMdd`.
    pub(crate) fn date(self) -> String {
        format!(
            "{:04}{:02}{:02}",
            self.0.year(),
            self.0.month(),
            self.0.day()
        )
    }

    /// `HHmmss`.
    pub(crate) fn time(self) -> String {
        format!(
            "{:02}{:02}{:02}",
            self.0.hour(),
            self.0.minute(),
            self.0.second()
        )
    }

    /// `yyyyMMddHHmmss`.
    pub(crate) fn compact(self) -> String {
        self.date() + &self.time()
    }

    /// RFC 3339 with the Korean offset, for the controls.
    pub(crate) fn rfc3339(self) -> String {
        let d = self.0;
        let (date, millis) = (d.date(), d.subsec_nanosecond() / 1_000_000);
        format!(
            "{date}T{:02}:{:02}:{:02}.{millis:03}+09:00",
            d.hour(),
            d.minute(),
            d.second()
        )
    }
}

/// Reads `yyyyMMdd` and `HHmmss` in Korea time.
pub(crate) fn read_stamp(date: &str, time: &str) -> Option<i64> {
    let text = format!("{date}{time}");
    if text.len() != 14 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
    let small = |range| part(range).and_then(|n| i8::try_from(n).ok());
    let (year, month, day) = (part(0..4)?, small(4..6)?, small(6..8)?);
    let (hour, minute, second) = (small(8..10)?, small(10..12)?, small(12..14)?);
    let civil = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    KST.to_timestamp(civil).ok().map(Timestamp::as_millisecond)
}

/// Where a clock control wants the business clock.
#[derive(Debug)]
pub(crate) enum Move {
    /// By an ISO 8601 duration, calendar units counted in Korea time.
    Advance(jiff::Span),
    /// To an instant.
    Set(i64),
}

/// The offset after `step`, or `None` if the clock would leave the years 2000 to 2100.
pub(crate) fn moved_offset_ms(offset_ms: i64, step: &Move) -> Option<i64> {
    let process = process_ms();
    let target = match step {
        Move::Set(at_ms) => *at_ms,
        Move::Advance(span) => {
            let now = Timestamp::from_millisecond(process.checked_add(offset_ms)?).ok()?;
            let moved = now.to_zoned(TimeZone::fixed(KST)).checked_add(*span).ok()?;
            moved.timestamp().as_millisecond()
        }
    };
    let year = KST
        .to_datetime(Timestamp::from_millisecond(target).ok()?)
        .year();
    (2000..=2100).contains(&year).then(|| target - process)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_korea_time() {
        let stamp = Stamp::of(1_767_225_600_000);
        assert_eq!(stamp.compact(), "20260101090000");
        assert_eq!(stamp.rfc3339(), "2026-01-01T09:00:00.000+09:00");
        assert_eq!(read_stamp("20260101", "090000"), Some(1_767_225_600_000));
    }

    #[test]
    fn a_date_that_does_not_exist_is_not_read() {
        for (date, time) in [
            ("20260231", "000000"),
            ("2026131", "0000000"),
            ("20260101", "2460"),
        ] {
            assert_eq!(read_stamp(date, time), None);
        }
    }

    #[test]
    fn the_clock_stays_in_its_century() {
        assert!(moved_offset_ms(0, &Move::Set(0)).is_none());
        let span: jiff::Span = "PT1H".parse().unwrap();
        let offset = moved_offset_ms(5_000, &Move::Advance(span)).unwrap();
        assert!((3_604_990..=3_605_010).contains(&offset), "{offset}");
    }
}
