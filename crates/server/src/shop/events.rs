//! Webhooks as they came, checked as any shop should: the signature first.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use ring::hmac;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shop;
use crate::sandbox_credentials::WEBHOOK_SECRET;

/// How many are remembered.
const KEPT_MAX: usize = 200;

/// The latest webhooks, oldest first.
#[derive(Default)]
pub(super) struct Events(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    count: u64,
    all: VecDeque<Value>,
}

/// `POST /shop/webhooks`: 200 at once, and nothing is believed that is not signed.
pub(super) async fn take(
    State(shop): State<Arc<Shop>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    if !is_signed(&headers, &body) {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(event) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    let mut kept = shop.events.0.lock().unwrap_or_else(PoisonError::into_inner);
    kept.count += 1;
    let number = kept.count;
    kept.all
        .push_back(json!({ "number": number, "event": event }));
    while kept.all.len() > KEPT_MAX {
        kept.all.pop_front();
    }
    StatusCode::OK
}

/// By Standard Webhooks: one of the signatures is that of id, time and body under the secret.
fn is_signed(headers: &HeaderMap, body: &[u8]) -> bool {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let parts = (
        text("webhook-id"),
        text("webhook-timestamp"),
        text("webhook-signature"),
    );
    let (Some(id), Some(at), Some(signatures)) = parts else {
        return false;
    };
    let secret = WEBHOOK_SECRET
        .strip_prefix("whsec_")
        .unwrap_or(WEBHOOK_SECRET);
    let Ok(secret) = STANDARD.decode(secret) else {
        return false;
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
    let signed = [id.as_bytes(), b".", at.as_bytes(), b".", body].concat();
    signatures.split(' ').any(|signature| {
        signature
            .strip_prefix("v1,")
            .and_then(|signature| STANDARD.decode(signature).ok())
            .is_some_and(|signature| hmac::verify(&key, &signed, &signature).is_ok())
    })
}

#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: u64,
}

/// `GET /shop/events`: those after a number.
pub(super) async fn list(
    State(shop): State<Arc<Shop>>,
    Query(After { after }): Query<After>,
) -> Response {
    let kept = shop.events.0.lock().unwrap_or_else(PoisonError::into_inner);
    let is_newer = |one: &&Value| one["number"].as_u64().is_some_and(|number| number > after);
    let newer: Vec<_> = kept.all.iter().filter(is_newer).collect();
    let headers = [
        (CONTENT_TYPE, "application/json; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, json!(newer).to_string()).into_response()
}
