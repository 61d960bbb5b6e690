//! `confirmPayment`, and the windows that come before it.

use naru_domain::{AttemptId, ChannelKey, MethodKind};
use naru_engine::windows::{OpenedWindow, WindowEnd};
use naru_engine::{Device, EngineConfig, Fault};
use naru_testkit::{Answer, TestApp, TestAppOptions, bodies, window};
use serde_json::{Value, json};

use crate::{app, text, with};

const CHANNEL: &str = "channel-key-main";

/// A server whose main channel waits for the merchant.
async fn manual_app(config: EngineConfig) -> TestApp {
    let options = TestAppOptions {
        config: Some(config),
        ..TestAppOptions::default()
    };
    let app = TestApp::start_with(naru_api_v2::router, options).await;
    let key = ChannelKey::new(CHANNEL);
    let set = app.engine.set_manual_confirm(&key, true).await;
    set.expect("a channel with windows");
    app
}

/// A window that the customer came back from, and its token.
async fn authenticated(app: &TestApp, payment: &str) -> (OpenedWindow, String) {
    let opened = app.open_window(window(payment)).await.expect("a window");
    let back = app.come_back(&opened).await.expect("a return");
    let WindowEnd::NeedsConfirmation { payment_token } = back.end else {
        panic!("{back:?}");
    };
    (opened, payment_token)
}

async fn confirm(app: &TestApp, payment: &str, body: &Value) -> Answer {
    app.post(&format!("/payments/{payment}/confirm"))
        .json(body)
        .send()
        .await
}

async fn status(app: &TestApp, payment: &str) -> String {
    let read = app.get(&format!("/payments/{payment}")).send().await.ok();
    text(&read["status"])
}

fn failure(end: &WindowEnd) -> &str {
    match end {
        WindowEnd::Failed(failure) => &failure.pg_code,
        WindowEnd::Done { .. } | WindowEnd::NeedsConfirmation { .. } => panic!("{end:?}"),
    }
}

#[tokio::test]
async fn what_was_authenticated_is_paid_when_the_merchant_confirms() {
    let app = manual_app(EngineConfig::default()).await;
    let (opened, token) = authenticated(&app, "w-1").await;
    assert_eq!(status(&app, "w-1").await, "READY");
    assert!(app.captures().await.is_empty(), "nothing is charged yet");
    let body = json!({
        "paymentToken": token, "txId": opened.attempt.to_string(), "currency": "KRW",
        "totalAmount": 1000, "taxFreeAmount": 0, "isTest": true,
    });
    let call = || {
        let request = app.post("/payments/w-1/confirm");
        request
            .idempotency_key("confirm-key-123456")
            .json(&body)
            .send()
    };
    let first = call().await;
    let again = call().await;
    assert!(again.is_replayed());
    assert_eq!(first.bytes, again.bytes);
    let summary = first.ok();
    assert_eq!(summary.as_object().unwrap().len(), 2, "bare: {summary}");
    let read = app.get("/payments/w-1").send().await.ok();
    assert_eq!(
        (&read["status"], &read["pgTxId"], &read["transactionId"]),
        (
            &json!("PAID"),
            &summary["pgTxId"],
            &json!(opened.attempt.to_string())
        )
    );
    assert!(text(&read["pgTxId"]).starts_with("StdpayCARD"));
    assert_eq!(app.captures().await, [1000]);
    confirm(&app, "w-1", &json!({ "paymentToken": token }))
        .await
        .refused(409, "ALREADY_PAID");
    app.settle().await;
    assert_eq!(
        app.receiver.events("w-1"),
        ["Transaction.Ready", "Transaction.Paid"]
    );
    // A refund goes as of any payment.
    app.post("/payments/w-1/cancel")
        .json(&bodies::cancel())
        .send()
        .await
        .ok();
    assert!(app.captures().await.is_empty());
}

