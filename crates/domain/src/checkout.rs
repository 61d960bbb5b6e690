//! The hosted checkout: profiles, which say how it may be paid, and sessions, which say what.
//!
//! A session is public to whoever knows its id, so nothing secret belongs in it.

use serde::{Deserialize, Serialize};

use crate::{ChannelKey, Currency, PaymentId, StoreId, Timestamp};

/// Which methods of payment a store's checkout offers, and through which channels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutProfile {
    /// `checkout-profile-live-…` or `checkout-profile-test-…`.
    pub key: String,
    /// Whose it is.
    pub store_id: StoreId,
    /// For people.
    pub name: String,
    /// Whether its channels are test channels; all of them are of one kind.
    pub is_test: bool,
    /// In the order in which they are offered.
    pub methods: Vec<CheckoutMethod>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A method of payment of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutMethod {
    /// The contract's name, such as `CARD_KR`.
    pub method: String,
    /// Through which channel.
    pub channel: ChannelKey,
    /// Whether it is offered.
    pub is_on: bool,
    /// In which countries; none means all.
    pub countries: Vec<String>,
    /// In which currencies; none means all.
    pub currencies: Vec<String>,
    /// From which amount up.
    pub amount_min: Option<i64>,
    /// Up to which amount.
    pub amount_max: Option<i64>,
}

impl CheckoutMethod {
    /// Whether it is offered for a purchase.
    pub fn fits(&self, country: &str, currency: &Currency, amount: i64) -> bool {
        let lists =
            |list: &[String], wanted: &str| list.is_empty() || list.iter().any(|one| one == wanted);
        self.is_on
            && lists(&self.countries, country)
            && lists(&self.currencies, currency.as_str())
            && self.amount_min.is_none_or(|least| amount >= least)
            && self.amount_max.is_none_or(|most| amount <= most)
    }
}

/// What a customer is to pay on the hosted checkout, until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentSession {
    /// Its id, which nobody can guess: reading needs no credential.
    pub id: String,
    /// Whose it is.
    pub store_id: StoreId,
    /// The payment that it leads to, once the customer begins to pay.
    pub payment_id: PaymentId,
    /// How it may be paid.
    pub profile_key: String,
    /// By which method, where the merchant has chosen.
    pub payment_method: Option<String>,
    /// ISO 3166 code.
    pub country: String,
    /// In which currency.
    pub currency: Currency,
    /// How much.
    pub total_amount: i64,
    /// What is bought.
    pub order_name: String,
    /// Where the customer goes afterwards.
    pub redirect_url: Option<String>,
    /// The lines of the order.
    pub products: Vec<SessionProduct>,
    /// Who buys.
    pub customer_name: Option<String>,
    /// Their address.
    pub customer_email: Option<String>,
    /// What the store is called on the page.
    pub store_name: Option<String>,
    /// What the customer must agree to.
    pub agreements: Vec<SessionAgreement>,
    /// A picture of the order.
    pub order_image_url: Option<String>,
    /// The merchant's own text.
    pub custom_data: Option<String>,
    /// The page's colours: primary, hovered, light.
    pub colors: Option<[Option<String>; 3]>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be paid.
    pub expires_at: Timestamp,
    /// When the merchant closed it.
    pub closed_at: Option<Timestamp>,
}

/// A line of a session's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionProduct {
    /// The merchant's id.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// A code.
    pub code: Option<String>,
    /// Price of one, in minor units.
    pub unit_price: i64,
    /// How many.
    pub quantity: i32,
    /// From which day, `YYYY-MM-DD`.
    pub start_date: Option<String>,
    /// Until which day.
    pub end_date: Option<String>,
    /// A link to it.
    pub url: Option<String>,
    /// `Naver Pay`'s type of category.
    pub n_pay_category_type: Option<String>,
    /// Its category.
    pub n_pay_category_id: Option<String>,
    /// Its id of the product.
    pub n_pay_uid: Option<String>,
}

/// Something that a customer must agree to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionAgreement {
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub url: String,
}

impl PaymentSession {
    /// Whether it can no longer be paid.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.closed_at.is_some() || now >= self.expires_at
    }

    /// When it ended or will.
    pub fn ends_at(&self) -> Timestamp {
        self.closed_at
            .map_or(self.expires_at, |closed| closed.min(self.expires_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_fits_country_currency_and_amount() {
        let method = CheckoutMethod {
            method: "CARD_KR".to_owned(),
            channel: ChannelKey::new("channel-key-1"),
            is_on: true,
            countries: vec!["KR".to_owned(), "JP".to_owned()],
            currencies: vec!["KRW".to_owned()],
            amount_min: Some(100),
            amount_max: Some(1_000),
        };
        let fits = |country, currency: &str, amount| {
            method.fits(country, &Currency::new(currency), amount)
        };
        assert!(fits("KR", "KRW", 100) && fits("JP", "KRW", 1_000));
        assert!(!fits("US", "KRW", 100));
        assert!(!fits("KR", "USD", 100));
        assert!(!fits("KR", "KRW", 99) && !fits("KR", "KRW", 1_001));
        let all = CheckoutMethod {
            countries: Vec::new(),
            currencies: Vec::new(),
            amount_min: None,
            amount_max: None,
            ..method.clone()
        };
        assert!(all.fits("US", &Currency::new("USD"), i64::MAX));
        let off = CheckoutMethod {
            is_on: false,
            ..all
        };
        assert!(!off.fits("US", &Currency::new("USD"), 1));
    }
}
