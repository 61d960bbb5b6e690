//! `cancelPayment`.

use naru_testkit::{TestApp, TestAppOptions, bodies};
use serde_json::{Value, json};

use crate::{app, app_with_payment, text, with};

async fn cancel(app: &TestApp, id: &str, body: &Value) -> naru_testkit::Answer {
    app.post(&format!("/payments/{id}/cancel"))
        .json(body)
        .send()
        .await
}

async fn pay(app: &TestApp, id: &str, amount: Value) {
    let body = with(bodies::card_payment(), "/amount", amount);
    app.post(&format!("/payments/{id}/instant"))
        .json(&body)
        .send()
        .await
        .ok();
}

#[tokio::test]
async fn a_whole_cancellation_gives_everything_back() {
    let app = app_with_payment("c-1").await;
    let answer = cancel(&app, "c-1", &bodies::cancel()).await.ok();
    let cancellation = &answer["cancellation"];
    assert_eq!(cancellation["status"], "SUCCEEDED");
    assert_eq!(
        (
            &cancellation["totalAmount"],
            &cancellation["taxFreeAmount"],
            &cancellation["vatAmount"]
        ),
        (&json!(1000), &json!(0), &json!(91))
    );
    assert_eq!(
        (&cancellation["trigger"], &cancellation["reason"]),
        (&json!("API"), &json!("변심"))
    );
    assert_eq!(text(&cancellation["cancelledAt"]).len(), 20);
    let read = app.get("/payments/c-1").send().await.ok();
    assert_eq!(read["status"], "CANCELLED");
    assert_eq!(read["amount"]["cancelled"], 1000);
    assert_eq!(read["amount"]["paid"], 1000);
    assert_eq!(read["cancellations"][0], *cancellation);
    assert_eq!(read["cancelledAt"], cancellation["cancelledAt"]);
    for gone in ["pgResponse", "disputes"] {
        assert!(read.get(gone).is_none());
    }
    assert!(app.captures().await.is_empty());
    // State comes before amounts.
    let again = json!({"reason": "r", "amount": 1});
    cancel(&app, "c-1", &again)
        .await
        .refused(409, "PAYMENT_ALREADY_CANCELLED");
    app.post("/payments/c-1/instant")
        .json(&bodies::card_payment())
        .send()
        .await
        .refused(409, "ALREADY_PAID");
}

