//! What is told of the issue of a billing key in a window, and what the operator sees of it.

use naru_domain::{PaymentId, StoreId};
use naru_engine::Fault;
use naru_engine::records::PayloadFormat;
use naru_engine::webhooks::MessageLine;
use naru_testkit::MAIN;
use serde_json::{Value, json};

use crate::issues::{issue, issued};
use crate::webhooks::{delivered, endpoint};
use crate::windows::{bed, open, play};
use crate::{Bed, text};

/// The webhook is all that is told of it.
#[tokio::test]
async fn its_success_is_told_to_the_stores_endpoint() {
    for (format, written) in [
        (
            PayloadFormat::Json,
            r#"{"imp_uid":"ID","merchant_uid":"order 1","status":"paid"}"#,
        ),
        (
            PayloadFormat::Form,
            "imp_uid=ID&merchant_uid=order+1&status=paid",
        ),
    ] {
        let bed = bed().await;
        endpoint(&bed, format).await;
        let told = issued(&bed, "order 1", &json!({})).await;
        let all = delivered(&bed).await;
        let [one] = all.as_slice() else {
            panic!("{} messages", all.len());
        };
        assert_eq!(one.url, "http://shop.test/v1");
        let expected = written.replace("ID", &text(&told["imp_uid"]));
        match format {
            PayloadFormat::Json => {
                let expected: Value = serde_json::from_str(&expected).unwrap();
                assert_eq!(one.body, expected);
            }
            PayloadFormat::Form => {
                assert_eq!(String::from_utf8_lossy(&one.bytes), expected);
            }
        }
        let signed = |name: &str| one.headers.iter().any(|(header, _)| *header == name);
        assert!(!signed("webhook-signature"));
    }
}

#[tokio::test]
async fn its_own_addresses_are_told_in_place_of_the_stores() {
    let bed = bed().await;
    endpoint(&bed, PayloadFormat::Json).await;
    let one = json!({ "notice_url": "http://shop.test/a" });
    issued(&bed, "order-1", &one).await;
    let two = json!({ "notice_url": ["http://shop.test/b", "http://shop.test/c"] });
    issued(&bed, "order-2", &two).await;
    let all = delivered(&bed).await;
    let mut urls: Vec<_> = all.iter().map(|one| one.url.as_str()).collect();
    urls.sort_unstable();
    let expected = [
        "http://shop.test/a",
        "http://shop.test/b",
        "http://shop.test/c",
    ];
    assert_eq!(urls, expected);
}

#[tokio::test]
async fn what_fails_and_what_needs_no_window_is_not_told() {
    let bed = bed().await;
    endpoint(&bed, PayloadFormat::Json).await;
    let left = open(&bed, &issue("order-1", &json!({}))).await;
    play(&bed, &left, &json!({ "action": "leave" })).await;
    let refused = open(&bed, &issue("order-2", &json!({}))).await;
    bed.app.fault("approve_window", "decline").await;
    play(&bed, &refused, &Value::Null).await;
    open(&bed, &issue("order-3", &json!({}))).await;
    bed.save("customer-2").await;
    bed.delete("/subscribe/customers/customer-2")
        .send()
        .await
        .ok();
    assert!(delivered(&bed).await.is_empty());
}

/// Event by event: where it went, or why it was not sent.
async fn log(bed: &Bed, merchant_uid: &str) -> Vec<(String, String)> {
    let (store, id) = (StoreId::new(MAIN.store_id), PaymentId::new(merchant_uid));
    let lines = bed.app.engine.message_log(&store, &id).await;
    let lines = lines.expect("a log");
    let line = |line: MessageLine| {
        let fate = line.url.or(line.not_sent.map(str::to_owned));
        let fate = fate.expect("an address or a reason");
        (line.event, fate)
    };
    lines.into_iter().map(line).collect()
}

#[tokio::test]
async fn the_log_says_what_was_not_told_and_why() {
    let bed = bed().await;
    issued(&bed, "order-1", &json!({})).await;
    let none = log(&bed, "order-1").await;
    assert_eq!(none[1].0, "BillingKey.Issued");
    assert!(none[1].1.starts_with("no address"), "{none:?}");
    endpoint(&bed, PayloadFormat::Json).await;
    bed.app.move_clock_s(60).await;
    let left = open(&bed, &issue("order-2", &json!({}))).await;
    play(&bed, &left, &json!({ "action": "leave" })).await;
    bed.app.move_clock_s(60).await;
    issued(&bed, "order-2", &json!({})).await;
    let found = log(&bed, "order-2").await;
    let window = "V1 tells nothing of a window that was opened";
    let expected = [
        ("BillingKey.Ready", window),
        (
            "BillingKey.Failed",
            "V1 tells nothing of an issue that failed",
        ),
        ("BillingKey.Ready", window),
        ("BillingKey.Issued", "http://shop.test/v1"),
    ];
    let expected = expected.map(|(event, fate)| (event.to_owned(), fate.to_owned()));
    assert_eq!(found, expected);
    let (store, id) = (StoreId::new(MAIN.store_id), PaymentId::new("order-3"));
    let unknown = bed.app.engine.message_log(&store, &id).await;
    assert_eq!(unknown, Err(Fault::PaymentNotFound));
}
