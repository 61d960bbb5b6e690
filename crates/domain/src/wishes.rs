//! What a merchant's page wishes of a PG's window, besides the order.
//!
//! Codes are those of the V2 contract. A connector takes what its PG knows, refuses what the PG's
//! rules refuse, and leaves the rest.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The wishes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowWishes {
    /// The language, such as `KO_KR`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// `REAL` or `DIGITAL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_type: Option<String>,
    /// How long what is bought is provided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer_period: Option<OfferPeriod>,
    /// Of a payment by card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<CardWishes>,
    /// The provider, such as `KAKAOPAY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub easy_pay_provider: Option<String>,
    /// Whose gift certificate, such as `CULTURELAND`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gift_certificate: Option<String>,
    /// The carriers offered, such as `SKT`; all if none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub carriers: Vec<String>,
    /// Whether the customer is not to be asked for a cash receipt.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hides_cash_receipt: bool,
    /// The app to return to from a card company's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_scheme: Option<String>,
    /// The merchant's own id for the issue of a billing key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_id: Option<String>,
    /// What is meant for the PG alone: a JSON object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bypass: Option<String>,
}

/// Wishes of a payment by card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CardWishes {
    /// The company whose own window is opened at once, such as `SHINHAN_CARD`.
    pub company: Option<String>,
    /// The companies offered; all if none.
    pub offered: Vec<String>,
    /// The months, which the customer can't choose.
    pub fixed_months: Option<u16>,
    /// The months that the customer may choose; the PG's own if none.
    pub months: Vec<u16>,
    /// Instalments without interest that the merchant pays for.
    pub free: Vec<FreeInstallment>,
    /// Whether card points may be used.
    pub points: bool,
}

/// Instalments of one card company without interest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeInstallment {
    /// The company.
    pub company: String,
    /// The months.
    pub months: Vec<u16>,
}

/// How long what is bought is provided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum OfferPeriod {
    /// From and to.
    Range {
        /// The beginning.
        from: Option<Timestamp>,
        /// The end.
        to: Option<Timestamp>,
    },
    /// Again and again, such as `1m` or `1y`.
    Interval(String),
}
