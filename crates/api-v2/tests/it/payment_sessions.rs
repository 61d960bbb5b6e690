//! `createPaymentSession`, `getPaymentSession`, `closePaymentSession`, `evaluateCheckoutProfile`
//! and `getPgCardPromotions`.

use axum::body::Body;
use http::{Request, StatusCode};
use naru_domain::checkout::CheckoutMethod;
use naru_domain::{ChannelKey, StoreId};
use naru_testkit::{MAIN, OTHER, SUB, TestApp};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{app, text, with};

const DAY_S: i64 = 86_400;

fn method(name: &str, channel: &str) -> CheckoutMethod {
    CheckoutMethod {
        method: name.to_owned(),
        channel: ChannelKey::new(channel),
        is_on: true,
        countries: vec!["KR".to_owned()],
        currencies: vec!["KRW".to_owned()],
        amount_min: Some(100),
        amount_max: Some(10_000),
    }
}

/// A store with a profile that offers two methods.
async fn app_with_profile() -> (TestApp, String) {
    let app = app().await;
    let store = StoreId::new(MAIN.store_id);
    let new = ("쇼핑몰".to_owned(), true);
    let profile = app.engine.create_profile(&store, new).await;
    let key = profile.expect("a profile").key;
    for (name, channel) in [("N_PAY", MAIN.channels[1]), ("CARD_KR", MAIN.channels[0])] {
        let set = app.engine.set_profile_method(&key, method(name, channel));
        set.await.expect("a method");
    }
    (app, key)
}

fn session(profile: &str) -> Value {
    json!({
        "storeId": MAIN.store_id,
        "paymentId": "order-1",
        "profileKey": profile,
        "paymentMethod": "CARD_KR",
        "country": "KR",
        "currency": "KRW",
        "totalAmount": 1_000,
        "orderName": "나룻배 표",
        "redirectUrl": "https://shop.test/done?order=1",
        "products": [{
            "id": "p-1", "name": "표", "code": "c", "unitPrice": 500, "quantity": 2,
            "startDate": "2030-01-31", "endDate": "2030-02-28", "url": "https://shop.test/p",
            "nPayCategoryType": "t", "nPayCategoryId": "i", "nPayUid": "u",
        }],
        "customerName": "홍길동",
        "customerEmail": "hong@shop.test",
        "storeName": "나루",
        "agreements": [{"name": "약관", "url": "https://shop.test/terms"}],
        "orderImageUrl": "https://shop.test/p.png",
        "customData": "{\"a\":1}",
        "colors": {"primary": "#0b6e5a", "primaryHover": "rgb(1, 2, 3)"},
        "ttlSeconds": 600,
    })
}

async fn create(app: &TestApp, body: &Value) -> naru_testkit::Answer {
    app.post("/payment-sessions").json(body).send().await
}

async fn read(app: &TestApp, id: &str) -> naru_testkit::Answer {
    let path = format!("/payment-sessions/{id}");
    app.get(&path).anonymous().send().await
}

async fn close(app: &TestApp, id: &str) -> naru_testkit::Answer {
    app.post(&format!("/payment-sessions/{id}/close"))
        .send()
        .await
}

#[tokio::test]
async fn a_session_is_created_and_read_by_whoever_knows_its_id() {
    let (app, profile) = app_with_profile().await;
    let body = session(&profile);
    let created = create(&app, &body).await.ok();
    let id = text(&created["sessionId"]);
    assert!(text(&created["url"]).ends_with(&format!("/checkout/{id}")));
    let answer = read(&app, &id).await;
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    let shown = answer.ok();
    for (name, sent) in body.as_object().expect("an object") {
        if name != "ttlSeconds" {
            assert_eq!(shown[name], *sent, "{name}");
        }
    }
    assert_eq!(
        (&shown["id"], &shown["expiresAt"]),
        (&json!(id), &created["expiresAt"])
    );
    // Making a session makes no payment.
    app.get("/payments/order-1")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
    let second = create(&app, &body).await.ok();
    assert_ne!(
        second["sessionId"], created["sessionId"],
        "several per payment"
    );
}

