//! Calls of the V2 API and of the simulators' controls, as a merchant's server makes them.
//!
//! A call ends in what was heard, or in [`Heard::Lost`]: then the caller knows nothing.

use std::time::Duration;

use naru_engine::{SystemTime, Time as _};
use serde_json::{Value, json};

use crate::support::Place;

/// A merchant is told to wait for 60 s at least.
const TIMEOUT: Duration = Duration::from_secs(75);

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// HTTP status.
    pub status: u16,
    /// Whether it says that it is a replay.
    pub is_replay: bool,
    /// The body.
    pub body: Value,
}

impl Told {
    /// The error's type; empty for none.
    pub fn kind(&self) -> &str {
        text(&self.body, "/type")
    }
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// With an answer.
    Told(Told),
    /// Without one.
    Lost,
}

impl Heard {
    /// The body of an answer with status 200.
    pub fn success(&self) -> Option<&Value> {
        match self {
            Self::Told(told) if told.status == 200 => Some(&told.body),
            Self::Told(_) | Self::Lost => None,
        }
    }

    /// An answer that says nothing about what happened: the server could not go on.
    pub fn is_unclear(&self) -> bool {
        match self {
            Self::Told(told) => told.status == 503,
            Self::Lost => true,
        }
    }
}

/// A text inside a document; empty if it is not there.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or("")
}

/// An integer inside a document; 0 if it is not there.
pub fn number(value: &Value, pointer: &str) -> i64 {
    value.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
}

/// Elements of an array inside a document.
pub fn items<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    let found = value.pointer(pointer).and_then(Value::as_array);
    found.map_or(&[], Vec::as_slice)
}

/// A client with connections of its own.
#[derive(Debug, Clone)]
pub struct Api {
    http: reqwest::Client,
}

impl Api {
    /// A new one.
    pub fn new() -> Self {
        install_crypto();
        let http = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .timeout(TIMEOUT)
            .build()
            .unwrap();
        Self { http }
    }

    /// `POST`, with an idempotency key if one is given.
    pub async fn post(&self, place: &Place, path: &str, body: &Value, key: Option<&str>) -> Heard {
        let mut request = self
            .http
            .post(format!("{}{path}", place.url))
            .header("authorization", format!("PortOne {}", place.secret))
            .json(body);
        if let Some(key) = key {
            request = request.header("idempotency-key", format!("\"{key}\""));
        }
        hear(request).await
    }

    /// `DELETE` of the V2 API, with a body.
    pub async fn delete(&self, place: &Place, path: &str, body: &Value) -> Heard {
        let request = self.http.delete(format!("{}{path}", place.url));
        let request = request.header("authorization", format!("PortOne {}", place.secret));
        hear(request.json(body)).await
    }

    /// `GET` of the V2 API.
    pub async fn get(&self, place: &Place, path: &str) -> Heard {
        self.get_as(place, path, &place.secret).await
    }

    /// `GET` of the V2 API with another secret.
    pub async fn get_as(&self, place: &Place, path: &str, secret: &str) -> Heard {
        let request = self.http.get(format!("{}{path}", place.url));
        hear(request.header("authorization", format!("PortOne {secret}"))).await
    }

    /// `GET` of anything without a credential.
    pub async fn read(&self, url: &str) -> Heard {
        hear(self.http.get(url)).await
    }

    /// `POST` to anything without a credential.
    pub async fn tell(&self, url: &str, body: &Value) -> Heard {
        hear(self.http.post(url).json(body)).await
    }

    /// `PUT` of a control.
    pub async fn put(&self, url: &str, body: &Value) -> Heard {
        hear(self.http.put(url).json(body)).await
    }

    /// `DELETE` of a control.
    pub async fn clear(&self, url: &str) -> Heard {
        hear(self.http.delete(url)).await
    }
}

/// `reqwest` is built without a TLS provider of its own.
fn install_crypto() {
    naru_egress::install_crypto();
}

async fn hear(request: reqwest::RequestBuilder) -> Heard {
    let Ok(answer) = request.send().await else {
        return Heard::Lost;
    };
    let status = answer.status().as_u16();
    let is_replay = answer
        .headers()
        .get("idempotency-replayed")
        .is_some_and(|value| value == "true");
    match answer.bytes().await {
        Ok(bytes) => Heard::Told(Told {
            status,
            is_replay,
            body: serde_json::from_slice(&bytes).unwrap_or_else(|_| json!({})),
        }),
        Err(_) => Heard::Lost,
    }
}

/// Path of a payment.
pub fn payment_path(payment: &str) -> String {
    format!("/payments/{payment}")
}

/// The body of a payment by card.
pub fn card_body(place: &Place, card: &str, amount: i64, notice: &str) -> Value {
    let method = json!({"card": {"credential": {
        "number": card, "expiryYear": "30", "expiryMonth": "12",
        "birthOrBusinessRegistrationNumber": "900101", "passwordTwoDigits": "12"
    }}});
    body(place, &method, amount, notice)
}

/// The body of a payment by virtual account.
pub fn account_body(place: &Place, amount: i64, notice: &str) -> Value {
    let method = json!({"virtualAccount": {
        "bank": "SHINHAN", "expiry": {"validHours": 72}, "option": {"type": "NORMAL"}
    }});
    body(place, &method, amount, notice)
}

/// The body of an issue of a billing key.
pub fn billing_key_body(place: &Place, card: &str) -> Value {
    let card = card_body(place, card, 0, "");
    json!({
        "channelGroupId": place.channel_group,
        "customer": card["customer"], "method": card["method"]
    })
}

/// The body of a charge of a billing key.
pub fn charge_body(place: &Place, key: &str, amount: i64, notice: &str) -> Value {
    let card = card_body(place, "", amount, notice);
    json!({
        "billingKey": key, "orderName": "kill test", "currency": "KRW",
        "amount": card["amount"], "customer": card["customer"], "noticeUrls": card["noticeUrls"]
    })
}

/// The body of a schedule that is due in so many milliseconds.
pub fn schedule_body(charge: &Value, in_ms: i64) -> Value {
    let time_to_pay = SystemTime.now().plus_millis(in_ms);
    json!({"payment": charge, "timeToPay": time_to_pay.to_string()})
}

/// A text as it stands in a query.
pub fn url_encoded(text: &str) -> String {
    let encoded: Vec<String> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    encoded.concat()
}

fn body(place: &Place, method: &Value, amount: i64, notice: &str) -> Value {
    let mut body = json!({
        "orderName": "kill test", "currency": "KRW",
        "amount": {"total": amount}, "method": method,
        "customer": {"name": {"full": "Hong Gildong"}, "email": "hong@shop.example",
                     "phoneNumber": "010-0000-0000"}
    });
    // Half of them through a channel group, on which failover is switched on.
    if amount % 2 == 0 {
        body["channelGroupId"] = json!(place.channel_group);
    } else {
        body["channelKey"] = json!(place.channel);
    }
    if !notice.is_empty() {
        body["noticeUrls"] = json!([notice]);
    }
    body
}
