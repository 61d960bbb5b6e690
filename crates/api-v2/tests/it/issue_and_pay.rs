//! A billing key issued with its first payment, on the phone bill: the window, the money, the key,
//! its charges, and the merchant's confirmation of it.

use http::StatusCode;
use naru_domain::{BillingKeyId, ChannelKey};
use naru_engine::windows::{WindowPage, WindowState, WindowSubject};
use naru_store::{Query, tables};
use naru_testkit::{Answer, MAIN, SUB, TestApp, bodies};
use serde_json::{Value, json};

use crate::browser_sdk::{changed, prepare};
use crate::{app, text, with};

const PATH: &str = "/billing-keys/confirm-issue-and-pay";

fn request(payment: &str, changes: &Value) -> Value {
    let mut request = json!({
        "storeId": MAIN.store_id,
        "channelKey": MAIN.channels[0],
        "paymentId": payment,
        "orderName": "tea club",
        "totalAmount": 1000,
        "currency": "KRW",
        "billingKeyAndPayMethod": "MOBILE",
        "productType": "REAL",
        "offerPeriod": { "interval": "1m" },
        "customer": {
            "fullName": "홍길동",
            "phoneNumber": "010-1234-5678",
            "email": "hong@shop.test",
        },
    });
    changed(&mut request, changes);
    request
}

/// Opens a window: the token in its address.
async fn open(app: &TestApp, request: &Value, device: &str) -> String {
    let (status, answer) = prepare(app, "billing-keys-with-payment", request, device).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    text(&answer["url"])
        .rsplit('/')
        .next()
        .expect("an address")
        .to_owned()
}

async fn page(app: &TestApp, token: &str) -> WindowPage {
    app.engine.window_page(token).await.expect("a page")
}

/// The customer pays with their phone bill, or does what `extra` says.
async fn bring(app: &TestApp, token: &str, extra: Value) {
    let shown = page(app, token).await;
    let WindowState::Open(form) = shown.state else {
        panic!("{shown:?}");
    };
    let brought = app.play_form(&form, &extra).await;
    let taken = app.engine.bring_to_window(token, brought).await;
    taken.expect("taken");
}

/// The billing key that a window has issued.
fn issued(page: &WindowPage) -> BillingKeyId {
    match &page.subject {
        WindowSubject::Payment {
            billing_key: Some(key),
            issues_key: true,
            ..
        } => key.clone(),
        other => panic!("{other:?}"),
    }
}

async fn paid(app: &TestApp, payment: &str, device: &str) -> BillingKeyId {
    let token = open(app, &request(payment, &Value::Null), device).await;
    bring(app, &token, Value::Null).await;
    let shown = page(app, &token).await;
    assert!(matches!(shown.state, WindowState::Paid), "{shown:?}");
    issued(&shown)
}

async fn charge(app: &TestApp, payment: &str, body: &Value) -> Answer {
    let path = format!("/payments/{payment}/billing-key");
    app.post(&path).json(body).send().await
}

#[tokio::test]
async fn money_and_key_come_together() {
    let app = app().await;
    for device in ["PC", "MOBILE"] {
        let payment = format!("club-{device}");
        let key = paid(&app, &payment, device).await;
        let read = app.get(&format!("/payments/{payment}")).send().await.ok();
        assert_eq!(read["status"], "PAID");
        assert_eq!(read["billingKey"], key.as_str());
        assert_eq!(read["method"]["type"], "PaymentMethodMobile");
        let read = app.get(&format!("/billing-keys/{key}")).send().await.ok();
        assert_eq!(read["status"], "ISSUED");
        assert_eq!(
            read["methods"],
            json!([{ "type": "BillingKeyPaymentMethodMobile", "phoneNumber": "*******5678" }])
        );
        assert_eq!(read["customer"]["name"], "홍길동");
        app.settle().await;
        assert_eq!(app.receiver.events(key.as_str()), ["BillingKey.Issued"]);
        assert_eq!(
            app.receiver.events(&payment),
            ["Transaction.Ready", "Transaction.Paid"]
        );
        let filter = json!({ "filter": { "methods": ["MOBILE"] } });
        let listed = app.get("/billing-keys").json(&filter).send().await.ok();
        let keys = listed["items"].as_array().expect("items");
        assert!(keys.iter().any(|one| one["billingKey"] == key.as_str()));
    }
    assert_eq!(app.captures().await, [1000, 1000]);
    // What the PG calls the key is nowhere to be read.
    for table in tables::ALL {
        let rows = app.engine.store().scan(Query::of(table, 1_000)).await;
        let found = format!("{:?}", rows.expect("rows")).to_lowercase();
        assert!(!found.contains("hpp_billkey"), "in `{}`", table.name);
    }
}

