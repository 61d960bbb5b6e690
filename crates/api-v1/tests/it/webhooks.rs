//! Messages of this face.

use naru_domain::StoreId;
use naru_engine::admin::NewEndpoint;
use naru_engine::records::{Environment, PayloadFormat, PayloadVersion};
use naru_testkit::{Delivery, MAIN, bodies};
use serde_json::{Value, json};

use crate::{Bed, merged, onetime};

pub async fn endpoint(bed: &Bed, format: PayloadFormat) {
    let new = NewEndpoint {
        store_id: StoreId::new(MAIN.store_id),
        id: None,
        environment: Environment::Test,
        url: Some("http://shop.test/v1".to_owned()),
        version: PayloadVersion::V1,
        format,
        secret: None,
    };
    bed.app
        .engine
        .create_endpoint(new)
        .await
        .expect("an endpoint");
}

pub async fn delivered(bed: &Bed) -> Vec<Delivery> {
    bed.app.settle().await;
    bed.app.receiver.deliveries()
}

#[tokio::test]
async fn a_payment_is_told_once_unsigned_and_to_its_own_endpoint() {
    let bed = Bed::new().await;
    endpoint(&bed, PayloadFormat::Json).await;
    let paid = bed.pay("order-1", 1_000).await;
    let all = delivered(&bed).await;
    let [one] = all.as_slice() else {
        panic!("{} messages", all.len());
    };
    assert_eq!(one.url, "http://shop.test/v1");
    let body: Value = one.body.clone();
    let expected = json!({
        "imp_uid": paid["imp_uid"], "merchant_uid": "order-1", "status": "paid",
    });
    assert_eq!(body, expected);
    let has = |name: &str| one.headers.iter().any(|(header, _)| *header == name);
    assert!(!has("webhook-signature") && !has("webhook-id"));
    // The other face's payments go to the other face's endpoint.
    bed.app
        .post("/payments/order-2/instant")
        .json(&bodies::card_payment())
        .send()
        .await
        .ok();
    let all = delivered(&bed).await;
    assert_eq!(all.len(), 2);
    assert_eq!(all[1].url, format!("http://shop.test/{}", MAIN.store_id));
}

#[tokio::test]
async fn a_form_is_a_form() {
    let bed = Bed::new().await;
    endpoint(&bed, PayloadFormat::Form).await;
    let paid = bed.pay("order 1", 1_000).await;
    let all = delivered(&bed).await;
    let imp_uid = paid["imp_uid"].as_str().unwrap();
    let expected = format!("imp_uid={imp_uid}&merchant_uid=order+1&status=paid");
    assert_eq!(String::from_utf8_lossy(&all[0].bytes), expected);
}

#[tokio::test]
async fn addresses_of_the_payment_replace_the_stores() {
    let bed = Bed::new().await;
    endpoint(&bed, PayloadFormat::Json).await;
    let urls = json!({ "notice_url": ["http://shop.test/a", "http://shop.test/b"] });
    let body = merged(onetime("order-1", 1_000), &urls);
    bed.post("/subscribe/payments/onetime")
        .json(&body)
        .send()
        .await
        .ok();
    let mut urls: Vec<String> = delivered(&bed)
        .await
        .into_iter()
        .map(|one| one.url)
        .collect();
    urls.sort();
    assert_eq!(urls, ["http://shop.test/a", "http://shop.test/b"]);
}

#[tokio::test]
async fn a_cancellation_is_told_where_its_caller_wants_it() {
    let bed = Bed::new().await;
    endpoint(&bed, PayloadFormat::Json).await;
    bed.pay("order-1", 1_000).await;
    let quiet = json!({ "merchant_uid": "order-1", "amount": 100 });
    bed.post("/payments/cancel").json(&quiet).send().await.ok();
    assert_eq!(delivered(&bed).await.len(), 1);
    let told = json!({ "merchant_uid": "order-1", "amount": 100, "enable_webhook": true });
    let after = bed.post("/payments/cancel").json(&told).send().await.ok();
    let all = delivered(&bed).await;
    let body: Value = all[1].body.clone();
    assert_eq!(body["status"], "cancelled");
    assert_eq!(
        body["cancellation_id"],
        after["cancel_history"][1]["cancellation_id"]
    );
}

#[tokio::test]
async fn a_payment_that_failed_is_not_told() {
    let bed = Bed::new().await;
    endpoint(&bed, PayloadFormat::Json).await;
    let body = merged(
        onetime("order-1", 1_000),
        &json!({ "card_number": "9000000000120049" }),
    );
    bed.post("/subscribe/payments/onetime")
        .json(&body)
        .send()
        .await
        .refused(200, -1);
    assert!(delivered(&bed).await.is_empty());
}

#[tokio::test]
async fn a_receiver_that_is_down_is_not_asked_again() {
    let bed = Bed::new().await;
    endpoint(&bed, PayloadFormat::Json).await;
    bed.app.receiver.answer_with(500);
    bed.pay("order-1", 1_000).await;
    delivered(&bed).await;
    bed.app.move_clock_s(86_400).await;
    assert_eq!(delivered(&bed).await.len(), 1);
}
