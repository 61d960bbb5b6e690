//! Whether a text is one of the contract's: for administration, which must not keep what the face
//! could never show.

use naru_wire_v2 as wire;

/// A currency, such as `KRW`.
pub fn is_currency(text: &str) -> bool {
    wire::Currency::parse(text).is_some()
}

/// A country, such as `KR`.
pub fn is_country(text: &str) -> bool {
    wire::Country::parse(text).is_some()
}

/// A method of payment of the hosted checkout, such as `CARD_KR`.
pub fn is_checkout_method(text: &str) -> bool {
    wire::CheckoutPaymentMethod::parse(text).is_some()
}