#[tokio::test]
async fn the_key_is_charged_each_month_the_same() {
    let app = app().await;
    let key = paid(&app, "club-1", "PC").await;
    let body = bodies::charge(key.as_str());
    let refused = charge(&app, "club-2", &body).await;
    let told = refused.refused(502, "PG_PROVIDER");
    assert!(told.contains("550932"), "the same month: {told}");
    app.move_clock_s(30 * 86_400).await;
    let other = with(body.clone(), "/amount/total", json!(2000));
    let told = charge(&app, "club-3", &other).await;
    assert!(told.refused(502, "PG_PROVIDER").contains("550931"));
    let months = with(body.clone(), "/installmentMonth", json!(3));
    charge(&app, "club-4", &months)
        .await
        .refused(400, "INVALID_REQUEST");
    charge(&app, "club-5", &body).await.ok();
    let read = app.get("/payments/club-5").send().await.ok();
    assert_eq!(read["method"]["type"], "PaymentMethodMobile");
    assert_eq!(read["billingKey"], key.as_str());
    charge(&app, "club-6", &body)
        .await
        .refused(502, "PG_PROVIDER");
    assert_eq!(app.captures().await, [1000, 1000]);
    // Given back like any payment.
    let cancel = app.post("/payments/club-5/cancel").json(&bodies::cancel());
    cancel.send().await.ok();
    assert_eq!(app.captures().await, [1000]);
}

#[tokio::test]
async fn a_lost_key_gives_the_money_back() {
    let app = app().await;
    for kind in ["drop_after", "timeout_after", "garbage"] {
        let payment = format!("lost-{kind}");
        let token = open(&app, &request(&payment, &Value::Null), "PC").await;
        app.fault("approve_window", kind).await;
        bring(&app, &token, Value::Null).await;
        app.resolve_all().await;
        let shown = page(&app, &token).await;
        assert!(matches!(shown.state, WindowState::Failed(_)), "{shown:?}");
        let read = app.get(&format!("/payments/{payment}")).send().await.ok();
        assert_eq!(read["status"], "FAILED", "{read}");
        assert_eq!(read.get("billingKey"), None);
        assert!(app.captures().await.is_empty(), "{kind}");
    }
    let listed = app.get("/billing-keys").send().await.ok();
    assert_eq!(listed["items"], json!([]));
}

#[tokio::test]
async fn a_declined_window_issues_nothing() {
    let app = app().await;
    let token = open(&app, &request("declined", &Value::Null), "PC").await;
    bring(&app, &token, json!({ "choice": "decline" })).await;
    let shown = page(&app, &token).await;
    let WindowState::Failed(failure) = shown.state else {
        panic!("{shown:?}");
    };
    assert_eq!(failure.pg_code, "120054");
    let listed = app.get("/billing-keys").send().await.ok();
    assert_eq!(listed["items"], json!([]));
}

const PARSE: &str = "RequestParseFailed";

/// Device, changes of a request, the code of its refusal, and what its text says.
fn refusals() -> Vec<(&'static str, Value, &'static str, &'static str)> {
    vec![
        (
            "PC",
            json!({ "storeId": "nobody" }),
            "StoreNotFound",
            "store",
        ),
        (
            "PC",
            json!({ "channelKey": "none" }),
            "ChannelNotFound",
            "channel",
        ),
        (
            "PC",
            json!({ "channelKey": null }),
            "BadRequest",
            "channelKey",
        ),
        (
            "PC",
            json!({ "billingKeyAndPayMethod": "CARD" }),
            "BadRequest",
            "billingKeyAndPayMethod",
        ),
        (
            "PC",
            json!({ "billingKeyAndPayMethod": null }),
            "BadRequest",
            "billingKeyAndPayMethod",
        ),
        ("PC", json!({ "productType": null }), PARSE, "productType"),
        ("PC", json!({ "currency": "USD" }), PARSE, "currency"),
        ("PC", json!({ "customer": null }), PARSE, "customer"),
        ("MOBILE", json!({ "customer": null }), PARSE, "customer"),
        (
            "MOBILE",
            json!({ "offerPeriod": null }),
            PARSE,
            "offerPeriod",
        ),
        (
            "PC",
            json!({ "offerPeriod": { "interval": "2m" } }),
            PARSE,
            "offerPeriod.interval",
        ),
        ("PC", json!({ "totalAmount": 0 }), PARSE, "totalAmount"),
    ]
}

