//! What receivers of webhooks get: both versions of the payload, headers, and the times of
//! retries.

use naru_domain::StoreId;
use naru_engine::admin::NewEndpoint;
use naru_engine::records::{Environment, PayloadFormat, PayloadVersion};
use naru_testkit::{Delivery, MAIN, TestApp, bodies};
use serde_json::{Value, json};

use crate::{app, app_with_payment, issue, text, with};

async fn old_endpoint(app: &TestApp, url: &str, format: PayloadFormat) {
    let new = NewEndpoint {
        store_id: StoreId::new(MAIN.store_id),
        id: None,
        environment: Environment::Test,
        url: Some(url.to_owned()),
        version: PayloadVersion::V20240101,
        format,
        secret: None,
    };
    app.engine.create_endpoint(new).await.expect("an endpoint");
}

fn header<'a>(delivery: &'a Delivery, name: &str) -> &'a str {
    let mut values = delivery.headers.iter().filter(|(one, _)| *one == name);
    let (_, value) = values.next().expect("the header");
    assert!(values.next().is_none(), "`{name}` twice");
    value
}

fn to(app: &TestApp, url: &str) -> Vec<Delivery> {
    let mut found = app.receiver.deliveries();
    found.retain(|delivery| delivery.url == url);
    found
}

#[tokio::test]
async fn the_version_of_today_says_type_time_and_ids() {
    let app = app().await;
    let key = issue(&app).await;
    let request = app.post("/payments/주문-1/billing-key");
    let refused = request.json(&bodies::charge(&key)).send().await;
    refused.refused_field("paymentId");
    let request = app.post("/payments/m-1/billing-key");
    request.json(&bodies::charge(&key)).send().await.ok();
    let cancel = with(bodies::cancel(), "/amount", json!(300));
    let request = app.post("/payments/m-1/cancel").json(&cancel);
    let cancelled = request.send().await.ok();
    app.delete(&format!("/billing-keys/{key}"))
        .send()
        .await
        .ok();
    app.settle().await;
    let transaction = app.get("/payments/m-1").send().await.ok()["transactionId"].clone();
    let mut seen: Vec<(String, Value)> = Vec::new();
    for delivery in app.receiver.deliveries() {
        assert_eq!(header(&delivery, "content-type"), "application/json");
        assert!(header(&delivery, "webhook-signature").starts_with("v1,"));
        assert!(
            header(&delivery, "webhook-timestamp")
                .parse::<u64>()
                .is_ok()
        );
        let body = &delivery.body;
        assert!(text(&body["timestamp"]).ends_with('Z'));
        assert_eq!(body.as_object().expect("an object").len(), 3);
        seen.push((text(&body["type"]), body["data"].clone()));
    }
    seen.sort_by(|a, b| a.0.cmp(&b.0));
    let store = MAIN.store_id;
    let expected = [
        (
            "BillingKey.Deleted",
            json!({"storeId": store, "billingKey": key}),
        ),
        (
            "BillingKey.Issued",
            json!({"storeId": store, "billingKey": key}),
        ),
        (
            "Transaction.Paid",
            json!({"storeId": store, "paymentId": "m-1", "transactionId": transaction}),
        ),
        (
            "Transaction.PartialCancelled",
            json!({"storeId": store, "paymentId": "m-1", "transactionId": transaction,
                   "cancellationId": cancelled["cancellation"]["id"]}),
        ),
    ];
    assert_eq!(seen, expected.map(|(name, data)| (name.to_owned(), data)));
}

#[tokio::test]
async fn the_older_version_is_flat_json_or_a_form_and_knows_payments_only() {
    let app = app().await;
    let (flat, form) = ("http://shop.test/flat", "http://shop.test/form");
    old_endpoint(&app, flat, PayloadFormat::Json).await;
    old_endpoint(&app, form, PayloadFormat::Form).await;
    issue(&app).await;
    for (path, body) in [
        ("/payments/a%26b/instant", bodies::card_payment()),
        ("/payments/a%26b/cancel", bodies::cancel()),
        ("/payments/va/instant", bodies::virtual_account()),
    ] {
        app.post(path).json(&body).send().await.ok();
    }
    app.settle().await;
    let transaction = |payment: &Value| text(&payment["transactionId"]);
    let card = transaction(&app.get("/payments/a%26b").send().await.ok());
    let account = transaction(&app.get("/payments/va").send().await.ok());
    let mut seen: Vec<_> = to(&app, flat).into_iter().map(|one| one.body).collect();
    seen.sort_by_key(|body| text(&body["status"]));
    let message =
        |id: &str, tx: &str, status: &str| json!({"payment_id": id, "tx_id": tx, "status": status});
    assert_eq!(
        seen,
        [
            message("a&b", &card, "Cancelled"),
            message("a&b", &card, "Paid"),
            message("va", &account, "VirtualAccountIssued"),
        ]
    );
    let forms = to(&app, form);
    for delivery in &forms {
        let form = "application/x-www-form-urlencoded";
        assert_eq!(header(delivery, "content-type"), form);
        assert!(header(delivery, "webhook-signature").starts_with("v1,"));
    }
    let mut forms: Vec<_> = forms.iter().map(|one| one.bytes.clone()).collect();
    forms.sort();
    assert_eq!(
        forms,
        [
            format!("payment_id=a%26b&tx_id={card}&status=Cancelled"),
            format!("payment_id=a%26b&tx_id={card}&status=Paid"),
            format!("payment_id=va&tx_id={account}&status=VirtualAccountIssued"),
        ]
    );
}

#[tokio::test]
async fn a_failed_delivery_is_tried_five_times_more_at_growing_distances() {
    let app = app_with_payment("m-2").await;
    app.receiver.answer_with(503);
    app.settle().await;
    let store = StoreId::new(MAIN.store_id);
    let read = app.get("/payments/m-2").send().await.ok();
    let id = text(&read["webhooks"][0]["id"]);
    for (done, minutes) in [(1, 1), (2, 4), (3, 16), (4, 64), (5, 256)] {
        let deliveries = app.receiver.deliveries();
        assert_eq!(deliveries.len(), done);
        let due = app
            .engine
            .next_delivery(&id, &store)
            .await
            .expect("a retry");
        assert!(due <= app.now().plus_seconds(minutes * 60), "after {done}");
        app.move_clock_s(minutes * 60).await;
        app.settle().await;
    }
    assert!(app.engine.next_delivery(&id, &store).await.is_none());
    let deliveries = app.receiver.deliveries();
    assert_eq!(deliveries.len(), 6);
    for delivery in &deliveries {
        assert_eq!(header(delivery, "webhook-id"), id);
        assert_eq!(delivery.bytes, deliveries[0].bytes);
    }
    let read = app.get("/payments/m-2").send().await.ok();
    let webhook = &read["webhooks"][0];
    assert_eq!(webhook["status"], "FAILED_NOT_OK_RESPONSE");
    assert_eq!(webhook["currentExecutionCount"], 6);
    assert_eq!(webhook["maxExecutionCount"], 6);
    // Answered by nobody is another failure.
    app.receiver.go_away();
    let request = app.post("/payments/m-2/resend-webhook");
    let sent = request.json(&json!({})).send().await.ok();
    assert_eq!(sent["webhook"]["status"], "FAILED_UNEXPECTED_ERROR");
}