#[tokio::test]
async fn what_differs_is_refused_in_order_and_charges_nothing() {
    let app = manual_app(EngineConfig::default()).await;
    let (_, token) = authenticated(&app, "w-2").await;
    let right = json!({ "paymentToken": token });
    for (field, wrong) in [
        ("txId", json!("019bc5d4-0000-7000-8000-000000000000")),
        ("currency", json!("USD")),
        ("totalAmount", json!(999)),
        ("taxFreeAmount", json!(1)),
        ("isTest", json!(false)),
    ] {
        let body = with(right.clone(), &format!("/{field}"), wrong);
        let refused = confirm(&app, "w-2", &body).await;
        let message = text(&refused.body["message"]);
        assert!(message.contains(&format!("`{field}`")), "{message}");
        refused.refused(409, "INFORMATION_MISMATCH");
    }
    let (_, other) = authenticated(&app, "w-3").await;
    for bad in ["", "x", &token[..token.len() - 1], &other] {
        confirm(&app, "w-2", &json!({ "paymentToken": bad }))
            .await
            .refused(400, "INVALID_PAYMENT_TOKEN");
    }
    confirm(&app, "nothing", &right)
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
    let post = || app.post("/payments/w-2/confirm");
    let anonymous = post().anonymous().json(&right).send().await;
    anonymous.refused(401, "UNAUTHORIZED");
    let foreign = with(right.clone(), "/storeId", json!("store-of-others"));
    confirm(&app, "w-2", &foreign)
        .await
        .refused(403, "FORBIDDEN");
    for (field, bad) in [
        ("paymentToken", Value::Null),
        ("totalAmount", json!(-1)),
        ("currency", json!("WON")),
    ] {
        let body = with(right.clone(), &format!("/{field}"), bad);
        confirm(&app, "w-2", &body).await.refused_field(field);
    }
    assert!(app.captures().await.is_empty());
    let body = with(right, "/skipWebhook", json!(true));
    confirm(&app, "w-2", &body).await.ok();
    app.settle().await;
    assert_eq!(app.receiver.events("w-2"), ["Transaction.Ready"]);
}

