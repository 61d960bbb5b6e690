//! `confirmBillingKey`, and the windows that come before it.

use naru_domain::ChannelKey;
use naru_engine::windows::{KeyBack, KeyEnd};
use naru_engine::{Device, EngineConfig, Fault};
use naru_testkit::{Answer, MAIN, TestApp, TestAppOptions, bodies, key_window};
use serde_json::{Value, json};

use crate::{app, text, with};

/// A server whose billing channel waits for the merchant.
async fn manual_app(config: EngineConfig) -> TestApp {
    let options = TestAppOptions {
        config: Some(config),
        ..TestAppOptions::default()
    };
    let app = TestApp::start_with(naru_api_v2::router, options).await;
    let key = ChannelKey::new(MAIN.channels[1]);
    app.engine
        .set_manual_confirm(&key, true)
        .await
        .expect("set");
    app
}

/// A key that waits for the merchant, and its token.
async fn authenticated(app: &TestApp) -> (String, String) {
    let opened = app.open_key_window(key_window()).await.expect("opened");
    let KeyBack { billing_key, end } = app.bring_key(&opened).await.expect("returned");
    let KeyEnd::NeedsConfirmation {
        billing_issue_token,
    } = end
    else {
        panic!("{end:?}");
    };
    (billing_key.to_string(), billing_issue_token)
}

async fn confirm(app: &TestApp, body: &Value) -> Answer {
    app.post("/billing-keys/confirm").json(body).send().await
}

