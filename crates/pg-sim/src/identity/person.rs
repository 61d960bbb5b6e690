//! The people behind the phones, and what follows from them.
//!
//! Names, phone numbers and birth dates are in the books, as they are in those of a PG; the digits
//! of an identity number are not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::Way;

/// Who was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) way: Way,
    pub(crate) name: String,
    pub(crate) phone: String,
    /// As this PG calls it; or who identified the person, where it asks others.
    pub(crate) carrier: String,
    pub(crate) birth: Birth,
}

/// A birth date, and what a resident number says besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Birth {
    #[serde(with = "day")]
    pub(crate) date: Date,
    pub(crate) male: bool,
    pub(crate) foreign: bool,
}

/// A day as `yyyyMMdd`.
mod day {
    use jiff::civil::Date;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    use super::Birth;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&day.strftime("%Y%m%d"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
        let text = String::deserialize(from)?;
        Birth::date(&text).ok_or_else(|| de::Error::custom("no day"))
    }
}

impl Birth {
    /// Reads `YYMMDD` and the digit behind it.
    pub(crate) fn of_number(text: &str) -> Option<Self> {
        if text.len() != 7 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let sex: i16 = text.get(6..)?.parse().ok()?;
        let century = match sex {
            1 | 2 | 5 | 6 => "19",
            3 | 4 | 7 | 8 => "20",
            _ => "18",
        };
        let date = Self::date(&format!("{century}{}", text.get(..6)?))?;
        Some(Self {
            date,
            male: sex % 2 == 1,
            foreign: (5..=8).contains(&sex),
        })
    }

    /// Reads `yyyyMMdd`.
    pub(crate) fn date(text: &str) -> Option<Date> {
        if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let part = |from: usize, to: usize| text.get(from..to)?.parse::<i8>().ok();
        Date::new(text.get(..4)?.parse().ok()?, part(4, 6)?, part(6, 8)?).ok()
    }

    /// Of somebody of whom only the phone is known: an app knows its owner.
    pub(crate) fn of_phone(phone: &str) -> Self {
        let bytes = Sha256::digest(format!("person:{phone}"));
        let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
        let day = |n: u8, of: u8| i8::try_from(n % of + 1).unwrap_or(1);
        let date = Date::new(
            1960 + i16::from(byte(0) % 45),
            day(byte(1), 12),
            day(byte(2), 28),
        );
        Self {
            date: date.unwrap_or(Date::MIN),
            male: byte(3) % 2 == 0,
            foreign: false,
        }
    }

    /// `YYMMDD` and the digit behind it.
    pub(crate) fn number(self) -> String {
        let digit = match (self.date.year() / 100, self.foreign) {
            (18, _) => 9,
            (19, false) => 1,
            (19, true) => 5,
            (_, false) => 3,
            (_, true) => 7,
        };
        // The even digit after each odd one is female; after 9 comes 0.
        let digit = if self.male { digit } else { (digit + 1) % 10 };
        let date = self.compact();
        format!("{}{digit}", date.get(2..).unwrap_or_default())
    }

    /// `yyyyMMdd`.
    pub(crate) fn compact(self) -> String {
        self.date.to_string().replace('-', "")
    }

    /// Whole years on a day.
    pub(crate) fn age(self, today: Date) -> u32 {
        let had = (today.month(), today.day()) >= (self.date.month(), self.date.day());
        let years = today.year() - self.date.year() - i16::from(!had);
        u32::try_from(years).unwrap_or(0)
    }
}

impl Person {
    /// What identifies the person everywhere: 88 characters of base64.
    pub(crate) fn ci(&self) -> String {
        let birth = self.birth.number();
        STANDARD.encode(Sha512::digest(format!("ci:{}:{birth}", self.name)))
    }

    /// What identifies the person at one merchant: 64 characters of base64.
    pub(crate) fn di(&self, mid: &str) -> String {
        STANDARD.encode(Sha384::digest(format!("di:{mid}:{}", self.ci())))
    }
}

/// Six digits that follow from texts.
pub(crate) fn six_digits(parts: &[&str]) -> String {
    let bytes = Sha256::digest(parts.join(":"));
    let number = bytes
        .iter()
        .take(4)
        .fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
    format!("{:06}", number % 1_000_000)
}

/// Digits only, of whatever form a phone number has.
pub(crate) fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_read_is_written_again() {
        for number in [
            "9001011", "9001012", "0402293", "0402294", "8512315", "8512316", "1005057", "9912319",
            "9912310",
        ] {
            assert_eq!(Birth::of_number(number).unwrap().number(), number);
        }
        for wrong in ["", "900101", "9013011", "0002301x", "0302293"] {
            assert!(Birth::of_number(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn people_have_birthdays() {
        let birth = Birth::of_number("0703153").unwrap();
        assert_eq!(birth.age(jiff::civil::date(2026, 3, 14)), 18);
        assert_eq!(birth.age(jiff::civil::date(2026, 3, 15)), 19);
    }

    #[test]
    fn connecting_information_has_the_documented_lengths() {
        let person = Person {
            way: Way::Sms,
            name: "홍길동".to_owned(),
            phone: "01012345678".to_owned(),
            carrier: "SKT".to_owned(),
            birth: Birth::of_phone("01012345678"),
        };
        assert_eq!((person.ci().len(), person.di("a").len()), (88, 64));
        assert!(person.ci().ends_with("=="));
        assert_ne!(person.di("a"), person.di("b"));
    }
}