#[tokio::test]
async fn the_least_that_is_needed_is_enough() {
    let (app, profile) = app_with_profile().await;
    let least = json!({
        "storeId": MAIN.store_id, "paymentId": "order-2", "profileKey": profile,
        "country": "US", "currency": "USD", "totalAmount": 1, "orderName": "a",
    });
    let id = text(&create(&app, &least).await.ok()["sessionId"]);
    let shown = read(&app, &id).await.ok();
    for absent in [
        "products",
        "agreements",
        "colors",
        "redirectUrl",
        "paymentMethod",
    ] {
        assert!(shown.get(absent).is_none(), "{absent}");
    }
    app.move_clock_s(DAY_S - 5).await;
    read(&app, &id).await.ok();
    app.move_clock_s(10).await;
    read(&app, &id).await.refused(410, "SESSION_EXPIRED");
}

#[tokio::test]
async fn sessions_end_by_time_and_by_hand_and_are_forgotten_later() {
    let (app, profile) = app_with_profile().await;
    let body = session(&profile);
    let id = text(&create(&app, &body).await.ok()["sessionId"]);
    let other = text(&create(&app, &body).await.ok()["sessionId"]);
    let closed = close(&app, &id).await.ok();
    read(&app, &id).await.refused(410, "SESSION_EXPIRED");
    app.move_clock_s(60).await;
    assert_eq!(close(&app, &id).await.ok(), closed, "the first time counts");
    read(&app, &other).await.ok();
    app.move_clock_s(600).await;
    read(&app, &other).await.refused(410, "SESSION_EXPIRED");
    close(&app, &other).await.ok();
    read(&app, "payment-session-none")
        .await
        .refused(404, "SESSION_NOT_FOUND");
    read(&app, "%00").await.refused(404, "SESSION_NOT_FOUND");
    app.engine.sweep_payment_sessions().await.expect("a sweep");
    read(&app, &id).await.refused(410, "SESSION_EXPIRED");
    app.move_clock_s(31 * DAY_S).await;
    app.engine.sweep_payment_sessions().await.expect("a sweep");
    read(&app, &id).await.refused(404, "SESSION_NOT_FOUND");
}

#[tokio::test]
async fn sessions_belong_to_their_store() {
    let (app, profile) = app_with_profile().await;
    let body = session(&profile);
    app.post("/payment-sessions")
        .anonymous()
        .json(&body)
        .send()
        .await
        .refused(401, "UNAUTHORIZED");
    for store in [OTHER.store_id, "store-none"] {
        let foreign = with(body.clone(), "/storeId", json!(store));
        create(&app, &foreign).await.refused(403, "FORBIDDEN");
    }
    let absent = with(body.clone(), "/storeId", Value::Null);
    create(&app, &absent).await.refused_field("storeId");
    let id = text(&create(&app, &body).await.ok()["sessionId"]);
    let path = format!("/payment-sessions/{id}/close");
    app.post(&path)
        .anonymous()
        .send()
        .await
        .refused(401, "UNAUTHORIZED");
    let unknown = close(&app, "payment-session-none").await;
    let unknown = unknown.refused(404, "SESSION_NOT_FOUND");
    for secret in [OTHER.secret, SUB.secret] {
        let foreign = app.post(&path).secret(secret).send().await;
        assert_eq!(foreign.refused(404, "SESSION_NOT_FOUND"), unknown);
    }
    read(&app, &id).await.ok();
    // A sub-store's session by its parent; a profile of the parent is not the sub-store's.
    let sub = with(body, "/storeId", json!(SUB.store_id));
    create(&app, &sub).await.refused_field("profileKey");
}

#[tokio::test]
async fn creating_and_closing_are_replayed() {
    let (app, profile) = app_with_profile().await;
    let send = async |path: &str, key: &str, body: &Value| {
        app.post(path).idempotency_key(key).json(body).send().await
    };
    let body = session(&profile);
    let first = send("/payment-sessions", "create-000000001", &body).await;
    let again = send("/payment-sessions", "create-000000001", &body).await;
    assert!(!first.is_replayed() && again.is_replayed());
    assert_eq!(first.bytes, again.bytes);
    let id = text(&first.ok()["sessionId"]);
    let path = format!("/payment-sessions/{id}/close");
    let first = send(&path, "close-0000000001", &json!({})).await;
    let again = send(&path, "close-0000000001", &json!({})).await;
    assert!(!first.is_replayed() && again.is_replayed());
    assert_eq!(first.bytes, again.bytes);
}

