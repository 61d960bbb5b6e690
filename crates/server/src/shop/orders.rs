//! What the shop's own server does, by Naru's REST API V2: it fixes the price before the window
//! opens, reads what became of the payment, gives money back, charges billing keys, and reads who
//! somebody is.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shop;
use crate::sandbox_credentials::API_SECRET;

/// What one box costs.
const PRICE: i64 = 12_000;
/// How many boxes an order may have.
const BOXES_MAX: i64 = 9;

/// An answer for the page: Naru's own, or that it could not be had.
pub(super) type Told = Result<(StatusCode, Value), StatusCode>;

pub(super) fn answer(told: Told) -> Response {
    match told {
        Ok((status, body)) => {
            let headers = [
                (CONTENT_TYPE, "application/json; charset=utf-8"),
                (CACHE_CONTROL, "no-store"),
            ];
            (status, headers, body.to_string()).into_response()
        }
        Err(status) => status.into_response(),
    }
}

/// Ids of orders and billing keys, which go into an address.
pub(super) fn plain(id: &str) -> Result<&str, StatusCode> {
    let is_plain = (1..=200).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if is_plain {
        Ok(id)
    } else {
        Err(StatusCode::BAD_REQUEST)
    }
}

/// What makes an id one of its own.
fn new_number() -> String {
    format!("{:016x}", rand::random::<u64>())
}

impl Shop {
    pub(super) async fn naru(&self, method: Method, path: &str, body: Option<&Value>) -> Told {
        let request = self
            .client
            .request(method, format!("{}{path}", self.naru))
            .header("authorization", format!("PortOne {API_SECRET}"));
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        told(request).await
    }
}

pub(super) async fn told(request: reqwest::RequestBuilder) -> Told {
    let failed = |_| StatusCode::BAD_GATEWAY;
    let response = request.send().await.map_err(failed)?;
    let status = response.status();
    let body = response.json().await.map_err(failed)?;
    Ok((status, body))
}

#[derive(Deserialize)]
struct NewOrder {
    boxes: i64,
}

/// `POST /shop/orders`: the price is the shop's, whatever a browser says later.
pub(super) async fn create(State(shop): State<Arc<Shop>>, body: Bytes) -> Response {
    answer(created(&shop, &body).await)
}

async fn created(shop: &Shop, body: &[u8]) -> Told {
    let NewOrder { boxes } = serde_json::from_slice(body).map_err(|_| StatusCode::BAD_REQUEST)?;
    if !(1..=BOXES_MAX).contains(&boxes) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let id = format!("demo-{}", new_number());
    let total = boxes * PRICE;
    let path = format!("/payments/{id}/pre-register");
    let registered = json!({ "totalAmount": total, "currency": "KRW" });
    let (status, told) = shop.naru(Method::POST, &path, Some(&registered)).await?;
    if !status.is_success() {
        return Ok((status, told));
    }
    let order = json!({ "paymentId": id, "totalAmount": total });
    Ok((StatusCode::OK, order))
}

pub(super) async fn payment(shop: &Shop, id: &str) -> Told {
    let path = format!("/payments/{}", plain(id)?);
    shop.naru(Method::GET, &path, None).await
}

/// `GET /shop/orders/{id}`: what really became of it.
pub(super) async fn read(State(shop): State<Arc<Shop>>, Path(id): Path<String>) -> Response {
    answer(payment(&shop, &id).await)
}

/// `POST /shop/orders/{id}/cancel`: gives the money back.
pub(super) async fn cancel(State(shop): State<Arc<Shop>>, Path(id): Path<String>) -> Response {
    answer(cancelled(&shop, &id).await)
}

async fn cancelled(shop: &Shop, id: &str) -> Told {
    let path = format!("/payments/{}/cancel", plain(id)?);
    let (_, paid) = payment(shop, id).await?;
    let mut body = json!({ "reason": "the customer changed their mind" });
    // Money of a deposit goes back to an account, which the customer names.
    if paid["method"]["type"] == "PaymentMethodVirtualAccount" && paid["status"] == "PAID" {
        body["refundAccount"] = json!({
            "bank": "SHINHAN", "number": "110123456789", "holderName": "홍길동",
            "holderPhoneNumber": "01012345678",
        });
    }
    shop.naru(Method::POST, &path, Some(&body)).await
}

/// `POST /shop/orders/{id}/deposit`: plays the customer at their bank, at the simulated PG.
pub(super) async fn deposit(State(shop): State<Arc<Shop>>, Path(id): Path<String>) -> Response {
    answer(deposited(&shop, &id).await)
}

async fn deposited(shop: &Shop, id: &str) -> Told {
    let (_, paid) = payment(shop, id).await?;
    let number = paid["method"]["accountNumber"].as_str().unwrap_or_default();
    let url = format!(
        "{}/virtual-accounts/{}/deposit",
        shop.simulator,
        plain(number)?
    );
    told(shop.client.post(url).json(&json!({}))).await
}

/// `GET /shop/identity-verifications/{id}`: who somebody really is.
pub(super) async fn person(State(shop): State<Arc<Shop>>, Path(id): Path<String>) -> Response {
    answer(identified(&shop, &id).await)
}

async fn identified(shop: &Shop, id: &str) -> Told {
    let path = format!("/identity-verifications/{}", plain(id)?);
    shop.naru(Method::GET, &path, None).await
}

/// `POST /shop/billing-keys/{key}/charge`: a month of the subscription.
pub(super) async fn charge(State(shop): State<Arc<Shop>>, Path(key): Path<String>) -> Response {
    answer(charged(&shop, &key).await)
}

async fn charged(shop: &Shop, key: &str) -> Told {
    let id = format!("demo-{}", new_number());
    let body = json!({
        "billingKey": plain(key)?,
        "orderName": "홍차 구독 한 달",
        "amount": { "total": PRICE },
        "currency": "KRW",
        "customer": {
            "name": { "full": "홍길동" }, "phoneNumber": "01012345678",
            "email": "hong@shop.example",
        },
        "noticeUrls": [format!("{}/webhooks", shop.own)],
    });
    let path = format!("/payments/{id}/billing-key");
    let (status, mut told) = shop.naru(Method::POST, &path, Some(&body)).await?;
    if let Some(told) = told.as_object_mut() {
        told.insert("paymentId".to_owned(), id.into());
    }
    Ok((status, told))
}
