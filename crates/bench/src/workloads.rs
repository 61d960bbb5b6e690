//! What is asked of the server, as prepared bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use naru_bench::bodies::{CARD, PRICE, card_payment};
use serde_json::{Value, json};

use crate::http::request;
use crate::load::Make;
use crate::naru::Naru;

/// Fills the list with so many payments, and gives reads something to read.
pub const PAYMENTS: u64 = 1_000;

/// The body of a charge of a billing key.
pub fn key_payment(billing_key: &str) -> Value {
    json!({
        "billingKey": billing_key, "orderName": "bench", "currency": "KRW",
        "amount": {"total": PRICE},
        "customer": {"name": {"full": "Hong Gildong"}, "email": "hong@shop.example",
                     "phoneNumber": "010-0000-0000"}
    })
}

/// Charges of a billing key, each with an id of its own.
pub fn key_charges(naru: &Naru, billing_key: &str, prefix: &str) -> Make {
    let body = key_payment(billing_key).to_string();
    let (secret, prefix) = (naru.secret.clone(), prefix.to_owned());
    let make = move |number| {
        let path = format!("/payments/{prefix}-{number}/billing-key");
        request("POST", &path, &secret, &body)
    };
    numbered(u64::MAX, make).0
}

/// A question whose body is in the query, as the official SDK sends it.
pub fn asked(naru: &Naru, path: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let encoded: Vec<String> = body.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let path = format!("{path}?requestBody={}", encoded.concat());
    request("GET", &path, &naru.secret, "")
}

/// Charges by card, each with an id of its own: `PREFIX-NUMBER`, at most `count`.
pub fn charges(naru: &Naru, prefix: &str, count: u64) -> (Make, Arc<AtomicU64>) {
    let body = card_payment(&naru.channel, CARD).to_string();
    numbered(count, {
        let (secret, prefix) = (naru.secret.clone(), prefix.to_owned());
        move |number| {
            let path = format!("/payments/{prefix}-{number}/instant");
            request("POST", &path, &secret, &body)
        }
    })
}

/// Cancels of whole payments, `count` of those that were charged with this prefix.
pub fn cancels(naru: &Naru, prefix: &str, count: u64) -> Make {
    let body = json!({"reason": "bench"}).to_string();
    let (secret, prefix) = (naru.secret.clone(), prefix.to_owned());
    let make = move |number| {
        let path = format!("/payments/{prefix}-{number}/cancel");
        request("POST", &path, &secret, &body)
    };
    numbered(count, make).0
}

/// Reads of single payments.
pub fn reads(naru: &Naru, prefix: &str) -> Make {
    let requests: Vec<Vec<u8>> = (0..PAYMENTS)
        .map(|number| {
            let path = format!("/payments/{prefix}-{number}");
            request("GET", &path, &naru.secret, "")
        })
        .collect();
    strides(requests)
}

/// Requests of a fixed set: connections begin apart and walk in strides, so that they do not read
/// in step.
pub fn strides(requests: Vec<Vec<u8>>) -> Make {
    Arc::new(move |connection, count| {
        let at = (connection * 389 + usize::try_from(count).ok()? * 7) % requests.len();
        requests.get(at).cloned()
    })
}

/// The first page of the list.
pub fn list(naru: &Naru) -> Make {
    let path = "/payments?requestBody=%7B%22page%22%3A%7B%22number%22%3A0%2C%22size%22%3A10%7D%7D";
    let request = request("GET", path, &naru.secret, "");
    Arc::new(move |_, _| Some(request.clone()))
}

/// The same request again and again, for ceilings.
pub fn plain() -> Make {
    let request = request("GET", "/", "", "");
    Arc::new(move |_, _| Some(request.clone()))
}

fn numbered(
    count: u64,
    make: impl Fn(u64) -> Vec<u8> + Send + Sync + 'static,
) -> (Make, Arc<AtomicU64>) {
    let next = Arc::new(AtomicU64::new(0));
    let taken = Arc::clone(&next);
    let make: Make = Arc::new(move |_, _| {
        let number = next.fetch_add(1, Ordering::Relaxed);
        (number < count).then(|| make(number))
    });
    (make, taken)
}
