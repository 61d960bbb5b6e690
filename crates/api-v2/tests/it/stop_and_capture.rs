//! `stopPaymentCancellation` and `capturePayment`.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use naru_engine::{SystemTime, Time as _};
use naru_store_memory::MemoryStore;
use naru_testkit::{Answer, TestApp, TestAppOptions, bodies};
use serde_json::{Value, json};

use crate::super_keys::key_channel;
use crate::{app, app_with_payment, text, with};

/// Longer than a sender's deadline and the simulator's settle time together, in milliseconds.
const SETTLED_MS: i64 = 60_000;

/// A server whose store's clock the test can put forward, with the payment `id`, one cancellation
/// of which is REQUESTED: nothing has reached the PG.
async fn app_with_request(id: &str) -> (TestApp, Arc<AtomicI64>, String) {
    let ahead_ms = Arc::new(AtomicI64::new(0));
    let ahead = Arc::clone(&ahead_ms);
    let store =
        MemoryStore::new(move || SystemTime.now().plus_millis(ahead.load(Ordering::SeqCst)));
    let options = TestAppOptions {
        store: Some(store),
        ..TestAppOptions::default()
    };
    let app = TestApp::start_with(naru_api_v2::router, options).await;
    app.post(&format!("/payments/{id}/instant"))
        .json(&bodies::card_payment())
        .send()
        .await
        .ok();
    app.fault("refund", "drop_before").await;
    let cancelled = app
        .post(&format!("/payments/{id}/cancel"))
        .idempotency_key("cancel-key-123456")
        .json(&bodies::cancel())
        .send()
        .await
        .ok();
    assert_eq!(cancelled["cancellation"]["status"], "REQUESTED");
    let cancellation = text(&cancelled["cancellation"]["id"]);
    (app, ahead_ms, cancellation)
}

async fn stop(app: &TestApp, id: &str, cancellation: &str) -> Answer {
    app.post(&format!("/payments/{id}/cancellations/{cancellation}/stop"))
        .json(&json!({}))
        .send()
        .await
}

async fn capture(app: &TestApp, id: &str, body: &Value) -> Answer {
    app.post(&format!("/payments/{id}/capture"))
        .json(body)
        .send()
        .await
}

#[tokio::test]
async fn a_cancellation_that_surely_never_arrived_is_stopped() {
    let (app, ahead_ms, cancellation) = app_with_request("st-1").await;
    // It may still be on its way.
    let early = stop(&app, "st-1", &cancellation).await;
    assert_eq!(early.body["pgCode"], "NARU_OUTCOME_UNKNOWN");
    early.refused(502, "PG_PROVIDER");
    ahead_ms.store(SETTLED_MS, Ordering::SeqCst);
    let path = format!("/payments/st-1/cancellations/{cancellation}/stop");
    let call = || {
        let request = app.post(&path).idempotency_key("stop-key-12345678");
        request.json(&json!({})).send()
    };
    let stopped = call().await;
    assert!(!stopped.is_replayed());
    let again = call().await;
    assert!(again.is_replayed());
    assert_eq!(stopped.bytes, again.bytes);
    assert!(stopped.ok()["stoppedAt"].is_string());
    let read = app.get("/payments/st-1").send().await.ok();
    assert_eq!(read["status"], "PAID");
    assert_eq!(read["cancellations"][0]["status"], "FAILED");
    assert_eq!(read["amount"]["cancelled"], 0);
    stop(&app, "st-1", &cancellation)
        .await
        .refused(409, "PAYMENT_CANCELLATION_NOT_PENDING");
    // What was reserved is free again, and no worker comes back to it.
    app.settle().await;
    app.post("/payments/st-1/cancel")
        .json(&bodies::cancel())
        .send()
        .await
        .ok();
    assert!(app.captures().await.is_empty());
}

#[tokio::test]
async fn a_cancellation_that_the_pg_carried_out_is_found_and_not_stopped() {
    let app = app_with_payment("st-2").await;
    app.fault("refund", "drop_after").await;
    app.fault("inquiry", "http_500").await;
    let cancelled = app
        .post("/payments/st-2/cancel")
        .json(&bodies::cancel())
        .send()
        .await
        .ok();
    let cancellation = text(&cancelled["cancellation"]["id"]);
    stop(&app, "st-2", &cancellation)
        .await
        .refused(409, "PAYMENT_CANCELLATION_NOT_PENDING");
    let read = app.get("/payments/st-2").send().await.ok();
    assert_eq!(read["status"], "CANCELLED");
    app.settle().await;
    assert_eq!(
        app.receiver.events("st-2"),
        [
            "Transaction.Paid",
            "Transaction.CancelPending",
            "Transaction.Cancelled"
        ]
    );
}

