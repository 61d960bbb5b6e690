//! Bodies of requests.

use serde_json::{Value, json};

/// What is charged, in won.
pub const PRICE: u64 = 1_000;
/// A card that is accepted.
pub const CARD: &str = "4000000000000001";

/// The body of a charge by card.
pub fn card_payment(channel: &str, number: &str) -> Value {
    json!({
        "channelKey": channel, "orderName": "bench", "currency": "KRW",
        "amount": {"total": PRICE},
        "customer": {"name": {"full": "Hong Gildong"}, "email": "hong@shop.example",
                     "phoneNumber": "010-0000-0000"},
        "method": {"card": {"credential": {
            "number": number, "expiryYear": "30", "expiryMonth": "12",
            "birthOrBusinessRegistrationNumber": "900101", "passwordTwoDigits": "12"}}}
    })
}
