//! Webhooks as payments show them, and `resendWebhook`.

use naru_testkit::{TestApp, TestAppOptions, bodies};
use serde_json::{Value, json};

use crate::{app, app_with_payment, text, with};

async fn resend(app: &TestApp, id: &str, body: &Value) -> naru_testkit::Answer {
    app.post(&format!("/payments/{id}/resend-webhook"))
        .json(body)
        .send()
        .await
}

#[tokio::test]
async fn a_payment_shows_what_was_sent_and_what_came_back() {
    let app = app_with_payment("w-1").await;
    let before = app.get("/payments/w-1").send().await.ok();
    assert!(before["webhooks"][0].get("request").is_none());
    app.settle().await;
    let read = app.get("/payments/w-1").send().await.ok();
    let webhook = &read["webhooks"][0];
    assert_eq!(
        (&webhook["status"], &webhook["paymentStatus"]),
        (&json!("SUCCEEDED"), &json!("PAID"))
    );
    assert_eq!(webhook["currentExecutionCount"], 1);
    assert_eq!(webhook["maxExecutionCount"], 6);
    assert_eq!(webhook["response"]["code"], "200");
    assert_eq!(webhook["response"]["body"], "thanks");
    assert!(text(&webhook["request"]["header"]).contains("webhook-signature: v1,"));
    let delivered = app.receiver.deliveries();
    assert_eq!(
        webhook["request"]["body"].as_str().unwrap().as_bytes(),
        &delivered[0].bytes[..]
    );
    assert!(webhook.get("trigger").is_none());
    assert_eq!(
        delivered[0].body["data"]["transactionId"],
        read["transactionId"]
    );
}

#[tokio::test]
async fn a_webhook_is_sent_again_on_demand() {
    let app = app_with_payment("w-2").await;
    app.settle().await;
    let read = app.get("/payments/w-2").send().await.ok();
    let id = text(&read["webhooks"][0]["id"]);
    app.receiver.answer_with(503);
    let answer = resend(&app, "w-2", &json!({ "webhookId": id })).await.ok();
    assert_eq!(answer["webhook"]["id"], id);
    assert_eq!(answer["webhook"]["trigger"], "MANUAL");
    assert_eq!(answer["webhook"]["response"]["code"], "503");
    app.receiver.answer_with(200);
    // Without an id, and without a body: the latest.
    let answer = app.post("/payments/w-2/resend-webhook").send().await.ok();
    assert_eq!(answer["webhook"]["id"], id);
    assert_eq!(answer["webhook"]["status"], "SUCCEEDED");
    assert_eq!(app.receiver.deliveries().len(), 3);
    app.receiver.go_away();
    let answer = resend(&app, "w-2", &json!({})).await.ok();
    assert!(answer["webhook"].get("response").is_none());
}

#[tokio::test]
async fn unknown_webhooks_and_payments_are_not_found() {
    let app = app_with_payment("w-3").await;
    resend(&app, "nothing", &json!({}))
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
    for id in ["nothing", "", "a\u{0}"] {
        resend(&app, "w-3", &json!({"webhookId": id}))
            .await
            .refused(404, "WEBHOOK_NOT_FOUND");
    }
    let body = with(bodies::card_payment(), "/skipWebhook", json!(true));
    app.post("/payments/w-4/instant")
        .json(&body)
        .send()
        .await
        .ok();
    resend(&app, "w-4", &json!({}))
        .await
        .refused(404, "WEBHOOK_NOT_FOUND");
    // Another payment's webhook is not this one's.
    let read = app.get("/payments/w-3").send().await.ok();
    let id = &read["webhooks"][0]["id"];
    resend(&app, "w-4", &json!({"webhookId": id}))
        .await
        .refused(404, "WEBHOOK_NOT_FOUND");
    resend(&app, "w-3", &json!({"webhookId": 5}))
        .await
        .refused_field("webhookId");
}

#[tokio::test]
async fn resends_are_limited() {
    let mut config = TestAppOptions::default().config.unwrap_or_default();
    config.webhook_manual_max = 2;
    let options = TestAppOptions {
        config: Some(config),
        ..TestAppOptions::default()
    };
    let app = TestApp::start_with(naru_api_v2::router, options).await;
    app.post("/payments/w-5/instant")
        .json(&bodies::card_payment())
        .send()
        .await
        .ok();
    for _ in 0..2 {
        resend(&app, "w-5", &json!({})).await.ok();
    }
    let answer = resend(&app, "w-5", &json!({})).await;
    answer.refused(400, "MAX_WEBHOOK_RETRY_COUNT_REACHED");
}

#[tokio::test]
async fn of_many_webhooks_the_latest_are_shown_oldest_first() {
    let app = app().await;
    let urls: Vec<_> = (0..10).map(|n| format!("http://a.test/{n}")).collect();
    let declined = bodies::card_number("9000000000120049");
    let body = with(bodies::card_payment(), "/method/card/credential", declined);
    let body = with(body, "/noticeUrls", json!(urls));
    for _ in 0..11 {
        let request = app.post("/payments/w-7/instant").json(&body);
        request.send().await.refused(502, "PG_PROVIDER");
    }
    app.settle().await;
    let read = app.get("/payments/w-7").send().await.ok();
    let list = app.get("/payments").send().await.ok();
    for payment in [&read, &list["items"][0]] {
        let webhooks = payment["webhooks"].as_array().unwrap();
        assert_eq!(webhooks.len(), 100);
        let times: Vec<_> = webhooks
            .iter()
            .map(|one| text(&one["triggeredAt"]))
            .collect();
        assert!(times.is_sorted());
        let latest = text(&webhooks[99]["request"]["body"]);
        assert!(latest.contains(&text(&payment["transactionId"])));
    }
}

#[tokio::test]
async fn notice_urls_replace_the_configured_address() {
    let app = app().await;
    let urls = json!(["http://a.test/1", "https://b.test/2"]);
    let body = with(bodies::card_payment(), "/noticeUrls", urls);
    app.post("/payments/w-6/instant")
        .json(&body)
        .send()
        .await
        .ok();
    app.settle().await;
    let urls: Vec<_> = app
        .receiver
        .deliveries()
        .into_iter()
        .map(|one| one.url)
        .collect();
    assert_eq!(urls.len(), 2);
    assert!(urls.contains(&"https://b.test/2".to_owned()));
}
