//! `Idempotency-Key`.

use naru_testkit::{Answer, MAIN, OTHER, SUB, TestApp, bodies};
use serde_json::{Value, json};

use crate::{app, app_with_payment, issue, text, with};

const KEY: &str = "0123456789abcdef-1";

async fn pay(app: &TestApp, id: &str, key: &str, body: &Value) -> Answer {
    let request = app.post(&format!("/payments/{id}/instant"));
    request.idempotency_key(key).json(body).send().await
}

fn assert_replay(first: &Answer, again: &Answer) {
    assert!(!first.is_replayed() && again.is_replayed());
    assert_eq!((first.status, &first.bytes), (again.status, &again.bytes));
}

#[tokio::test]
async fn a_repeated_payment_is_answered_as_before_to_the_byte() {
    let app = app().await;
    let first = pay(&app, "i-1", KEY, &bodies::card_payment()).await;
    let again = pay(&app, "i-1", KEY, &bodies::card_payment()).await;
    assert_replay(&first, &again);
    assert_eq!(app.captures().await, [1000]);
    // Bare, and with the fields in another order and spacing.
    let text = bodies::card_payment().to_string().replacen('{', "{ \n", 1);
    let bare = app
        .post("/payments/i-1/instant")
        .header("idempotency-key", KEY);
    assert_replay(&first, &bare.raw(text).send().await);
}

#[tokio::test]
async fn errors_after_the_intent_are_replayed_and_earlier_ones_are_not() {
    let app = app().await;
    let declined = bodies::card_number("9000000000120049");
    let declined = with(bodies::card_payment(), "/method/card/credential", declined);
    let first = pay(&app, "i-2", KEY, &declined).await;
    assert_eq!(first.status, 502);
    assert_replay(&first, &pay(&app, "i-2", KEY, &declined).await);
    assert_eq!(
        app.get("/payments/i-2/transactions").send().await.ok()["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let bad = with(bodies::card_payment(), "/orderName", json!(""));
    let key = "another-key-of-16";
    pay(&app, "i-3", key, &bad).await.refused_field("orderName");
    let good = pay(&app, "i-3", key, &bodies::card_payment()).await;
    assert!(!good.is_replayed());
    good.ok();
}

#[tokio::test]
async fn another_body_under_the_same_key_is_refused() {
    let app = app().await;
    pay(&app, "i-4", KEY, &bodies::card_payment()).await.ok();
    let other = with(bodies::card_payment(), "/amount/total", json!(2000));
    let message = pay(&app, "i-4", KEY, &other)
        .await
        .refused(400, "INVALID_REQUEST");
    assert!(message.contains("Idempotency-Key"));
}

#[tokio::test]
async fn a_key_counts_for_its_store_method_path_and_query() {
    let app = app().await;
    pay(&app, "i-5", KEY, &bodies::card_payment()).await.ok();
    assert!(
        !pay(&app, "i-6", KEY, &bodies::card_payment())
            .await
            .is_replayed()
    );
    let foreign = with(
        bodies::card_payment(),
        "/channelKey",
        json!(OTHER.channels[0]),
    );
    let foreign = app
        .post("/payments/i-5/instant")
        .secret(OTHER.secret)
        .idempotency_key(KEY)
        .json(&foreign)
        .send()
        .await;
    assert!(!foreign.is_replayed());
    foreign.ok();
    let sub = app
        .post("/payments/i-5/instant")
        .secret(SUB.secret)
        .idempotency_key(KEY)
        .json(&bodies::card_payment())
        .send()
        .await;
    assert!(!sub.is_replayed());
    // A token of the same store is the same caller.
    let tokens = app
        .post("/login/api-secret")
        .json(&json!({"apiSecret": MAIN.secret}));
    let tokens = tokens.send().await.ok();
    let bearer = format!("Bearer {}", text(&tokens["accessToken"]));
    let request = app
        .post("/payments/i-5/instant")
        .header("authorization", &bearer);
    let again = request
        .idempotency_key(KEY)
        .json(&bodies::card_payment())
        .send()
        .await;
    assert!(again.is_replayed());
}

#[tokio::test]
async fn every_changing_operation_replays() {
    let app = app_with_payment("i-7").await;
    app.settle().await;
    let key = issue(&app).await;
    app.post("/payments/i-8/instant")
        .json(&bodies::virtual_account())
        .send()
        .await
        .ok();
    let calls = [
        (
            "POST",
            "/payments/i-9/pre-register".to_owned(),
            json!({"totalAmount": 5}),
        ),
        ("POST", "/payments/i-7/resend-webhook".to_owned(), json!({})),
        (
            "POST",
            "/payments/i-7/cancel".to_owned(),
            json!({"reason": "r", "amount": 100}),
        ),
        (
            "POST",
            "/payments/i-8/virtual-account/close".to_owned(),
            Value::Null,
        ),
        (
            "POST",
            "/payments/i-10/billing-key".to_owned(),
            bodies::charge(&key),
        ),
        ("POST", "/billing-keys".to_owned(), bodies::billing_key()),
        (
            "DELETE",
            format!("/billing-keys/{key}?reason=r"),
            Value::Null,
        ),
    ];
    for (method, path, body) in calls {
        let send = || {
            let request = app.request(method, &path).idempotency_key(KEY);
            if body.is_null() {
                request.send()
            } else {
                request.json(&body).send()
            }
        };
        let first = send().await;
        assert_eq!(first.status, 200, "{method} {path}: {}", first.body);
        if path.ends_with("resend-webhook") {
            // Later deliveries don't change what was answered.
            app.post(&path).send().await.ok();
        }
        assert_replay(&first, &send().await);
    }
    assert_eq!(app.receiver.deliveries().len(), 1 + 2);
}

#[tokio::test]
async fn a_running_request_is_outstanding() {
    let app = app().await;
    app.fault("pay_card", "late").await;
    let body = bodies::card_payment();
    let (first, second) = tokio::join!(pay(&app, "i-11", KEY, &body), async {
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        pay(&app, "i-11", KEY, &body).await
    });
    first.ok();
    second.refused(409, "IDEMPOTENCY_OUTSTANDING_REQUEST");
    assert_eq!(app.captures().await, [1000]);
}

#[tokio::test]
async fn bad_keys_are_refused_and_reads_ignore_them() {
    let app = app().await;
    for key in [
        "short",
        "\"0123456789abcde\"",
        "\"unclosed-0123456789",
        &"k".repeat(257),
    ] {
        let request = app
            .post("/payments/i-12/instant")
            .header("idempotency-key", key);
        let answer = request.json(&bodies::card_payment()).send().await;
        answer.refused_field("Idempotency-Key");
        app.get("/payments")
            .header("idempotency-key", key)
            .send()
            .await
            .ok();
    }
    assert!(app.books().await.is_empty());
}

#[tokio::test]
async fn records_outlive_two_weeks_and_not_more() {
    let app = app().await;
    let body = json!({"totalAmount": 5});
    let register = || {
        app.post("/payments/i-13/pre-register")
            .idempotency_key(KEY)
            .json(&body)
    };
    register().send().await.ok();
    app.move_clock_s(14 * 86_400).await;
    assert!(register().send().await.is_replayed());
    app.move_clock_s(86_401).await;
    assert!(!register().send().await.is_replayed());
}
