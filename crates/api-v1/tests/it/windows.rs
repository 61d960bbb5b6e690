//! The windows of `IMP.request_pay`, up to what the page is told at their end.

use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use naru_api_v1::browser;
use naru_domain::routing::Route;
use naru_domain::{ChannelGroupId, ChannelKey, StoreId};
use naru_engine::admin::NewChannelGroup;
use naru_engine::windows::{WindowPage, WindowState};
use naru_testkit::MAIN;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{Bed, merged, text};

const USER_CODE: &str = "imp12345678";

/// A bed whose store pages can name.
pub async fn bed() -> Bed {
    let bed = Bed::new().await;
    let store = StoreId::new(MAIN.store_id);
    let named = bed.app.engine.set_user_code(&store, USER_CODE).await;
    named.expect("a user code");
    bed
}

/// What a page gives to `IMP.request_pay`.
pub fn order(merchant_uid: &str, more: &Value) -> Value {
    let order = json!({
        "user_code": USER_CODE, "channelKey": MAIN.channels[0], "pay_method": "card",
        "merchant_uid": merchant_uid, "name": "나룻배 표", "amount": 1000,
        "buyer_name": "홍길동", "buyer_email": "hong@shop.test", "buyer_tel": "010-1234-5678",
    });
    merged(order, more)
}

async fn asked(bed: &Bed, order: &Value) -> (StatusCode, Value) {
    let body = json!({ "device": "PC", "request": order }).to_string();
    let request = Request::builder()
        .method("POST")
        .uri("/checkout/v1/payments")
        .header("user-agent", "a browser")
        .body(Body::from(body))
        .expect("a request");
    let routes = browser::router(bed.app.engine.clone());
    let response = routes.oneshot(request).await.expect("infallible");
    let status = response.status();
    let bytes = to_bytes(response.into_body(), usize::MAX).await;
    let body = serde_json::from_slice(&bytes.expect("a body")).expect("JSON");
    (status, body)
}

/// Opens a window: its token.
pub async fn open(bed: &Bed, order: &Value) -> String {
    let (status, body) = asked(bed, order).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let url = text(&body["url"]);
    url.rsplit('/').next().expect("an address").to_owned()
}

/// The `error_code` and `error_msg` of a window that is not opened.
pub async fn refused(bed: &Bed, order: &Value) -> (String, String) {
    let (status, body) = asked(bed, order).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    (text(&body["code"]), text(&body["message"]))
}

async fn page(bed: &Bed, token: &str) -> WindowPage {
    bed.app.engine.window_page(token).await.expect("a page")
}

/// The customer does what the window wants, or what `extra` says; what the callback is told.
pub async fn play(bed: &Bed, token: &str, extra: &Value) -> Value {
    let WindowState::Open(form) = page(bed, token).await.state else {
        panic!("the window is over");
    };
    let brought = bed.app.play_form(&form, extra).await;
    let taken = bed.app.engine.bring_to_window(token, brought).await;
    taken.expect("taken");
    end(bed, token).await
}

/// What the callback is told.
pub async fn end(bed: &Bed, token: &str) -> Value {
    let page = page(bed, token).await;
    let told = browser::outcome(&bed.app.engine, &page).await;
    told.expect("told").expect("an end")
}

#[tokio::test]
async fn what_a_window_pays_has_the_id_of_windows() {
    let bed = bed().await;
    let token = open(&bed, &order("order-1", &json!({}))).await;
    let told = play(&bed, &token, &Value::Null).await;
    let imp_uid = text(&told["imp_uid"]);
    assert!(imp_uid.starts_with("imp_"), "{imp_uid}");
    let read = bed.get(&format!("/payments/{imp_uid}")).send().await.ok();
    assert_eq!(
        (&read["status"], &read["channel"], &read["amount"]),
        (&json!("paid"), &json!("pc"), &json!(1000))
    );
    assert_eq!(read["customer_uid_usage"], Value::Null);
}

