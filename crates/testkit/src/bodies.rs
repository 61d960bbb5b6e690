//! Request bodies that work; tests change what they are about.

use serde_json::{Value, json};

use crate::seed::MAIN;

/// A buyer, as the PG wants one.
pub fn customer() -> Value {
    json!({
        "id": "customer-1",
        "name": { "full": "홍길동" },
        "email": "hong@shop.test",
        "phoneNumber": "010-1234-5678",
    })
}

/// A card that works.
pub fn card() -> Value {
    card_number("4111111111111111")
}

/// A card of this number: some are magic at the simulator.
pub fn card_number(number: &str) -> Value {
    json!({
        "number": number,
        "expiryYear": "31",
        "expiryMonth": "12",
        "birthOrBusinessRegistrationNumber": "900101",
        "passwordTwoDigits": "12",
    })
}

/// `POST /payments/{paymentId}/instant` by card, 1000 won.
pub fn card_payment() -> Value {
    json!({
        "channelKey": MAIN.channels[0],
        "method": { "card": { "credential": card() } },
        "orderName": "나룻배 표",
        "amount": { "total": 1000 },
        "currency": "KRW",
        "customer": customer(),
    })
}

/// `POST /payments/{paymentId}/instant` by virtual account, 1000 won.
pub fn virtual_account() -> Value {
    json!({
        "channelKey": MAIN.channels[0],
        "method": { "virtualAccount": {
            "bank": "SHINHAN",
            "expiry": { "validHours": 24 },
            "option": { "type": "NORMAL" },
            "remitteeName": "나루",
        } },
        "orderName": "나룻배 표",
        "amount": { "total": 1000 },
        "currency": "KRW",
        "customer": customer(),
    })
}

/// `POST /billing-keys` by card.
pub fn billing_key() -> Value {
    json!({
        "channelKey": MAIN.channels[1],
        "method": { "card": { "credential": card() } },
        "customer": customer(),
    })
}

/// `POST /payments/{paymentId}/billing-key`, 1000 won.
pub fn charge(billing_key: &str) -> Value {
    json!({
        "billingKey": billing_key,
        "orderName": "정기권",
        "amount": { "total": 1000 },
        "currency": "KRW",
        "customer": customer(),
    })
}

/// `POST /payments/{paymentId}/schedule`, 1000 won at this time.
pub fn schedule(billing_key: &str, time_to_pay: impl std::fmt::Display) -> Value {
    json!({ "payment": charge(billing_key), "timeToPay": time_to_pay.to_string() })
}

/// `POST /cash-receipts` for a person, 1000 won.
pub fn cash_receipt(payment_id: &str) -> Value {
    json!({
        "paymentId": payment_id,
        "channelKey": MAIN.channels[0],
        "type": "PERSONAL",
        "orderName": "나룻배 표",
        "currency": "KRW",
        "amount": { "total": 1000 },
        "customer": { "identityNumber": "010-1234-5678", "name": "홍길동" },
    })
}

/// `POST /payments/{paymentId}/cancel`, all of it.
pub fn cancel() -> Value {
    json!({ "reason": "변심" })
}

/// The bank account that money of a virtual account goes back to.
pub fn refund_account() -> Value {
    json!({ "bank": "SHINHAN", "number": "110-123-456789", "holderName": "홍길동" })
}

/// `POST /identity-verifications/{identityVerificationId}/send` by message, through Danal.
pub fn identity() -> Value {
    json!({
        "channelKey": MAIN.identity_channels[0],
        "customer": {
            "id": "customer-1",
            "name": "홍길동",
            "phoneNumber": "01012345678",
            "identityNumber": "9001011",
            "ipAddress": "203.0.113.7",
        },
        "operator": "SKT_MVNO",
        "method": "SMS",
        "bypass": { "kcpV2": { "media_type": "MC01" } },
    })
}
