//! Business registration numbers (사업자등록번호).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A business registration number: ten digits with a right check digit, no hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BusinessNumber(String);

/// A text that is no business registration number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotABusinessNumber {
    /// It has another form.
    #[error("a business registration number has ten digits and no hyphens")]
    Form,
    /// A digit is wrong.
    #[error("the check digit of the business registration number is wrong")]
    CheckDigit,
}

/// What each of the first nine digits counts.
const WEIGHTS: [u32; 9] = [1, 3, 7, 1, 3, 7, 1, 3, 5];

impl BusinessNumber {
    /// The ten digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The check digit of nine digits: the ninth also counts the tens of its product.
fn check_digit(digits: &[u32]) -> u32 {
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(d, w)| d * w).sum();
    let carry = digits.get(8).map_or(0, |ninth| ninth * 5 / 10);
    (10 - (sum + carry) % 10) % 10
}

impl FromStr for BusinessNumber {
    type Err = NotABusinessNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
        let digits = digits
            .filter(|digits| digits.len() == 10)
            .ok_or(NotABusinessNumber::Form)?;
        if digits.get(9).copied() != Some(check_digit(&digits)) {
            return Err(NotABusinessNumber::CheckDigit);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for BusinessNumber {
    type Error = NotABusinessNumber;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<BusinessNumber> for String {
    fn from(number: BusinessNumber) -> Self {
        number.0
    }
}

impl fmt::Display for BusinessNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_decides() {
        for valid in ["1234567891", "9876543215"] {
            assert_eq!(
                valid.parse::<BusinessNumber>().map(String::from),
                Ok(valid.to_owned())
            );
        }
        assert_eq!(
            "1234567890".parse::<BusinessNumber>(),
            Err(NotABusinessNumber::CheckDigit)
        );
    }

    #[test]
    fn a_check_digit_of_zero_is_accepted() {
        assert!("1234567080".parse::<BusinessNumber>().is_ok());
    }

    #[test]
    fn other_forms_are_refused() {
        for wrong in ["", "123-45-67891", "123456789", "12345678911", "12345678٩1"] {
            assert_eq!(
                wrong.parse::<BusinessNumber>(),
                Err(NotABusinessNumber::Form),
                "{wrong}"
            );
        }
    }
}
