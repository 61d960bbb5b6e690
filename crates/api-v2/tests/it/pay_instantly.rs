//! `payInstantly` by card.

use naru_testkit::{MAIN, TestApp, TestAppOptions, bodies};
use serde_json::{Value, json};

use crate::{app, app_with_payment, issue, text, with};

async fn pay(app: &TestApp, id: &str, body: &Value) -> naru_testkit::Answer {
    app.post(&format!("/payments/{id}/instant"))
        .json(body)
        .send()
        .await
}

fn card(number: &str) -> Value {
    let credential = bodies::card_number(number);
    with(
        bodies::card_payment(),
        "/method/card/credential",
        credential,
    )
}

#[tokio::test]
async fn a_card_is_charged_once() {
    let app = app().await;
    let answer = pay(&app, "p-1", &bodies::card_payment()).await.ok();
    assert!(text(&answer["payment"]["pgTxId"]).starts_with("INI"));
    let paid_at = text(&answer["payment"]["paidAt"]);
    assert_eq!(paid_at.len(), "2026-01-01T00:00:00Z".len(), "{paid_at}");
    assert_eq!(app.captures().await, [1000]);
    pay(&app, "p-1", &bodies::card_payment())
        .await
        .refused(409, "ALREADY_PAID");
    assert_eq!(app.captures().await, [1000]);
}

#[tokio::test]
async fn a_declined_card_is_a_502_with_the_pgs_code_and_the_id_may_be_used_again() {
    let app = app().await;
    let declined = pay(&app, "p-2", &card("9000000000120049")).await;
    assert_eq!(
        declined.body["pgCode"]
            .as_str()
            .map(|code| code.ends_with("120049")),
        Some(true)
    );
    assert!(!text(&declined.body["pgMessage"]).is_empty());
    declined.refused(502, "PG_PROVIDER");
    let read = app.get("/payments/p-2").send().await.ok();
    assert_eq!(read["status"], "FAILED");
    assert!(text(&read["failure"]["reason"]).starts_with('['));
    pay(&app, "p-2", &bodies::card_payment()).await.ok();
    let read = app.get("/payments/p-2").send().await.ok();
    assert_eq!(read["status"], "PAID");
    let all = app.get("/payments/p-2/transactions").send().await.ok();
    let statuses: Vec<_> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| &t["status"])
        .collect();
    assert_eq!(statuses, ["FAILED", "PAID"]);
}

#[tokio::test]
async fn a_lost_answer_is_found_out_by_inquiry() {
    let app = app().await;
    // Captured, then the connection is dropped.
    pay(&app, "p-3", &card("9000000000000003")).await.ok();
    assert_eq!(app.captures().await, [1000]);
}

#[tokio::test]
async fn an_unknown_channel_is_not_found() {
    let app = app().await;
    for key in ["channel-key-nowhere", "channel-key-other"] {
        let body = with(bodies::card_payment(), "/channelKey", json!(key));
        pay(&app, "p-4", &body)
            .await
            .refused(404, "CHANNEL_NOT_FOUND");
    }
    app.get("/payments/p-4")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
}

#[tokio::test]
async fn a_channel_or_a_group_is_required() {
    let app = app().await;
    let none = with(bodies::card_payment(), "/channelKey", Value::Null);
    pay(&app, "p-5", &none).await.refused_field("channelKey");
    let group = with(none, "/channelGroupId", json!("channel-group-test-1"));
    pay(&app, "p-5", &group)
        .await
        .refused(404, "CHANNEL_NOT_FOUND");
    // With both, the channel counts.
    let both = with(group, "/channelKey", json!(MAIN.channels[0]));
    pay(&app, "p-5", &both).await.ok();
}

#[tokio::test]
async fn exactly_one_method_is_required() {
    let app = app().await;
    let none = with(bodies::card_payment(), "/method", json!({}));
    pay(&app, "p-6", &none).await.refused_field("method");
    let misspelt = with(
        bodies::card_payment(),
        "/method",
        json!({"virtaulAccount": {}}),
    );
    pay(&app, "p-6", &misspelt).await.refused_field("method");
    let account = bodies::virtual_account()["method"]["virtualAccount"].clone();
    let both = with(bodies::card_payment(), "/method/virtualAccount", account);
    pay(&app, "p-6", &both).await.refused_field("method");
}

#[tokio::test]
async fn parts_of_the_amount_never_exceed_it() {
    let app = app().await;
    let amount = |amount: Value| with(bodies::card_payment(), "/amount", amount);
    for parts in [
        json!({"total": 1000, "taxFree": 1001}),
        json!({"total": 1000, "vat": 1001}),
        json!({"total": 1000, "taxFree": 600, "vat": 401}),
        json!({"total": 1, "taxFree": 9_007_199_254_740_991_i64, "vat": 9_007_199_254_740_991_i64}),
    ] {
        let answer = pay(&app, "p-7", &amount(parts)).await;
        answer.refused(409, "SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT");
    }
    for (field, parts) in [
        ("amount.total", json!({"total": 0})),
        ("amount.total", json!({"total": -1})),
        ("amount.total", json!({"total": i64::MAX})),
        (
            "amount.total",
            json!({"total": 9_223_372_036_854_775_808_u64}),
        ),
        ("amount.total", json!({"total": 1000.5})),
        ("amount.total", json!({"total": "1000"})),
        ("amount.total", json!({})),
        ("amount.taxFree", json!({"total": 1000, "taxFree": -1})),
        ("amount.vat", json!({"total": 1000, "vat": -1})),
        ("amount.vat", json!({"total": 1000, "vat": i64::MAX})),
    ] {
        pay(&app, "p-7", &amount(parts)).await.refused_field(field);
    }
    assert!(app.books().await.is_empty());
    app.get("/payments/p-7")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
}

