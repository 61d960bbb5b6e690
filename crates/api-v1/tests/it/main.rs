//! The V1 face from outside: requests in, bytes out. The client holds every answer against the
//! contract, so each of these tests is a contract test as well. Each has the V2 face of the same
//! engine beside it.
#![expect(
    clippy::expect_used,
    reason = "what the helpers of tests expect is tested"
)]

mod accounts;
mod agreement;
mod cancel_payment;
mod certifications;
mod charges;
mod contract;
mod corpus;
mod customers;
mod elsewhere;
mod faces;
mod issue_messages;
mod issues;
mod payments;
mod prepare;
mod random_requests;
mod receipts;
mod schedules;
mod tables;
mod tokens;
mod transport;
mod webhooks;
mod windows;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::Request;
use naru_domain::StoreId;
use naru_engine::admin::NewV1Key;
use naru_testkit::{MAIN, OTHER, SUB, Tenant, TestApp};
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// The key and secret of a tenant.
fn pair(tenant: &Tenant) -> (String, String) {
    let name = tenant.store_id;
    (format!("key-of-{name}"), format!("secret-of-{name}"))
}

/// Both faces over one engine, with a token of the main store.
struct Bed {
    app: TestApp,
    v1: Router,
    token: String,
}

impl Bed {
    async fn new() -> Self {
        let app = TestApp::start(naru_api_v2::router).await;
        for tenant in [&MAIN, &SUB, &OTHER] {
            let new = NewV1Key {
                store_id: StoreId::new(tenant.store_id),
                name: "test".to_owned(),
                lifetime_days: None,
                given: Some(pair(tenant)),
            };
            app.engine.create_v1_key(new).await.expect("a key");
        }
        let v1 = naru_api_v1::router(app.engine.clone());
        let mut bed = Self {
            app,
            v1,
            token: String::new(),
        };
        bed.token = bed.log_in(&MAIN).await;
        bed
    }

    async fn log_in(&self, tenant: &Tenant) -> String {
        let (key, secret) = pair(tenant);
        let body = json!({ "imp_key": key, "imp_secret": secret });
        let got = self
            .anonymous("POST", "/users/getToken")
            .json(&body)
            .send()
            .await;
        text(&got.ok()["access_token"])
    }

    fn anonymous(&self, method: &str, path: &str) -> Asking {
        Asking {
            face: self.v1.clone(),
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    fn get(&self, path: &str) -> Asking {
        self.anonymous("GET", path)
            .header("authorization", &self.token)
    }

    fn post(&self, path: &str) -> Asking {
        self.anonymous("POST", path)
            .header("authorization", &self.token)
    }

    fn put(&self, path: &str) -> Asking {
        self.anonymous("PUT", path)
            .header("authorization", &self.token)
    }

    fn delete(&self, path: &str) -> Asking {
        self.anonymous("DELETE", path)
            .header("authorization", &self.token)
    }

    /// A payment by card, made and paid.
    async fn pay(&self, merchant_uid: &str, amount: i64) -> Value {
        let body = onetime(merchant_uid, amount);
        self.post("/subscribe/payments/onetime")
            .json(&body)
            .send()
            .await
            .ok()
    }

    /// A billing key of a buyer.
    async fn save(&self, customer_uid: &str) -> Value {
        let path = format!("/subscribe/customers/{customer_uid}");
        self.post(&path).json(&card_of_customer()).send().await.ok()
    }
}

/// A card, as every operation takes it.
fn card() -> Value {
    json!({
        "card_number": "4111-1111-1111-1111", "expiry": "2031-12", "birth": "900101",
        "pwd_2digit": "12",
    })
}

fn merged(mut one: Value, other: &Value) -> Value {
    let fields = other.as_object().expect("an object");
    for (name, value) in fields {
        one[name] = value.clone();
    }
    one
}

fn onetime(merchant_uid: &str, amount: i64) -> Value {
    let order = json!({
        "merchant_uid": merchant_uid, "amount": amount, "name": "나룻배 표",
        "buyer_name": "홍길동", "buyer_email": "hong@shop.test", "buyer_tel": "010-1234-5678",
    });
    merged(card(), &order)
}

fn card_of_customer() -> Value {
    let person = json!({
        "customer_name": "홍길동", "customer_email": "hong@shop.test",
        "customer_tel": "010-1234-5678", "customer_addr": "서울", "customer_postcode": "04524",
    });
    merged(card(), &person)
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// A request under construction.
struct Asking {
    face: Router,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// An answer that the contract allows.
struct Answer {
    status: u16,
    body: Value,
    content_type: String,
}

impl Asking {
    fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json")
            .raw(body.to_string())
    }

    fn form(self, body: &str) -> Self {
        self.header("content-type", "application/x-www-form-urlencoded")
            .raw(body)
    }

    fn raw(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    async fn send(self) -> Answer {
        let mut request = Request::builder()
            .method(self.method.as_str())
            .uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(self.body)).expect("a request");
        let response = self.face.oneshot(request).await.expect("infallible");
        let status = response.status().as_u16();
        let content_type = response.headers().get("content-type");
        let content_type = content_type.map(|value| value.to_str().expect("a text").to_owned());
        let bytes = to_bytes(response.into_body(), usize::MAX)
            .await
            .expect("a body");
        let body: Value = serde_json::from_slice(&bytes).expect("JSON");
        let path = self.path.split('?').next().unwrap_or_default();
        contract::check(&self.method, path, status, &body);
        Answer {
            status,
            body,
            content_type: content_type.unwrap_or_default(),
        }
    }
}

impl Answer {
    /// The payload of a success.
    #[track_caller]
    fn ok(self) -> Value {
        assert_eq!(
            (self.status, &self.body["code"]),
            (200, &json!(0)),
            "{}",
            self.body
        );
        self.body["response"].clone()
    }

    /// The message of a refusal of this status and code.
    #[track_caller]
    fn refused(self, status: u16, code: i64) -> String {
        let seen = (self.status, &self.body["code"], &self.body["response"]);
        assert_eq!(seen, (status, &json!(code), &Value::Null), "{}", self.body);
        text(&self.body["message"])
    }
}