/// The merchant's word by `POST /payments/{id}/confirm` is one of V2 alone.
#[tokio::test]
async fn a_channel_that_waits_for_the_merchant_opens_no_window() {
    let bed = bed().await;
    for at in [0, 1] {
        let channel = ChannelKey::new(MAIN.channels[at]);
        let set = bed.app.engine.set_manual_confirm(&channel, true).await;
        set.expect("set");
    }
    let key = json!({ "channelKey": MAIN.channels[1], "customer_uid": "customer-1" });
    let url = json!({ "confirm_url": "http://shop.test/confirm" });
    for more in [json!({}), url, key] {
        let (code, message) = refused(&bed, &order("order-1", &more)).await;
        assert_eq!(code, "F400");
        assert!(message.contains("수동 승인 채널"), "{message}");
    }
    bed.get("/payments/find/order-1")
        .send()
        .await
        .refused(404, -1);
    bed.app
        .get("/payments/order-1")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
    // What needs no window is paid as ever.
    bed.pay("order-1", 1_000).await;
}

#[tokio::test]
async fn of_a_group_the_channels_that_wait_for_nobody_are_drawn() {
    let bed = bed().await;
    let keys = MAIN.channels.map(ChannelKey::new);
    let route = |channel: &ChannelKey| Route {
        channel: channel.clone(),
        weight: 50,
        is_on: true,
    };
    let group = NewChannelGroup {
        store_id: StoreId::new(MAIN.store_id),
        id: Some(ChannelGroupId::new("channel-group-test-1")),
        name: "both".to_owned(),
        is_test: true,
        failover_tries_max: 0,
        routes: keys.iter().map(route).collect(),
    };
    bed.app
        .engine
        .create_channel_group(group)
        .await
        .expect("a group");
    let set = async |at: usize| {
        let set = bed.app.engine.set_manual_confirm(&keys[at], true).await;
        set.expect("set");
    };
    set(0).await;
    let by_group = json!({ "channelKey": null, "channelGroupId": "channel-group-test-1" });
    for number in 0..20 {
        open(&bed, &order(&format!("order-{number}"), &by_group)).await;
        let path = format!("/payments/find/order-{number}");
        let opened = bed.get(&path).send().await.ok();
        assert_eq!(opened["status"], "ready");
    }
    set(1).await;
    let (code, _) = refused(&bed, &order("order-x", &by_group)).await;
    assert_eq!(code, "NOT_READY");
}

#[tokio::test]
async fn a_merchants_server_that_does_not_approve_is_quoted() {
    let bed = bed().await;
    let url = json!({ "confirm_url": "http://shop.test/confirm" });
    for (answer, reason) in [
        (r#"{"reason":"품절"}"#, "품절"),
        (r#"{"reason":""}"#, "알 수 없음"),
        ("no", "알 수 없음"),
    ] {
        let order_id = format!("order-{}", answer.len());
        bed.app.receiver.answer_with(400);
        bed.app.receiver.say(answer);
        let token = open(&bed, &order(&order_id, &url)).await;
        let told = play(&bed, &token, &Value::Null).await;
        assert_eq!(told["success"], false);
        let expected = format!("고객사 요청에 의해 결제를 중단합니다. (상세사유 : {reason})");
        let found = bed.get(&format!("/payments/find/{order_id}")).send().await;
        let found = found.ok();
        assert_eq!(
            (&found["status"], &found["fail_reason"]),
            (&json!("failed"), &json!(expected))
        );
        assert_eq!(told["error_msg"], json!(expected));
    }
    assert!(bed.app.captures().await.is_empty());
    let question = &bed.app.receiver.deliveries()[0];
    let found = bed.get("/payments/find/order-19").send().await.ok();
    let expected = json!({
        "imp_uid": found["imp_uid"], "merchant_uid": "order-19", "amount": 1000,
    });
    assert_eq!(question.body, expected);
}