#[tokio::test]
async fn what_exists_and_its_state_come_before_the_amount() {
    let app = app_with_payment("p-10").await;
    let key = issue(&app).await;
    let parts = json!({"total": 1000, "taxFree": 1001});
    let body = with(bodies::card_payment(), "/amount", parts.clone());
    pay(&app, "p-10", &body).await.refused(409, "ALREADY_PAID");
    let elsewhere = with(body, "/channelKey", json!("channel-key-nowhere"));
    let answer = pay(&app, "p-11", &elsewhere).await;
    answer.refused(404, "CHANNEL_NOT_FOUND");
    for (id, key, status, error) in [
        ("p-11", "billing-key-none", 404, "BILLING_KEY_NOT_FOUND"),
        ("p-10", key.as_str(), 409, "ALREADY_PAID"),
        ("p-11", &key, 409, "SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT"),
    ] {
        let request = app.post(&format!("/payments/{id}/billing-key"));
        let body = with(bodies::charge(key), "/amount", parts.clone());
        request.json(&body).send().await.refused(status, error);
    }
}

#[tokio::test]
async fn attempts_at_a_payment_are_limited() {
    let mut config = TestAppOptions::default().config.unwrap_or_default();
    config.limits.attempts_max = 2;
    let options = TestAppOptions {
        config: Some(config),
        ..TestAppOptions::default()
    };
    let app = TestApp::start_with(naru_api_v2::router, options).await;
    for _ in 0..2 {
        pay(&app, "p-8", &card("9000000000120054"))
            .await
            .refused(502, "PG_PROVIDER");
    }
    let answer = pay(&app, "p-8", &bodies::card_payment()).await;
    answer.refused(400, "MAX_TRANSACTION_COUNT_REACHED");
    let key = issue(&app).await;
    let charge = app.post("/payments/p-8/billing-key");
    let answer = charge.json(&bodies::charge(&key)).send().await;
    answer.refused(400, "MAX_TRANSACTION_COUNT_REACHED");
}

#[tokio::test]
async fn what_was_asked_for_is_what_is_read() {
    let app = app().await;
    let mut body = bodies::card_payment();
    body["amount"] = json!({"total": 12_000, "taxFree": 2_000});
    body["customData"] = json!("{\"seat\": 7}");
    body["country"] = json!("KR");
    body["isCulturalExpense"] = json!(true);
    body["productCount"] = json!(2);
    body["products"] = json!([
        {"id": "1", "name": "표", "amount": 6000, "quantity": 2, "tag": "t", "code": "c",
         "link": "http://shop.test/1"}
    ]);
    body["customer"] = json!({
        "id": "c-1",
        "name": {"separated": {"first": "Ada", "last": "Lovelace"}},
        "birthYear": "1815", "birthMonth": "12", "birthDay": "10",
        "gender": "FEMALE",
        "email": "ada@shop.test",
        "phoneNumber": "010-1234-5678",
        "address": {"addressLine1": "세종대로 110", "addressLine2": "1층", "city": "서울",
                    "province": "서울", "country": "KR"},
        "zipcode": "04524",
    });
    body["unknownField"] = json!({"is": "ignored"});
    let request = app
        .post("/payments/p-9/instant")
        .header("user-agent", "shop/1.0");
    request.json(&body).send().await.ok();
    let read = app.get("/payments/p-9").send().await.ok();
    assert_eq!(
        read["amount"],
        json!({"total": 12_000, "taxFree": 2_000, "vat": 909, "supply": 9_091, "discount": 0,
               "paid": 12_000, "cancelled": 0, "cancelledTaxFree": 0})
    );
    assert_eq!(
        read["customer"],
        json!({
            "id": "c-1", "name": "Ada Lovelace", "birthYear": "1815", "birthMonth": "12",
            "birthDay": "10", "gender": "FEMALE", "email": "ada@shop.test",
            "phoneNumber": "01012345678", "zipcode": "04524",
            "address": {"type": "SEPARATED", "oneLine": "세종대로 110 1층",
                        "addressLine1": "세종대로 110", "addressLine2": "1층", "city": "서울",
                        "province": "서울", "country": "KR"},
        })
    );
    assert_eq!(read["products"], body["products"]);
    for field in [
        "customData",
        "country",
        "isCulturalExpense",
        "productCount",
        "orderName",
    ] {
        assert_eq!(read[field], body[field], "{field}");
    }
    assert_eq!(
        read["origin"],
        json!({"platformType": "API", "ipAddress": "127.0.0.1", "userAgent": "shop/1.0"})
    );
}

#[tokio::test]
async fn odd_payment_ids_work_and_impossible_ones_are_refused() {
    let app = app().await;
    let read = |id: &str| app.get(&format!("/payments/{id}"));
    // A slash is part of the id; the PG restricts the rest.
    for id in ["a%2Fb", "%20", "..%2F..", "a+b", "x%22y"] {
        app.post(&format!("/payments/{id}/instant"))
            .json(&bodies::card_payment())
            .send()
            .await
            .ok();
        assert_eq!(read(id).send().await.ok()["status"], "PAID", "{id}");
    }
    assert_eq!(read("a%2Fb").send().await.ok()["id"], "a/b");
    assert_eq!(read("a+b").send().await.ok()["id"], "a+b");
    for id in ["%00", "a%00b", "a%0Ab", "%7F", &"x".repeat(201)] {
        let request = app.post(&format!("/payments/{id}/instant"));
        let answer = request.json(&bodies::card_payment()).send().await;
        answer.refused_field("paymentId");
        read(id).send().await.refused(404, "PAYMENT_NOT_FOUND");
    }
}
