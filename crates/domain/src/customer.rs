//! The customer of a payment or a billing key, as the merchant named them.

use serde::{Deserialize, Serialize};

/// What is known of a customer. Every field is optional; PGs demand some of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Customer {
    /// The merchant's own id for them.
    pub id: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// Four digits.
    pub birth_year: Option<String>,
    /// Two digits.
    pub birth_month: Option<String>,
    /// Two digits.
    pub birth_day: Option<String>,
    /// MALE, FEMALE or OTHER.
    pub gender: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Digits only.
    pub phone_number: Option<String>,
    /// Where they live.
    pub address: Option<Address>,
    /// Postal code.
    pub zipcode: Option<String>,
}

/// An address in lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// First line.
    pub line1: String,
    /// Second line.
    pub line2: String,
    /// City.
    pub city: Option<String>,
    /// Province.
    pub province: Option<String>,
    /// ISO 3166 code.
    pub country: Option<String>,
}

impl Address {
    /// All of it in one line.
    pub fn one_line(&self) -> String {
        format!("{} {}", self.line1, self.line2).trim().to_owned()
    }
}