#[tokio::test]
async fn a_session_lives_no_longer_than_it_may() {
    let (app, profile) = app_with_profile().await;
    let ttl = |seconds: i64| with(session(&profile), "/ttlSeconds", json!(seconds));
    create(&app, &ttl(30 * DAY_S)).await.ok();
    let message = create(&app, &ttl(30 * DAY_S + 1)).await;
    let message = message.refused(400, "MAX_TTL_EXCEEDED");
    assert!(message.contains("2592000"), "{message}");
    for nothing in [0, -1, i64::MIN] {
        create(&app, &ttl(nothing))
            .await
            .refused_field("ttlSeconds");
    }
    create(&app, &ttl(i64::MAX))
        .await
        .refused(400, "MAX_TTL_EXCEEDED");
}

#[tokio::test]
async fn bad_sessions_are_refused_by_field() {
    let (app, profile) = app_with_profile().await;
    for (pointer, value, field) in [
        ("/paymentId", json!(""), "paymentId"),
        ("/profileKey", json!("none"), "profileKey"),
        ("/profileKey", json!("a\u{0}"), "profileKey"),
        ("/totalAmount", json!(0), "totalAmount"),
        ("/orderName", json!(" "), "orderName"),
        ("/redirectUrl", json!("javascript:alert(1)"), "redirectUrl"),
        ("/orderImageUrl", json!("data:x"), "orderImageUrl"),
        ("/customData", json!("a\u{0}"), "customData"),
        ("/colors/primary", json!("red;}"), "colors.primary"),
        ("/colors/primary", json!("url(//x)"), "colors.primary"),
        (
            "/colors/primaryLight",
            json!("#/**/"),
            "colors.primaryLight",
        ),
        ("/agreements/0/url", json!("ftp://x"), "agreements[0].url"),
        ("/agreements/0/name", json!(""), "agreements[0].name"),
        ("/products/0/quantity", json!(0), "products[0].quantity"),
        ("/products/0/unitPrice", json!(-1), "products[0].unitPrice"),
        (
            "/products/0/startDate",
            json!("2030-02-31"),
            "products[0].startDate",
        ),
        ("/paymentMethod", json!("PAY_PAL"), "paymentMethod"),
        ("/country", json!("US"), "paymentMethod"),
        ("/totalAmount", json!(10_001), "paymentMethod"),
    ] {
        let body = with(session(&profile), pointer, value);
        create(&app, &body).await.refused_field(field);
    }
}

async fn evaluate(app: &TestApp, query: &str) -> naru_testkit::Answer {
    let path = format!("/checkout-profiles/evaluate?{query}");
    app.get(&path).anonymous().send().await
}

#[tokio::test]
async fn a_profile_offers_what_fits() {
    let (app, profile) = app_with_profile().await;
    let ask = async |country: &str, currency: &str, amount: i64| {
        let query =
            format!("profileKey={profile}&country={country}&currency={currency}&amount={amount}");
        let answer = evaluate(&app, &query).await;
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        answer.ok()["methods"].clone()
    };
    let both = json!([
        {"paymentMethod": "N_PAY", "channelKey": MAIN.channels[1]},
        {"paymentMethod": "CARD_KR", "channelKey": MAIN.channels[0]},
    ]);
    assert_eq!(ask("KR", "KRW", 100).await, both, "in the profile's order");
    assert_eq!(ask("KR", "KRW", 10_000).await, both);
    for (country, currency, amount) in [
        ("US", "KRW", 100),
        ("KR", "USD", 100),
        ("KR", "KRW", 99),
        ("KR", "KRW", 10_001),
    ] {
        assert_eq!(ask(country, currency, amount).await, json!([]));
    }
    let off = ChannelKey::new(MAIN.channels[1]);
    app.engine
        .switch_channel(&off, false)
        .await
        .expect("a switch");
    assert_eq!(ask("KR", "KRW", 100).await, json!([both[1]]));
}

