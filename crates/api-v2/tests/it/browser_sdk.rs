//! What the browser SDK asks before a window opens, in the order of refusals.

use axum::Router;
use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use naru_domain::{Opener, WindowType};
use naru_engine::windows::{WindowState, WindowSubject};
use naru_testkit::{MAIN, TestApp, bodies};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{app, text};

/// What our script sends, and what it is answered.
async fn ask(app: &TestApp, path: &str, body: Vec<u8>) -> (StatusCode, Value) {
    let routes: Router = naru_api_v2::browser::router(app.engine.clone());
    let request = Request::post(format!("/checkout/v2/{path}"))
        .header("origin", "https://shop.test")
        .header("user-agent", "a browser")
        .body(Body::from(body))
        .expect("a request");
    let response = routes.oneshot(request).await.expect("an answer");
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 20)
        .await
        .expect("a body");
    (status, serde_json::from_slice(&bytes).expect("JSON"))
}

pub(crate) async fn prepare(
    app: &TestApp,
    path: &str,
    request: &Value,
    device: &str,
) -> (StatusCode, Value) {
    let body = json!({ "request": request, "device": device });
    ask(app, path, body.to_string().into_bytes()).await
}

/// An order with some of its fields changed; `null` takes one away.
fn order(payment: &str, changes: &Value) -> Value {
    let mut order = json!({
        "storeId": MAIN.store_id,
        "channelKey": MAIN.channels[0],
        "paymentId": payment,
        "orderName": "tea",
        "totalAmount": 1000,
        "currency": "KRW",
        "payMethod": "CARD",
        "customer": {
            "fullName": "홍길동",
            "phoneNumber": "010-1234-5678",
            "email": "hong@shop.test",
        },
    });
    changed(&mut order, changes);
    order
}

pub(crate) fn changed(order: &mut Value, changes: &Value) {
    for (name, value) in changes.as_object().into_iter().flatten() {
        order[name] = value.clone();
    }
}

/// What a page asks for a billing key, likewise.
fn issue(changes: &Value) -> Value {
    let mut request = json!({
        "storeId": MAIN.store_id,
        "channelKey": MAIN.channels[1],
        "billingKeyMethod": "CARD",
        "issueId": "issue-1",
        "issueName": "tea club",
        "customer": order("", &Value::Null)["customer"],
    });
    changed(&mut request, changes);
    request
}