#[tokio::test]
async fn what_can_not_be_stopped_is_refused_in_order() {
    let (app, ahead_ms, cancellation) = app_with_request("st-3").await;
    ahead_ms.store(SETTLED_MS, Ordering::SeqCst);
    stop(&app, "nothing", &cancellation)
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
    for unknown in ["nothing", "%00", "019bc5d4-0000-7000-8000-000000000000"] {
        stop(&app, "st-3", unknown)
            .await
            .refused(404, "PAYMENT_CANCELLATION_NOT_FOUND");
    }
    // Nobody can ask the PG: nothing is known, nothing changes.
    app.fault("inquiry", "http_500").await;
    stop(&app, "st-3", &cancellation)
        .await
        .refused(502, "PG_PROVIDER");
    let path = format!("/payments/st-3/cancellations/{cancellation}/stop");
    let post = || app.post(&path);
    post()
        .anonymous()
        .json(&json!({}))
        .send()
        .await
        .refused(401, "UNAUTHORIZED");
    post()
        .json(&json!({ "storeId": "store-of-others" }))
        .send()
        .await
        .refused(403, "FORBIDDEN");
    post()
        .json(&json!({ "storeId": 1 }))
        .send()
        .await
        .refused_field("storeId");
    stop(&app, "st-3", &cancellation).await.ok();
}

/// A server with the payment `id` through a PG that waits for its captures.
async fn app_with_sale(id: &str, options: &[&str]) -> TestApp {
    let app = app().await;
    key_channel(&app, "channel-key-1", options).await;
    let body = with(bodies::billing_key(), "/channelKey", json!("channel-key-1"));
    let issued = app.post("/billing-keys").json(&body).send().await.ok();
    let key = text(&issued["billingKeyInfo"]["billingKey"]);
    app.post(&format!("/payments/{id}/billing-key"))
        .json(&bodies::charge(&key))
        .send()
        .await
        .ok();
    app
}

#[tokio::test]
async fn what_was_authorised_is_captured() {
    let app = app_with_sale("cs-1", &[]).await;
    let before = app.get("/payments/cs-1").send().await.ok();
    let call = || {
        let request = app.post("/payments/cs-1/capture");
        let request = request.idempotency_key("capture-key-12345");
        request.json(&json!({})).send()
    };
    let first = call().await;
    assert!(!first.is_replayed());
    let again = call().await;
    assert!(again.is_replayed());
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(first.ok(), json!({}));
    let after = app.get("/payments/cs-1").send().await.ok();
    assert_eq!(after["status"], "PAID");
    assert_eq!(after["amount"], before["amount"]);
    // It is the PG that knows whether it has been captured before.
    assert_eq!(capture(&app, "cs-1", &json!({})).await.ok(), json!({}));
    app.settle().await;
    assert_eq!(app.receiver.events("cs-1"), ["Transaction.Paid"]);
}

#[tokio::test]
async fn a_pg_may_refuse_to_capture() {
    let app = app_with_sale("cs-2", &["refuses_capture"]).await;
    let refused = capture(&app, "cs-2", &json!({})).await;
    assert_eq!(refused.body["pgCode"], "REFUSED");
    refused.refused(502, "PG_PROVIDER");
    let after = app.get("/payments/cs-2").send().await.ok();
    assert_eq!(after["status"], "PAID");
}

#[tokio::test]
async fn what_was_only_announced_is_no_payment_to_capture() {
    let app = app().await;
    app.post("/payments/ca-3/pre-register")
        .json(&json!({ "totalAmount": 1000, "currency": "KRW" }))
        .send()
        .await
        .ok();
    capture(&app, "ca-3", &json!({}))
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
}

#[tokio::test]
async fn inicis_captures_by_itself() {
    let app = app_with_payment("ca-1").await;
    let refused = capture(&app, "ca-1", &json!({})).await;
    assert_eq!(refused.body["pgCode"], "NARU_UNSUPPORTED");
    refused.refused(502, "PG_PROVIDER");
    assert_eq!(
        app.get("/payments/ca-1").send().await.ok()["status"],
        "PAID"
    );
    capture(&app, "nothing", &json!({}))
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
    capture(&app, "ca-1", &json!({ "storeId": "store-of-others" }))
        .await
        .refused(403, "FORBIDDEN");
    capture(&app, "ca-1", &json!({ "storeId": false }))
        .await
        .refused_field("storeId");
    app.post("/payments/ca-1/capture")
        .anonymous()
        .json(&json!({}))
        .send()
        .await
        .refused(401, "UNAUTHORIZED");
    app.post("/payments/ca-1/cancel")
        .json(&bodies::cancel())
        .send()
        .await
        .ok();
    capture(&app, "ca-1", &json!({}))
        .await
        .refused(409, "PAYMENT_NOT_PAID");
}

#[tokio::test]
async fn what_failed_is_not_paid() {
    let app = app().await;
    app.fault("pay_card", "decline").await;
    app.post("/payments/ca-2/instant")
        .json(&bodies::card_payment())
        .send()
        .await
        .refused(502, "PG_PROVIDER");
    capture(&app, "ca-2", &json!({}))
        .await
        .refused(409, "PAYMENT_NOT_PAID");
}
