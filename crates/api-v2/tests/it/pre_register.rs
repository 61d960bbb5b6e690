//! `preRegisterPayment`.

use naru_testkit::{TestApp, bodies};
use serde_json::{Value, json};

use crate::{app, app_with_payment, with};

async fn register(app: &TestApp, id: &str, body: &Value) -> naru_testkit::Answer {
    app.post(&format!("/payments/{id}/pre-register"))
        .json(body)
        .send()
        .await
}

#[tokio::test]
async fn a_registered_amount_must_be_paid_as_it_is() {
    let app = app().await;
    let answer = register(&app, "g-1", &json!({"totalAmount": 500, "currency": "KRW"})).await;
    assert_eq!(answer.ok(), json!({}));
    // Registered is not paid: there is no payment yet.
    app.get("/payments/g-1")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
    let pay = |body: Value| app.post("/payments/g-1/instant").json(&body);
    pay(bodies::card_payment())
        .send()
        .await
        .refused_field("amount.total");
    let body = with(bodies::card_payment(), "/amount/total", json!(500));
    let usd = with(body.clone(), "/currency", json!("USD"));
    pay(usd).send().await.refused_field("currency");
    assert!(app.books().await.is_empty());
    pay(body).send().await.ok();
}

#[tokio::test]
async fn registering_again_overwrites_and_nothing_is_required() {
    let app = app().await;
    register(&app, "g-2", &json!({"totalAmount": 500}))
        .await
        .ok();
    register(&app, "g-2", &json!({})).await.ok();
    app.post("/payments/g-2/pre-register").send().await.ok();
    app.post("/payments/g-2/instant")
        .json(&bodies::card_payment())
        .send()
        .await
        .ok();
}

#[tokio::test]
async fn a_paid_payment_can_not_be_registered() {
    let app = app_with_payment("g-3").await;
    register(&app, "g-3", &json!({"totalAmount": 500}))
        .await
        .refused(409, "ALREADY_PAID");
}

#[tokio::test]
async fn bad_amounts_are_refused() {
    let app = app().await;
    for (field, body) in [
        ("totalAmount", json!({"totalAmount": 0})),
        ("totalAmount", json!({"totalAmount": -5})),
        ("totalAmount", json!({"totalAmount": 1.5})),
        ("taxFreeAmount", json!({"taxFreeAmount": -1})),
        (
            "taxFreeAmount",
            json!({"totalAmount": 10, "taxFreeAmount": 11}),
        ),
        ("currency", json!({"currency": "WON"})),
    ] {
        register(&app, "g-4", &body).await.refused_field(field);
    }
    register(&app, "%00", &json!({}))
        .await
        .refused_field("paymentId");
}
