//! The first seven digits of a Korean resident or foreigner number: a birth date and a digit that
//! tells sex, century and nationality.
//!
//! Lives in memory only (P8). Invariant: a value names a real day.

use std::fmt;

/// Birth date, sex and nationality, as seven digits say them.
#[derive(Clone, PartialEq, Eq)]
pub struct IdentityNumber {
    date: jiff::civil::Date,
    is_male: bool,
    is_foreigner: bool,
}

/// A text that is no such number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the first seven digits of a resident number")]
pub struct NotAnIdentityNumber;

impl fmt::Debug for IdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityNumber(…)")
    }
}

impl IdentityNumber {
    /// Reads seven digits: `YYMMDD` and the sex digit. Nobody is born after `today`.
    pub fn parse(text: &str, today: jiff::civil::Date) -> Result<Self, NotAnIdentityNumber> {
        let bytes: [u8; 7] = text
            .as_bytes()
            .try_into()
            .map_err(|_| NotAnIdentityNumber)?;
        if !bytes.iter().all(u8::is_ascii_digit) {
            return Err(NotAnIdentityNumber);
        }
        let [y1, y2, m1, m2, d1, d2, sex] = bytes.map(|byte| i16::from(byte - b'0'));
        // 1 and 2 were born in 19xx, 3 and 4 in 20xx; 5 to 8 are foreigners of the same
        // centuries; 9 and 0 were born in 18xx. Odd digits are male.
        let (century, is_foreigner) = match sex {
            1 | 2 => (1900, false),
            3 | 4 => (2000, false),
            5 | 6 => (1900, true),
            7 | 8 => (2000, true),
            _ => (1800, false),
        };
        let two = |tens: i16, ones: i16| i8::try_from(tens * 10 + ones).unwrap_or(0);
        let date = jiff::civil::Date::new(century + y1 * 10 + y2, two(m1, m2), two(d1, d2))
            .map_err(|_| NotAnIdentityNumber)?;
        if date > today {
            return Err(NotAnIdentityNumber);
        }
        Ok(Self {
            date,
            is_male: sex % 2 == 1,
            is_foreigner,
        })
    }

    /// Reads seven digits; nobody is born after this moment's day in Korea.
    pub fn parse_at(text: &str, now: crate::Timestamp) -> Result<Self, NotAnIdentityNumber> {
        // Korea has had no daylight saving time since 1988.
        const KOREA: jiff::tz::Offset = jiff::tz::offset(9);
        Self::parse(text, KOREA.to_datetime(now.to_jiff()).date())
    }

    /// Four digits.
    pub fn birth_year(&self) -> String {
        format!("{:04}", self.date.year())
    }

    /// Two digits.
    pub fn birth_month(&self) -> String {
        format!("{:02}", self.date.month())
    }

    /// Two digits.
    pub fn birth_day(&self) -> String {
        format!("{:02}", self.date.day())
    }

    /// `yyyy-MM-dd`.
    pub fn birth_date(&self) -> String {
        self.date.to_string()
    }

    /// MALE or FEMALE.
    pub const fn gender(&self) -> &'static str {
        if self.is_male { "MALE" } else { "FEMALE" }
    }

    /// Whether the digit is a foreigner's.
    pub const fn is_foreigner(&self) -> bool {
        self.is_foreigner
    }
}