/// Payment id, changes of the order, code, and what the message names.
type Row = (&'static str, Value, &'static str, &'static str);

/// What is wrong with the form.
fn of_the_form() -> Vec<Row> {
    vec![
        ("a", json!({ "storeId": null }), "BadRequest", "storeId"),
        (
            "a",
            json!({ "storeId": 7 }),
            "RequestParseFailed",
            "storeId",
        ),
        ("a", json!({ "paymentId": null }), "BadRequest", "paymentId"),
        ("a", json!({ "orderName": null }), "BadRequest", "orderName"),
        ("a", json!({ "currency": null }), "BadRequest", "currency"),
        ("a", json!({ "payMethod": null }), "BadRequest", "payMethod"),
        (
            "a",
            json!({ "totalAmount": "1" }),
            "RequestParseFailed",
            "totalAmount",
        ),
        (
            "a",
            json!({ "payMethod": "CASH" }),
            "RequestParseFailed",
            "payMethod",
        ),
        (
            "a",
            json!({ "windowType": { "pc": "FULL" } }),
            "RequestParseFailed",
            "windowType.pc",
        ),
        ("a", json!({ "storeId": "" }), "BadRequest", "storeId"),
        (
            "a",
            json!({ "storeId": "nobody" }),
            "StoreNotFound",
            "storeId",
        ),
        (
            "a",
            json!({ "storeId": "\u{0}" }),
            "StoreNotFound",
            "storeId",
        ),
        (
            "a",
            json!({ "windowType": { "pc": "UI" } }),
            "BadRequest",
            "windowType",
        ),
        (
            "a",
            json!({ "redirectUrl": "/done" }),
            "BadRequest",
            "redirectUrl",
        ),
    ]
}

/// What is wrong with the order.
fn of_the_order() -> Vec<Row> {
    vec![
        ("", json!({}), "RequestParseFailed", "paymentId"),
        (
            "a",
            json!({ "channelKey": null }),
            "BadRequest",
            "channelKey",
        ),
        (
            "a",
            json!({ "channelGroupId": "group" }),
            "BadRequest",
            "channelGroupId",
        ),
        (
            "a",
            json!({ "payMethod": "PAYPAL" }),
            "BadRequest",
            "payMethod",
        ),
        (
            "a",
            json!({ "payMethod": "VIRTUAL_ACCOUNT", "virtualAccount": { "accountExpiry": {} } }),
            "RequestParseFailed",
            "virtualAccount.accountExpiry",
        ),
        (
            "a",
            json!({ "orderName": " " }),
            "RequestParseFailed",
            "orderName",
        ),
        (
            "a",
            json!({ "totalAmount": 0 }),
            "RequestParseFailed",
            "totalAmount",
        ),
        (
            "a",
            json!({ "confirmUrl": "ftp://shop.test" }),
            "RequestParseFailed",
            "confirmUrl",
        ),
    ]
}

/// What is wrong with the channel, by its rules, and with the payment.
fn of_the_payment() -> Vec<Row> {
    vec![
        (
            "a",
            json!({ "channelKey": "none" }),
            "ChannelNotFound",
            "channel",
        ),
        (
            "a",
            json!({ "channelKey": null, "channelGroupId": "none" }),
            "ChannelNotFound",
            "group",
        ),
        (
            "a",
            json!({ "customer": {} }),
            "RequestParseFailed",
            "customer.fullName",
        ),
        ("주문", json!({}), "RequestParseFailed", "paymentId"),
        ("browser-paid", json!({}), "PaymentAlreadyPaid", "paid"),
        (
            "browser-registered",
            json!({}),
            "AmountNotEqualToPredefined",
            "totalAmount",
        ),
    ]
}

#[tokio::test]
async fn refusals_before_a_window_opens() {
    let app = app().await;
    let paid = "browser-paid";
    app.post(&format!("/payments/{paid}/instant"))
        .json(&bodies::card_payment())
        .send()
        .await
        .ok();
    app.post("/payments/browser-registered/pre-register")
        .json(&json!({ "totalAmount": 999 }))
        .send()
        .await
        .ok();
    for (payment, changes, code, says) in [of_the_form(), of_the_order(), of_the_payment()].concat()
    {
        let (status, answer) = prepare(&app, "payments", &order(payment, &changes), "PC").await;
        assert_eq!(answer["code"], code, "{payment} {changes}: {answer}");
        assert!(
            text(&answer["message"]).contains(says),
            "{changes}: {answer}"
        );
        assert!(status.is_client_error(), "{changes}: {status}");
    }
    // Nothing of it is a payment.
    app.get("/payments/a")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let app = app().await;
    for (body, code) in [
        ("", "BadRequest"),
        ("{", "RequestParseFailed"),
        ("[]", "RequestParseFailed"),
        ("{}", "BadRequest"),
        ("{\"request\":[]}", "RequestParseFailed"),
        ("{\"request\":{},\"device\":\"TV\"}", "RequestParseFailed"),
    ] {
        for path in [
            "payments",
            "billing-keys",
            "billing-keys-with-payment",
            "identity-verifications",
            "payment-uis",
            "billing-key-uis",
        ] {
            let (_, answer) = ask(&app, path, body.into()).await;
            assert_eq!(answer["code"], code, "{path} {body}: {answer}");
        }
    }
    let long = vec![b' '; 2 * 1024 * 1024];
    let (_, answer) = ask(&app, "payments", long).await;
    assert_eq!(answer["code"], "RequestParseFailed");
}

#[tokio::test]
async fn a_payments_window_knows_who_opened_it() {
    let app = app().await;
    for (payment, device, changes, shown, redirect_url) in [
        ("browser-pc", "PC", json!({}), "IFRAME", None),
        (
            "browser-phone",
            "MOBILE",
            json!({ "redirectUrl": "https://shop.test/done" }),
            "REDIRECTION",
            Some("https://shop.test/done"),
        ),
    ] {
        let request = order(payment, &changes);
        let (status, answer) = prepare(&app, "payments", &request, device).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(answer["windowType"], shown);
        let token = text(&answer["url"]);
        let token = token.rsplit('/').next().expect("a token");
        let page = app.engine.window_page(token).await.expect("a page");
        assert!(matches!(page.state, WindowState::Open(_)));
        assert!(naru_api_v2::browser::outcome(&page).is_none());
        let opener = page.opener.expect("an opener");
        assert_eq!(
            opener,
            Opener {
                window_type: match shown {
                    "IFRAME" => WindowType::Iframe,
                    _ => WindowType::Redirection,
                },
                origin: Some("https://shop.test".to_owned()),
                redirect_url: redirect_url.map(str::to_owned),
                shop: None,
            }
        );
        let read = app.get(&format!("/payments/{payment}")).send().await.ok();
        assert_eq!(read["status"], "READY");
        assert_eq!(read["customer"]["name"], "홍길동");
        assert_eq!(read["origin"]["platformType"], device);
        let WindowSubject::Payment { transaction_id, .. } = page.subject else {
            panic!("another subject");
        };
        assert_eq!(read["transactionId"], transaction_id);
        // The customer leaves: the page is told in the SDK's words.
        app.engine.leave_window_page(token).await.expect("left");
        let page = app.engine.window_page(token).await.expect("a page");
        let told = naru_api_v2::browser::outcome(&page).expect("an end");
        assert_eq!(told["code"], "FAILURE_TYPE_PG");
        assert!(text(&told["message"]).contains("취소"));
    }
}

#[tokio::test]
async fn a_billing_key_in_a_window() {
    let app = app().await;
    for (changes, code, says) in [
        (
            json!({ "billingKeyMethod": "MOBILE" }),
            "BadRequest",
            "billingKeyMethod",
        ),
        (
            json!({ "issueName": null }),
            "RequestParseFailed",
            "issueName",
        ),
        (
            json!({ "displayAmount": -1 }),
            "RequestParseFailed",
            "displayAmount",
        ),
        (
            json!({ "currency": "USD" }),
            "RequestParseFailed",
            "currency",
        ),
        (
            json!({ "channelKey": "none" }),
            "ChannelNotFound",
            "channel",
        ),
    ] {
        let (_, answer) = prepare(&app, "billing-keys", &issue(&changes), "PC").await;
        assert_eq!(answer["code"], code, "{changes}: {answer}");
        assert!(
            text(&answer["message"]).contains(says),
            "{changes}: {answer}"
        );
    }
    let (status, answer) = prepare(&app, "billing-keys", &issue(&Value::Null), "PC").await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}

/// What is wrong with what a page gives, by the name of the field: one value for each, and the
/// code; the message names the field. What is for either kind of buttons.
fn of_buttons() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("uiType", json!(null), "BadRequest"),
        ("uiType", json!("CARD_FORM"), "RequestParseFailed"),
        ("storeId", json!("nobody"), "StoreNotFound"),
        ("channelKey", json!(null), "BadRequest"),
        ("channelKey", json!("none"), "ChannelNotFound"),
        ("redirectUrl", json!("javascript:x"), "BadRequest"),
        ("currency", json!("WON"), "RequestParseFailed"),
        ("bypass", json!(1), "RequestParseFailed"),
        ("noticeUrls", json!(["x"]), "RequestParseFailed"),
        ("customer", json!({ "gender": "X" }), "RequestParseFailed"),
    ]
}