#[tokio::test]
async fn what_a_page_asks_wrongly() {
    let app = app().await;
    for (device, changes, code, says) in refusals() {
        let request = request("refused", &changes);
        let (_, answer) = prepare(&app, "billing-keys-with-payment", &request, device).await;
        assert_eq!(answer["code"], code, "{changes}: {answer}");
        let message = text(&answer["message"]);
        assert!(message.contains(says), "{changes}: {message}");
    }
    // Ignored, as the PG's guide has it; and a period is the phone's only.
    let ignored = json!({
        "locale": "JA_JP", "offerPeriod": null,
        "mobile": { "carrier": "SKT", "avaliableCarriers": ["NOBODY"] },
    });
    open(&app, &request("ignored", &ignored), "PC").await;
}

/// A window that waits for the merchant, and its token.
async fn waiting(app: &TestApp, payment: &str) -> String {
    let token = open(app, &request(payment, &Value::Null), "PC").await;
    bring(app, &token, Value::Null).await;
    let shown = page(app, &token).await;
    let told = naru_api_v2::browser::outcome(&shown).expect("an end");
    assert_eq!(told["transactionType"], "ISSUE_BILLING_KEY_AND_PAY");
    assert_eq!(told["billingKey"], "NEEDS_CONFIRMATION");
    assert_eq!(told["txId"], "NEEDS_CONFIRMATION");
    assert_eq!(told.get("paymentToken"), None);
    text(&told["billingIssueToken"])
}

async fn manual_app() -> TestApp {
    let app = app().await;
    let key = ChannelKey::new(MAIN.channels[0]);
    let set = app.engine.set_manual_confirm(&key, true).await;
    set.expect("set");
    app
}

#[tokio::test]
async fn a_merchant_confirms_both_at_once() {
    let app = manual_app().await;
    let token = waiting(&app, "confirmed").await;
    assert!(app.captures().await.is_empty());
    let body = json!({
        "billingIssueToken": token, "paymentId": "confirmed", "currency": "KRW",
        "totalAmount": 1000, "taxFreeAmount": 0, "isTest": true, "skipWebhook": true,
    });
    let call = || {
        let request = app.post(PATH).idempotency_key("issue-and-pay-1234567");
        request.json(&body).send()
    };
    let first = call().await;
    let again = call().await;
    assert!(again.is_replayed());
    assert_eq!(first.bytes, again.bytes);
    let told = first.ok();
    assert_eq!(told["paymentId"], "confirmed");
    let key = text(&told["billingKey"]);
    let read = app.get(&format!("/billing-keys/{key}")).send().await.ok();
    assert_eq!(read["status"], "ISSUED");
    assert_eq!(app.captures().await, [1000]);
    let again = app.post(PATH).json(&body).send().await;
    again.refused(409, "BILLING_KEY_ALREADY_ISSUED");
    app.settle().await;
    assert_eq!(app.receiver.events(&key), Vec::<String>::new());
    assert_eq!(app.receiver.events("confirmed"), ["Transaction.Ready"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_confirmation_is_said_in_order() {
    let app = manual_app().await;
    let token = waiting(&app, "wrong").await;
    let right = json!({ "billingIssueToken": token });
    let ask = async |body: &Value| app.post(PATH).json(body).send().await;
    let sub = with(right.clone(), "/storeId", json!(SUB.store_id));
    ask(&sub).await.refused(404, "BILLING_KEY_NOT_FOUND");
    let mut forged = token.clone();
    forged.pop();
    let forged = json!({ "billingIssueToken": forged });
    ask(&forged).await.refused(404, "BILLING_KEY_NOT_FOUND");
    for (field, value) in [
        ("/paymentId", json!("another")),
        ("/currency", json!("USD")),
        ("/totalAmount", json!(999)),
        ("/taxFreeAmount", json!(1)),
        ("/isTest", json!(false)),
    ] {
        let body = with(right.clone(), field, value);
        let message = ask(&body).await.refused(409, "INFORMATION_MISMATCH");
        assert!(message.contains(&field[1..]), "{message}");
    }
    // The other confirmations know no such token.
    let alone = app.post("/billing-keys/confirm").json(&right);
    alone.send().await.refused(404, "BILLING_KEY_NOT_FOUND");
    let payment = json!({ "paymentToken": token });
    let payment = app.post("/payments/wrong/confirm").json(&payment);
    payment.send().await.refused(400, "INVALID_PAYMENT_TOKEN");
    ask(&right).await.ok();
}

#[tokio::test]
async fn a_confirmation_whose_answer_is_lost_leaves_neither() {
    let app = manual_app().await;
    let token = waiting(&app, "lost").await;
    app.fault("approve_window", "drop_after").await;
    let body = json!({ "billingIssueToken": token });
    let refused = app.post(PATH).json(&body).send().await;
    refused.refused(502, "PG_PROVIDER");
    app.resolve_all().await;
    assert!(app.captures().await.is_empty());
    let again = app.post(PATH).json(&body).send().await;
    assert!(again.status >= 400);
    assert!(app.captures().await.is_empty());
}