#[tokio::test]
async fn a_key_is_issued_when_the_merchant_confirms_and_can_be_charged() {
    let app = manual_app(EngineConfig::default()).await;
    let (key, token) = authenticated(&app).await;
    app.get(&format!("/billing-keys/{key}"))
        .send()
        .await
        .refused(404, "BILLING_KEY_NOT_FOUND");
    // What the window names, though nothing is issued yet, can't be deleted.
    app.delete(&format!("/billing-keys/{key}"))
        .send()
        .await
        .refused(404, "BILLING_KEY_NOT_ISSUED");
    let body = json!({ "billingIssueToken": token, "isTest": true });
    let call = || {
        let request = app.post("/billing-keys/confirm");
        request
            .idempotency_key("issue-key-12345678")
            .json(&body)
            .send()
    };
    let first = call().await;
    let again = call().await;
    assert!(again.is_replayed());
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(first.ok(), json!({ "billingKey": key }));
    confirm(&app, &body)
        .await
        .refused(409, "BILLING_KEY_ALREADY_ISSUED");
    let read = app.get(&format!("/billing-keys/{key}")).send().await.ok();
    assert_eq!(read["status"], "ISSUED");
    assert!(app.captures().await.is_empty(), "the price is only shown");
    app.post("/payments/ck-1/billing-key")
        .json(&bodies::charge(&key))
        .send()
        .await
        .ok();
    app.settle().await;
    assert_eq!(
        app.receiver.events(&key),
        ["BillingKey.Ready", "BillingKey.Issued"]
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_confirmation_is_said_in_order() {
    let app = manual_app(EngineConfig::default()).await;
    let (_, token) = authenticated(&app).await;
    let right = json!({ "billingIssueToken": token });
    let live = with(right.clone(), "/isTest", json!(false));
    confirm(&app, &live)
        .await
        .refused(409, "INFORMATION_MISMATCH");
    for bad in ["", "x", &token[1..], "billing-issue-token-0.0"] {
        confirm(&app, &json!({ "billingIssueToken": bad }))
            .await
            .refused(404, "BILLING_KEY_NOT_FOUND");
    }
    confirm(&app, &json!({}))
        .await
        .refused_field("billingIssueToken");
    let foreign = with(right.clone(), "/storeId", json!("store-of-others"));
    confirm(&app, &foreign).await.refused(403, "FORBIDDEN");
    let sub = with(right.clone(), "/storeId", json!(naru_testkit::SUB.store_id));
    confirm(&app, &sub)
        .await
        .refused(404, "BILLING_KEY_NOT_FOUND");
    let anonymous = app.post("/billing-keys/confirm").anonymous();
    anonymous
        .json(&right)
        .send()
        .await
        .refused(401, "UNAUTHORIZED");
    let quiet = with(right, "/skipWebhook", json!(true));
    let key = text(&confirm(&app, &quiet).await.ok()["billingKey"]);
    app.settle().await;
    assert_eq!(app.receiver.events(&key), ["BillingKey.Ready"]);
}

/// No PG of this version issues and charges in one window, so the window of a token only issues.
#[tokio::test]
async fn a_window_that_only_issues_takes_no_money() {
    let app = manual_app(EngineConfig::default()).await;
    let (key, token) = authenticated(&app).await;
    let path = "/billing-keys/confirm-issue-and-pay";
    let ask = async |body: &Value| app.post(path).json(body).send().await;
    let right = json!({ "billingIssueToken": token });
    let anonymous = app.post(path).anonymous();
    anonymous
        .json(&right)
        .send()
        .await
        .refused(401, "UNAUTHORIZED");
    ask(&json!({})).await.refused_field("billingIssueToken");
    let foreign = with(right.clone(), "/storeId", json!("store-of-others"));
    ask(&foreign).await.refused(403, "FORBIDDEN");
    let sub = with(right.clone(), "/storeId", json!(naru_testkit::SUB.store_id));
    for missing in [
        sub,
        json!({ "billingIssueToken": "billing-issue-token-0.0" }),
    ] {
        ask(&missing).await.refused(404, "BILLING_KEY_NOT_FOUND");
    }
    for (field, value) in [
        ("/isTest", json!(false)),
        ("/paymentId", json!("order-1")),
        ("/currency", json!("KRW")),
        ("/totalAmount", json!(1000)),
        ("/taxFreeAmount", json!(0)),
    ] {
        let body = with(right.clone(), field, value);
        let message = ask(&body).await.refused(409, "INFORMATION_MISMATCH");
        assert!(message.contains(&field[1..]), "{message}");
    }
    ask(&right).await.refused(502, "PG_PROVIDER");
    assert!(app.captures().await.is_empty());
    // The key can still be confirmed as what it is.
    assert_eq!(confirm(&app, &right).await.ok()["billingKey"], key.as_str());
    ask(&right).await.refused(409, "BILLING_KEY_ALREADY_ISSUED");
}

#[tokio::test]
async fn an_issue_that_the_pg_refuses_or_whose_answer_is_lost_fails() {
    let app = manual_app(EngineConfig::default()).await;
    for kind in ["decline", "drop_after", "garbage"] {
        let (key, token) = authenticated(&app).await;
        app.fault("approve_window", kind).await;
        let body = json!({ "billingIssueToken": token });
        confirm(&app, &body).await.refused(502, "PG_PROVIDER");
        confirm(&app, &body)
            .await
            .refused(404, "BILLING_KEY_NOT_FOUND");
        app.settle().await;
        assert_eq!(
            app.receiver.events(&key),
            ["BillingKey.Ready", "BillingKey.Failed"]
        );
    }
}

#[tokio::test]
async fn who_does_not_confirm_in_time_gets_no_key() {
    let config = EngineConfig {
        confirm_ms: -1,
        ..EngineConfig::default()
    };
    let app = manual_app(config).await;
    let (key, token) = authenticated(&app).await;
    confirm(&app, &json!({ "billingIssueToken": token }))
        .await
        .refused(404, "BILLING_KEY_NOT_FOUND");
    app.settle().await;
    assert_eq!(
        app.receiver.events(&key),
        ["BillingKey.Ready", "BillingKey.Failed"]
    );
}

#[tokio::test]
async fn without_manual_confirmation_the_return_issues() {
    let app = app().await;
    let opened = app.open_key_window(key_window()).await.unwrap();
    let brought = app.play(&opened, &Value::Null).await;
    let back = app
        .engine
        .key_window_returned(opened.attempt, brought.clone());
    let back = back.await.unwrap();
    assert_eq!(back.end, KeyEnd::Issued);
    // Brought again, it changes nothing.
    let again = app
        .engine
        .key_window_returned(opened.attempt, brought)
        .await;
    assert_eq!(again.unwrap(), back);
    let read = app.get(&format!("/billing-keys/{}", back.billing_key));
    let read = read.send().await.ok();
    assert_eq!(
        (&read["status"], &read["issueId"], &read["issueName"]),
        (&json!("ISSUED"), &json!("issue-1"), &json!("tea club"))
    );
    let mut phone = key_window();
    phone.device = Device::Mobile;
    let refused = app.open_key_window(phone).await;
    assert!(matches!(refused, Err(Fault::InvalidRequest { .. })));
    let opened = app.open_key_window(key_window()).await.unwrap();
    let brought = app.play(&opened, &json!({ "action": "leave" })).await;
    let back = app
        .engine
        .key_window_returned(opened.attempt, brought)
        .await;
    assert!(matches!(back.unwrap().end, KeyEnd::Failed(_)));
}