fn of_payment_buttons() -> Vec<(&'static str, Value, &'static str)> {
    let mut all = of_buttons();
    all.extend([
        ("uiType", json!("PAYPAL_RT"), "RequestParseFailed"),
        ("paymentId", json!("a\u{1}"), "RequestParseFailed"),
        ("orderName", json!(""), "RequestParseFailed"),
        ("totalAmount", json!("1"), "RequestParseFailed"),
        ("totalAmount", json!(-1), "RequestParseFailed"),
        ("promotionIds", json!("x"), "RequestParseFailed"),
        ("offerPeriod", json!({}), "RequestParseFailed"),
    ]);
    all
}

fn of_key_buttons() -> Vec<(&'static str, Value, &'static str)> {
    let mut all = of_buttons();
    all.extend([
        ("uiType", json!("PAYPAL_SPB"), "RequestParseFailed"),
        ("billingKeyMethod", json!(null), "BadRequest"),
        ("billingKeyMethod", json!("X"), "RequestParseFailed"),
        ("displayAmount", json!(-1), "RequestParseFailed"),
    ]);
    all
}

/// What the SDK knows of buttons is PayPal's, which no channel has: requests are checked to their
/// end, and then refused for that.
#[tokio::test]
async fn buttons_are_checked_as_windows_are_and_refused_for_what_they_are() {
    let app = app().await;
    let payment = order(
        "browser-ui",
        &json!({ "uiType": "PAYPAL_SPB", "payMethod": null, "currency": "CURRENCY_USD" }),
    );
    let key = issue(&json!({ "uiType": "PAYPAL_RT", "billingKeyMethod": "PAYPAL" }));
    for (path, request, wrong, instead) in [
        (
            "payment-uis",
            payment,
            of_payment_buttons(),
            "requestPayment",
        ),
        (
            "billing-key-uis",
            key,
            of_key_buttons(),
            "requestIssueBillingKey",
        ),
    ] {
        let (_, answer) = prepare(&app, path, &request, "PC").await;
        assert_eq!(answer["code"], "BadRequest", "{path}: {answer}");
        let message = text(&answer["message"]);
        assert!(message.contains("no such buttons"), "{path}: {answer}");
        assert!(message.contains(instead), "{path}: {answer}");
        for (field, value, code) in wrong {
            let mut request = request.clone();
            changed(&mut request, &json!({ field: value }));
            let (_, answer) = prepare(&app, path, &request, "PC").await;
            assert_eq!(answer["code"], code, "{path} {field} {value}: {answer}");
            // Which channel a code of its own names.
            let says = text(&answer["message"]).contains(field) || code == "ChannelNotFound";
            assert!(says, "{path} {field}: {answer}");
        }
    }
    app.get("/payments/browser-ui")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
}