#[tokio::test]
async fn parts_are_given_back_one_after_the_other() {
    let app = app().await;
    pay(&app, "c-2", json!({"total": 1000, "taxFree": 300})).await;
    let part = json!({"reason": "r", "amount": 400, "currentCancellableAmount": 1000});
    let answer = cancel(&app, "c-2", &part).await.ok();
    assert_eq!(answer["cancellation"]["taxFreeAmount"], 0);
    assert_eq!(answer["cancellation"]["vatAmount"], 36);
    let read = app.get("/payments/c-2").send().await.ok();
    assert_eq!(read["status"], "PARTIAL_CANCELLED");
    assert_eq!(read["amount"]["cancelled"], 400);
    let tax_free = json!({"reason": "r", "amount": 300, "taxFreeAmount": 300});
    cancel(&app, "c-2", &tax_free).await.ok();
    cancel(&app, "c-2", &bodies::cancel()).await.ok();
    let read = app.get("/payments/c-2").send().await.ok();
    assert_eq!(read["status"], "CANCELLED");
    assert_eq!(read["amount"]["cancelledTaxFree"], 300);
    assert_eq!(read["cancellations"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn amounts_that_do_not_fit_are_refused_in_order() {
    let app = app().await;
    pay(&app, "c-3", json!({"total": 1000, "taxFree": 300})).await;
    for (error, body) in [
        (
            "CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN",
            json!({"reason": "r", "amount": 2000, "currentCancellableAmount": 999}),
        ),
        (
            "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT",
            json!({"reason": "r", "amount": 1001, "taxFreeAmount": 2000}),
        ),
        (
            "SUM_OF_PARTS_EXCEEDS_CANCEL_AMOUNT",
            json!({"reason": "r", "amount": 500, "taxFreeAmount": 400, "vatAmount": 101}),
        ),
        (
            "CANCEL_TAX_FREE_AMOUNT_EXCEEDS_CANCELLABLE_TAX_FREE_AMOUNT",
            json!({"reason": "r", "amount": 500, "taxFreeAmount": 301}),
        ),
        (
            "CANCEL_TAX_AMOUNT_EXCEEDS_CANCELLABLE_TAX_AMOUNT",
            json!({"reason": "r", "amount": 800}),
        ),
    ] {
        cancel(&app, "c-3", &body).await.refused(409, error);
    }
    assert_eq!(app.get("/payments/c-3").send().await.ok()["status"], "PAID");
    assert_eq!(app.captures().await, [1000]);
}

#[tokio::test]
async fn what_is_not_paid_can_not_be_cancelled() {
    let app = app().await;
    cancel(&app, "nothing", &bodies::cancel())
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
    cancel(&app, "%00", &bodies::cancel())
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
    app.post("/payments/c-4/instant")
        .json(&bodies::virtual_account())
        .send()
        .await
        .ok();
    cancel(&app, "c-4", &bodies::cancel())
        .await
        .refused(409, "PAYMENT_NOT_PAID");
    let declined = bodies::card_number("9000000000120049");
    let declined = with(bodies::card_payment(), "/method/card/credential", declined);
    app.post("/payments/c-5/instant")
        .json(&declined)
        .send()
        .await;
    cancel(&app, "c-5", &bodies::cancel())
        .await
        .refused(409, "PAYMENT_NOT_PAID");
}

#[tokio::test]
async fn a_refusal_of_the_pg_is_a_502_and_changes_no_status() {
    let app = app_with_payment("c-6").await;
    app.fault("refund", "decline").await;
    let answer = cancel(&app, "c-6", &bodies::cancel()).await;
    assert!(!text(&answer.body["pgCode"]).is_empty());
    answer.refused(502, "PG_PROVIDER");
    let read = app.get("/payments/c-6").send().await.ok();
    assert_eq!(read["status"], "PAID");
    assert_eq!(read["cancellations"][0]["status"], "FAILED");
    cancel(&app, "c-6", &bodies::cancel()).await.ok();
}

#[tokio::test]
async fn cancellations_are_limited() {
    let mut config = TestAppOptions::default().config.unwrap_or_default();
    config.limits.cancellations_max = 1;
    let options = TestAppOptions {
        config: Some(config),
        ..TestAppOptions::default()
    };
    let app = TestApp::start_with(naru_api_v2::router, options).await;
    pay(&app, "c-7", json!({"total": 1000})).await;
    let part = json!({"reason": "r", "amount": 400});
    cancel(&app, "c-7", &part).await.ok();
    cancel(&app, "c-7", &part)
        .await
        .refused(409, "MAX_CANCEL_COUNT_REACHED");
}

#[tokio::test]
async fn an_unclear_refund_is_requested_and_found_out_later() {
    let app = app_with_payment("c-8").await;
    app.fault("refund", "drop_after").await;
    app.fault("inquiry", "http_500").await;
    let answer = cancel(&app, "c-8", &bodies::cancel()).await.ok();
    assert_eq!(answer["cancellation"]["status"], "REQUESTED");
    let read = app.get("/payments/c-8").send().await.ok();
    assert_eq!(
        (&read["status"], &read["cancellations"][0]["status"]),
        (&json!("PAID"), &json!("REQUESTED"))
    );
}

#[tokio::test]
async fn bad_input_is_refused() {
    let app = app_with_payment("c-9").await;
    for (field, body) in [
        ("reason", json!({})),
        ("reason", json!({"reason": ""})),
        ("reason", json!({"reason": "  "})),
        ("reason", json!({"reason": null})),
        ("reason", json!({"reason": "a\u{0}b"})),
        ("reason", json!({"reason": "r".repeat(1001)})),
        ("amount", json!({"reason": "r", "amount": 0})),
        ("amount", json!({"reason": "r", "amount": -1})),
        ("amount", json!({"reason": "r", "amount": 0.5})),
        ("amount", json!({"reason": "r", "amount": i64::MAX})),
        ("amount", json!({"reason": "r", "amount": "100"})),
        ("taxFreeAmount", json!({"reason": "r", "taxFreeAmount": -1})),
        ("vatAmount", json!({"reason": "r", "vatAmount": -1})),
        (
            "currentCancellableAmount",
            json!({"reason": "r", "currentCancellableAmount": -1}),
        ),
        ("requester", json!({"reason": "r", "requester": "Customer"})),
        (
            "refundAccount.bank",
            json!({"reason": "r", "refundAccount":
            {"bank": "BANK_OF_MOON", "number": "1", "holderName": "h"}}),
        ),
        (
            "refundAccount.number",
            json!({"reason": "r", "refundAccount":
            {"bank": "SHINHAN", "number": "abc", "holderName": "h"}}),
        ),
        (
            "refundAccount.holderName",
            json!({"reason": "r", "refundAccount":
            {"bank": "SHINHAN", "number": "110", "holderName": ""}}),
        ),
    ] {
        cancel(&app, "c-9", &body).await.refused_field(field);
    }
    assert_eq!(app.captures().await, [1000]);
    assert_eq!(app.get("/payments/c-9").send().await.ok()["status"], "PAID");
}
