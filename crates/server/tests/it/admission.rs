//! The public listener as a whole: who is let in, and how the others are told, against both
//! contracts' shapes.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request};
use axum::middleware::map_request;
use http::HeaderMap;
use naru_domain::StoreId;
use naru_engine::Engine;
use naru_engine::admin::NewV1Key;
use naru_server::admission::Admission;
use naru_server::config::Limits;
use naru_server::public;
use naru_testkit::{MAIN, TestApp, bodies};
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// The peer of each request, as a test names it.
const PEER: &str = "x-test-peer";
const PROXY: &str = "10.0.0.9";
const STRANGER: &str = "8.8.8.8";

async fn peer(mut request: Request) -> Request {
    if let Some(value) = request.headers().get(PEER) {
        let address = value.to_str().unwrap().parse().unwrap();
        let peer = ConnectInfo(SocketAddr::new(address, 1));
        request.extensions_mut().insert(peer);
    }
    request
}

fn listener(engine: Engine) -> Router {
    let limits = Limits {
        wrong_credentials_per_address_max: 2,
        windows_per_address_max: 2,
        ..Limits::default()
    };
    let proxies = vec![PROXY.parse().unwrap()];
    public::router(engine, proxies, Admission::new(&limits)).layer(map_request(peer))
}

/// A stranger's call of what is not in the V2 contract, without a credential.
async fn post(app: &TestApp, path: &str, body: &Value) -> (u16, HeaderMap, Value) {
    let request = Request::post(path)
        .header(PEER, STRANGER)
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let answer = app.face().oneshot(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, 10_000).await.unwrap();
    let body = serde_json::from_slice(&body).unwrap();
    (parts.status.as_u16(), parts.headers, body)
}

/// A token of the V1 face.
async fn v1_token(app: &TestApp) -> String {
    let given = ("key".to_owned(), "secret".to_owned());
    let new = NewV1Key {
        store_id: StoreId::new(MAIN.store_id),
        name: "test".to_owned(),
        lifetime_days: None,
        given: Some(given),
    };
    app.engine.create_v1_key(new).await.unwrap();
    let token = app.engine.v1_token("key", "secret").await.unwrap();
    token.text.clone()
}

/// The status of a call of the V1 face.
async fn cards(app: &TestApp, token: &str) -> u16 {
    let request = Request::get("/cards")
        .header(PEER, STRANGER)
        .header("authorization", token)
        .body(Body::empty())
        .unwrap();
    let answer = app.face().oneshot(request).await.unwrap();
    answer.status().as_u16()
}

#[tokio::test]
async fn guesses_at_secrets_end_in_both_faces_and_the_merchant_goes_on() {
    let app = TestApp::start(listener).await;
    let guess = |n: u32| {
        let request = app.get("/payments/order-1").header(PEER, STRANGER);
        request.secret(&format!("guess {n}")).send()
    };
    let token = v1_token(&app).await;
    guess(1).await.refused(401, "UNAUTHORIZED");
    // The merchant's own server, behind the same address.
    let merchant = || app.get("/payments").header(PEER, STRANGER).send();
    merchant().await.ok();
    assert_eq!(cards(&app, &token).await, 200);
    guess(2).await.refused(401, "UNAUTHORIZED");
    for n in 3..6 {
        let answer = guess(n).await;
        assert!(answer.headers.contains_key("retry-after"));
        answer.refused(429, "TOO_MANY_REQUESTS");
        merchant().await.ok();
        assert_eq!(cards(&app, &token).await, 200);
    }
    assert_eq!(
        cards(&app, "0123456789abcdef0123456789abcdef01234567").await,
        429
    );
    let log_in = app.post("/login/api-secret").anonymous();
    let log_in = log_in.header(PEER, STRANGER);
    let answer = log_in.json(&json!({ "apiSecret": "guess" })).send().await;
    answer.refused(429, "TOO_MANY_REQUESTS");

    // The other face counts with it: the secrets are of the same merchants.
    let pair = json!({ "imp_key": "1", "imp_secret": "2" });
    let (status, headers, answer) = post(&app, "/users/getToken", &pair).await;
    assert_eq!(status, 429);
    assert!(headers.contains_key("retry-after"));
    assert_eq!(answer["code"], -1);
    assert!(answer["response"].is_null() && answer["message"].is_string());
}

#[tokio::test]
async fn the_caller_that_a_trusted_proxy_names_is_the_one_that_counts() {
    let app = TestApp::start(listener).await;
    let guess = |caller: &str| {
        let request = app.get("/payments/order-1").header(PEER, PROXY);
        request
            .header("x-forwarded-for", caller)
            .secret("guess")
            .send()
    };
    for _ in 0..2 {
        guess(STRANGER).await.refused(401, "UNAUTHORIZED");
    }
    guess(STRANGER).await.refused(429, "TOO_MANY_REQUESTS");
    guess("8.8.4.4").await.refused(401, "UNAUTHORIZED");
    // The proxy itself, which is in a private network, is never limited.
    for _ in 0..5 {
        guess("nobody").await.refused(401, "UNAUTHORIZED");
    }
}

#[tokio::test]
async fn a_stranger_asks_for_so_many_windows_and_no_more() {
    let app = TestApp::start(listener).await;
    let ask = async |path| post(&app, path, &json!({ "request": {} })).await;
    assert_eq!(ask("/checkout/v2/payments").await.0, 400);
    assert_eq!(ask("/checkout/v1/payments").await.0, 400);
    for path in ["/checkout/v2/payments", "/checkout/v1/payments"] {
        let (status, headers, answer) = ask(path).await;
        assert_eq!(status, 429, "{path}");
        assert_eq!(headers["access-control-allow-origin"], "*");
        assert!(answer["code"].is_string() && answer["message"].is_string());
    }
    // The API is another matter.
    let pay = app.post("/payments/order-1/instant").header(PEER, STRANGER);
    pay.json(&bodies::card_payment()).send().await.ok();
}

#[tokio::test]
async fn turned_away_for_lack_of_room_both_faces_say_so_in_their_shape() {
    let app = TestApp::start(|_| {
        // Every answer is the one for lack of room, so that the contract's check sees it.
        Router::new().fallback(async || naru_api_v2::unavailable(1))
    })
    .await;
    let answer = app.post("/payments/order-1/instant").send().await;
    assert_eq!(answer.headers["retry-after"], "1");
    answer.refused(503, "UNAVAILABLE");
}