#[tokio::test]
async fn what_the_pg_declines_fails_and_its_token_is_used_up() {
    let app = manual_app(EngineConfig::default()).await;
    let (_, token) = authenticated(&app, "w-4").await;
    app.fault("approve_window", "decline").await;
    let body = json!({ "paymentToken": token });
    confirm(&app, "w-4", &body)
        .await
        .refused(502, "PG_PROVIDER");
    assert_eq!(status(&app, "w-4").await, "FAILED");
    confirm(&app, "w-4", &body)
        .await
        .refused(400, "INVALID_PAYMENT_TOKEN");
    // The same payment may be tried again.
    let (_, token) = authenticated(&app, "w-4").await;
    confirm(&app, "w-4", &json!({ "paymentToken": token }))
        .await
        .ok();
    let read = app.get("/payments/w-4/transactions").send().await.ok();
    assert_eq!(read["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_approval_whose_answer_is_lost_is_found_by_inquiry() {
    let app = manual_app(EngineConfig::default()).await;
    let (_, token) = authenticated(&app, "w-5").await;
    app.fault("approve_window", "drop_after").await;
    confirm(&app, "w-5", &json!({ "paymentToken": token }))
        .await
        .ok();
    assert_eq!(status(&app, "w-5").await, "PAID");
    assert_eq!(app.captures().await, [1000]);
}

#[tokio::test]
async fn another_amount_than_was_authenticated_goes_back() {
    let app = manual_app(EngineConfig::default()).await;
    let (_, token) = authenticated(&app, "w-6").await;
    app.fault("approve_window", "wrong_amount").await;
    confirm(&app, "w-6", &json!({ "paymentToken": token }))
        .await
        .refused(502, "PG_PROVIDER");
    app.settle().await;
    assert_eq!(status(&app, "w-6").await, "FAILED");
    assert!(app.captures().await.is_empty());
}

#[tokio::test]
async fn who_does_not_confirm_in_time_confirms_nothing() {
    let config = EngineConfig {
        confirm_ms: -1,
        ..EngineConfig::default()
    };
    let app = manual_app(config).await;
    let (_, token) = authenticated(&app, "w-7").await;
    confirm(&app, "w-7", &json!({ "paymentToken": token }))
        .await
        .refused(400, "INVALID_PAYMENT_TOKEN");
    app.settle().await;
    let read = app.get("/payments/w-7").send().await.ok();
    assert_eq!(read["status"], "FAILED");
    assert_eq!(read["failure"]["pgCode"], "NARU_WINDOW_EXPIRED");
    assert_eq!(
        app.receiver.events("w-7"),
        ["Transaction.Ready", "Transaction.Failed"]
    );
}

#[tokio::test]
async fn of_two_windows_of_one_payment_one_is_paid() {
    let app = manual_app(EngineConfig::default()).await;
    let (_, first) = authenticated(&app, "w-8").await;
    let (_, second) = authenticated(&app, "w-8").await;
    let bodies = [first, second].map(|token| json!({ "paymentToken": token }));
    let both = tokio::join!(
        confirm(&app, "w-8", &bodies[0]),
        confirm(&app, "w-8", &bodies[1])
    );
    let statuses = [both.0.status, both.1.status];
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    assert_eq!(app.captures().await, [1000]);
}

#[tokio::test]
async fn a_virtual_account_is_issued_at_the_confirmation() {
    let app = manual_app(EngineConfig::default()).await;
    let mut asked = window("w-9");
    asked.method = MethodKind::VirtualAccount;
    asked.account_expires_at = Some(app.now().plus_seconds(3_600));
    let opened = app.open_window(asked).await.unwrap();
    let back = app.come_back(&opened).await.unwrap();
    let WindowEnd::NeedsConfirmation { payment_token } = back.end else {
        panic!("{back:?}");
    };
    let body = json!({ "paymentToken": payment_token });
    confirm(&app, "w-9", &body).await.ok();
    let read = app.get("/payments/w-9").send().await.ok();
    assert_eq!(read["status"], "VIRTUAL_ACCOUNT_ISSUED");
    confirm(&app, "w-9", &body)
        .await
        .refused(409, "ALREADY_PAID");
    app.deposit(&text(&read["method"]["accountNumber"])).await;
    assert_eq!(status(&app, "w-9").await, "PAID");
}

#[tokio::test]
async fn without_manual_confirmation_the_return_pays() {
    let app = app().await;
    for (payment, device) in [("w-10", Device::Pc), ("w-11", Device::Mobile)] {
        let mut asked = window(payment);
        asked.device = device;
        let opened = app.open_window(asked).await.unwrap();
        let brought = app.play(&opened, &Value::Null).await;
        let back = app
            .engine
            .window_returned(opened.attempt, brought.clone())
            .await
            .unwrap();
        assert!(matches!(back.end, WindowEnd::Done { .. }), "{back:?}");
        // Brought again, it changes nothing.
        let again = app.engine.window_returned(opened.attempt, brought).await;
        assert_eq!(again.unwrap(), back);
        assert_eq!(status(&app, payment).await, "PAID");
        let read = app.get(&format!("/payments/{payment}")).send().await.ok();
        let platform = if device == Device::Pc { "PC" } else { "MOBILE" };
        assert_eq!(read["origin"]["platformType"], platform);
    }
    assert_eq!(app.captures().await, [1000, 1000]);
}

#[tokio::test]
async fn a_customer_who_leaves_pays_nothing() {
    let app = app().await;
    let opened = app.open_window(window("w-12")).await.unwrap();
    let brought = app.play(&opened, &json!({ "action": "leave" })).await;
    let back = app.engine.window_returned(opened.attempt, brought).await;
    assert_eq!(failure(&back.unwrap().end), "V801");
    assert_eq!(status(&app, "w-12").await, "FAILED");
}

#[tokio::test]
async fn what_a_browser_brings_is_believed_as_far_as_it_can_be_checked() {
    let app = app().await;
    let opened = app.open_window(window("w-13")).await.unwrap();
    let other = app.open_window(window("w-14")).await.unwrap();
    let right = app.play(&opened, &Value::Null).await;
    let text = String::from_utf8(right.body.to_vec()).unwrap();
    let strange = app.play(&other, &Value::Null).await;
    let mut wrong = vec![strange];
    for (from, to) in [
        ("mid=INIpayTest", "mid=INIBillTst"),
        ("idc_name=fc", "idc_name=evil"),
        (
            "pg.test%2Finicis%2Fstdpay%2Fapi%2FpayAuth",
            "evil.test%2FpayAuth",
        ),
        (
            "pg.test%2Finicis%2Fstdpay%2Fapi%2FnetCancel",
            "evil.test%2FnetCancel",
        ),
        ("authToken=", "oldToken="),
    ] {
        assert!(text.contains(from), "{from}: {text}");
        let mut changed = right.clone();
        changed.body = text.replace(from, to).into();
        wrong.push(changed);
    }
    for brought in wrong {
        let back = app.engine.window_returned(opened.attempt, brought).await;
        assert!(
            matches!(back, Err(Fault::InvalidRequest { .. })),
            "{back:?}"
        );
        assert_eq!(status(&app, "w-13").await, "READY");
    }
    // The right one may still come.
    let back = app
        .engine
        .window_returned(opened.attempt, right.clone())
        .await;
    assert!(matches!(back.unwrap().end, WindowEnd::Done { .. }));
    let unknown = AttemptId::from_order_id("019bc5d4000070008000000000000000").unwrap();
    let back = app.engine.window_returned(unknown, right).await;
    assert_eq!(back, Err(Fault::PaymentNotFound));
}

#[tokio::test]
async fn windows_are_refused_by_the_rules_of_any_payment() {
    let app = app().await;
    app.post("/payments/w-15/pre-register")
        .json(&json!({ "totalAmount": 999 }))
        .send()
        .await
        .ok();
    let refused = app.open_window(window("w-15")).await;
    assert!(matches!(
        refused,
        Err(Fault::DiffersFromPreRegistration { .. })
    ));
    let mut nameless = window("w-16");
    nameless.order.customer.name = None;
    let refused = app.open_window(nameless).await;
    assert!(matches!(refused, Err(Fault::InvalidRequest { .. })));
    let mut promoted = window("w-16");
    promoted.order.promotion_id = Some("promotion-id-1".to_owned());
    let refused = app.open_window(promoted).await;
    assert!(matches!(refused, Err(Fault::InvalidRequest { .. })));
    let mut nowhere = window("w-16");
    nowhere.channel = ChannelKey::new("channel-key-none").into();
    let refused = app.open_window(nowhere).await;
    assert_eq!(refused.map(|_| ()), Err(Fault::ChannelNotFound));
    app.get("/payments/w-16")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
    let opened = app.open_window(window("w-17")).await.unwrap();
    app.come_back(&opened).await.unwrap();
    let refused = app.open_window(window("w-17")).await;
    assert_eq!(refused.map(|_| ()), Err(Fault::AlreadyPaid));
}

#[tokio::test]
async fn the_merchants_server_is_asked_and_only_200_says_yes() {
    let app = app().await;
    let asked = |payment: &str| {
        let mut asked = window(payment);
        asked.confirm_url = Some("http://shop.test/confirm".to_owned());
        asked
    };
    let opened = app.open_window(asked("w-18")).await.unwrap();
    let back = app.come_back(&opened).await.unwrap();
    assert!(matches!(back.end, WindowEnd::Done { .. }), "{back:?}");
    let question = app
        .receiver
        .deliveries()
        .into_iter()
        .find(|one| one.url == "http://shop.test/confirm")
        .expect("a question");
    assert_eq!(question.body["type"], "Transaction.Confirm");
    assert_eq!(
        question.body["data"],
        json!({
            "storeId": "store-main", "paymentId": "w-18", "totalAmount": 1000,
            "transactionId": opened.attempt.to_string(),
        })
    );
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        assert!(question.headers.iter().any(|(found, _)| *found == name));
    }
    for (payment, status_code) in [("w-19", Some(204)), ("w-20", Some(500)), ("w-21", None)] {
        match status_code {
            Some(code) => app.receiver.answer_with(code),
            None => app.receiver.go_away(),
        }
        let opened = app.open_window(asked(payment)).await.unwrap();
        let back = app.come_back(&opened).await.unwrap();
        assert_eq!(failure(&back.end), "NARU_CONFIRM_REFUSED");
        assert_eq!(status(&app, payment).await, "FAILED");
    }
    assert_eq!(app.captures().await, [1000]);
    for bad in ["ftp://shop.test", "shop", "http://a b"] {
        let mut wrong = window("w-22");
        wrong.confirm_url = Some(bad.to_owned());
        let refused = app.open_window(wrong).await;
        assert!(
            matches!(refused, Err(Fault::InvalidRequest { .. })),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn a_schedule_that_waits_for_the_payment_comes_first() {
    let app = manual_app(EngineConfig::default()).await;
    let (_, token) = authenticated(&app, "w-23").await;
    let key = crate::issue(&app).await;
    crate::schedule(&app, "w-23", &key, 600).await;
    confirm(&app, "w-23", &json!({ "paymentToken": token }))
        .await
        .refused(400, "INVALID_REQUEST");
}
