//! Numbers with at most two decimals: quantities and unit costs of an invoice's lines.

use std::fmt;

use serde::{Deserialize, Serialize};

/// `value` divided by ten to the power of `scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decimal {
    /// All digits.
    pub value: i64,
    /// How many of them are decimals: 0 to 2.
    pub scale: u8,
}

/// What a [`Decimal`] may be, in hundredths, both ends included.
#[derive(Debug, Clone, Copy)]
pub struct DecimalRange {
    /// Least.
    pub least: i64,
    /// Most.
    pub most: i64,
}

impl Decimal {
    /// A number; `None` if it has more than two decimals or a negative scale.
    pub fn new(value: i64, scale: i32) -> Option<Self> {
        let scale = u8::try_from(scale).ok().filter(|scale| *scale <= 2)?;
        Some(Self { value, scale })
    }

    /// In hundredths; `None` beyond the range of integers.
    pub fn hundredths(self) -> Option<i64> {
        let factor = match self.scale {
            0 => 100,
            1 => 10,
            _ => 1,
        };
        self.value.checked_mul(factor)
    }

    /// Whether it lies in a range.
    pub fn is_in(self, range: DecimalRange) -> bool {
        self.hundredths()
            .is_some_and(|hundredths| (range.least..=range.most).contains(&hundredths))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.value < 0 { "-" } else { "" };
        let digits = self.value.unsigned_abs();
        match self.scale {
            0 => write!(f, "{sign}{digits}"),
            1 => write!(f, "{sign}{}.{}", digits / 10, digits % 10),
            _ => write!(f, "{sign}{}.{:02}", digits / 100, digits % 100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(value: i64, scale: i32) -> Decimal {
        Decimal::new(value, scale).unwrap()
    }

    #[test]
    fn text_form_keeps_the_scale() {
        assert_eq!(decimal(-105, 2).to_string(), "-1.05");
        assert_eq!(decimal(-5, 1).to_string(), "-0.5");
        assert_eq!(decimal(150, 0).to_string(), "150");
    }

    #[test]
    fn more_than_two_decimals_are_refused() {
        assert_eq!(Decimal::new(1, 3), None);
        assert_eq!(Decimal::new(1, -1), None);
    }

    #[test]
    fn a_range_is_compared_in_hundredths() {
        let range = DecimalRange {
            least: -100,
            most: 250,
        };
        assert!(decimal(25, 1).is_in(range));
        assert!(decimal(-1, 0).is_in(range));
        assert!(!decimal(251, 2).is_in(range));
        assert!(!decimal(i64::MAX, 0).is_in(range));
    }
}