#[tokio::test]
async fn a_profile_that_is_not_there_and_bad_questions_are_refused() {
    let (app, profile) = app_with_profile().await;
    let rest = "&country=KR&currency=KRW&amount=100";
    for key in ["none", "%00"] {
        let query = format!("profileKey={key}{rest}");
        let answer = evaluate(&app, &query).await;
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        answer.refused(404, "PROFILE_SETTINGS_NOT_FOUND");
    }
    let key = format!("profileKey={profile}");
    for (query, field) in [
        (
            format!("country=KR&currency=KRW&amount=1&x={profile}"),
            "profileKey",
        ),
        (format!("{key}&currency=KRW&amount=1"), "country"),
        (format!("{key}&country=XX&currency=KRW&amount=1"), "country"),
        (
            format!("{key}&country=KR&currency=won&amount=1"),
            "currency",
        ),
        (format!("{key}&country=KR&currency=KRW&amount=0"), "amount"),
        (format!("{key}&country=KR&currency=KRW&amount=x"), "amount"),
    ] {
        evaluate(&app, &query).await.refused_field(field);
    }
}

#[tokio::test]
async fn browsers_may_ask_from_any_page() {
    let (app, _) = app_with_profile().await;
    for path in ["/payment-sessions/any", "/checkout-profiles/evaluate"] {
        let request = Request::options(path)
            .header("origin", "https://shop.test")
            .header("access-control-request-method", "GET")
            .body(Body::empty())
            .expect("a request");
        let response = app.face().oneshot(request).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        let headers = response.headers();
        assert_eq!(headers["access-control-allow-origin"], "*");
        assert_eq!(headers["access-control-allow-methods"], "GET");
    }
    // Of operations with a credential no page of another origin may read the answer.
    let answer = app.get("/payments/none").send().await;
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn only_one_pg_has_card_promotions_and_it_is_not_this_one() {
    let app = app().await;
    let path = |channel: &str, rest: &str| {
        format!("/payment-gateways/card-promotion?channelKey={channel}&amount=1000{rest}")
    };
    let own = path(MAIN.channels[0], "");
    app.get(&own)
        .anonymous()
        .send()
        .await
        .refused(401, "UNAUTHORIZED");
    assert_eq!(app.get(&own).send().await.ok(), json!({"promotions": []}));
    let filtered = path(MAIN.channels[0], "&cardCompany=SAMSUNG_CARD");
    app.get(&filtered).send().await.ok();
    app.get(&own).secret(SUB.secret).send().await.ok();
    for channel in ["channel-key-none", OTHER.channels[0], "%00"] {
        app.get(&path(channel, ""))
            .send()
            .await
            .refused(404, "CHANNEL_NOT_FOUND");
    }
    for (query, field) in [
        (path(MAIN.channels[0], "&cardCompany=none"), "cardCompany"),
        (own.replace("amount=1000", "amount=0"), "amount"),
        (own.replace("&amount=1000", ""), "amount"),
    ] {
        app.get(&query).send().await.refused_field(field);
    }
}

/// KCP has card promotions, and no connector of this version can ask for them: that there are none
/// would be a guess.
#[tokio::test]
async fn the_card_promotions_of_kcp_are_not_guessed() {
    let app = app().await;
    let path = format!(
        "/payment-gateways/card-promotion?channelKey={}&amount=1000",
        MAIN.identity_channels[1]
    );
    let asked = app.get(&path).send().await;
    let message = asked.refused_field("channelKey");
    assert!(message.contains("can't ask"), "{message}");
    // A sub-store sees its parent's channel, another merchant not even that there is one.
    let asked = app.get(&path).secret(SUB.secret);
    asked.send().await.refused_field("channelKey");
    let asked = app.get(&path).secret(OTHER.secret);
    asked.send().await.refused(404, "CHANNEL_NOT_FOUND");
}
