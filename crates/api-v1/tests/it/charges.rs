//! Payments by the API: by typed-in card and by billing key.

use naru_testkit::MAIN;
use serde_json::json;

use crate::{Bed, merged, onetime, text};

#[tokio::test]
async fn a_card_pays_once_under_both_names() {
    let bed = Bed::new().await;
    let paid = bed.pay("order-1", 1_000).await;
    assert_eq!(
        (&paid["status"], &paid["customer_uid"]),
        (&json!("paid"), &json!(null))
    );
    let again = bed
        .post("/subscribe/payments/onetime")
        .json(&onetime("order-1", 1_000));
    let refused = again.send().await.refused(200, 1);
    assert!(
        refused.contains("이미 주문이 이루어진 건입니다"),
        "{refused}"
    );
    let foreign = bed
        .post("/subscribe/payments/foreign")
        .json(&onetime("order-2", 2_000));
    assert_eq!(foreign.send().await.ok()["status"], "paid");
    let mut captures = bed.app.captures().await;
    captures.sort_unstable();
    assert_eq!(captures, [1_000, 2_000]);
}

#[tokio::test]
async fn a_card_is_kept_where_a_customer_is_named() {
    let bed = Bed::new().await;
    let body = merged(
        onetime("order-1", 1_000),
        &json!({ "customer_uid": "customer-1" }),
    );
    let paid = bed
        .post("/subscribe/payments/onetime")
        .json(&body)
        .send()
        .await
        .ok();
    assert_eq!(
        (
            &paid["status"],
            &paid["customer_uid"],
            &paid["customer_uid_usage"]
        ),
        (&json!("paid"), &json!("customer-1"), &json!("payment"))
    );
    let kept = bed.get("/subscribe/customers/customer-1").send().await.ok();
    assert_eq!(kept["customer_name"], "홍길동", "the buyer is the customer");
    // A payment that is made leaves the card alone.
    bed.app.move_clock_s(60).await;
    let twice = bed
        .post("/subscribe/payments/onetime")
        .json(&body)
        .send()
        .await;
    assert_eq!(twice.refused(200, 1), "이미 주문이 이루어진 건입니다");
    assert_eq!(
        bed.get("/subscribe/customers/customer-1").send().await.ok(),
        kept
    );
}

#[tokio::test]
async fn a_key_is_charged_for_the_buyer_it_was_saved_for() {
    let bed = Bed::new().await;
    bed.save("customer-1").await;
    let body = json!({ "customer_uid": "customer-1", "merchant_uid": "order-1", "amount": "1500" });
    let paid = bed
        .post("/subscribe/payments/again")
        .json(&body)
        .send()
        .await
        .ok();
    assert_eq!(
        (
            &paid["status"],
            &paid["amount"],
            &paid["buyer_name"],
            &paid["name"]
        ),
        (
            &json!("paid"),
            &json!(1500),
            &json!("홍길동"),
            &json!("정기결제")
        )
    );
    assert!(text(&paid["imp_uid"]).starts_with("imps_"));
    let twice = bed
        .post("/subscribe/payments/again")
        .json(&body)
        .send()
        .await;
    assert_eq!(twice.refused(200, 1), "이미 주문이 이루어진 건입니다");
}

#[tokio::test]
async fn an_unknown_buyer_is_said_before_all_else() {
    let bed = Bed::new().await;
    let again = |body| bed.post("/subscribe/payments/again").json(&body).send();
    let unknown = again(json!({ "customer_uid": "none" }))
        .await
        .refused(200, 1);
    assert_eq!(unknown, "등록되지 않은 구매자입니다.");
    bed.save("customer-1").await;
    for body in [
        json!({ "merchant_uid": "order-1", "amount": 1000 }),
        json!({ "customer_uid": "customer-1", "amount": 1000 }),
        json!({ "customer_uid": "customer-1", "merchant_uid": "order-1" }),
        json!({ "customer_uid": "customer-1", "merchant_uid": "order-1", "amount": 0 }),
        json!({
            "customer_uid": "customer-1", "merchant_uid": "order-1", "amount": 1000,
            "notice_url": "ftp://shop.test",
        }),
    ] {
        assert!(!again(body).await.refused(200, 1).is_empty());
    }
    bed.delete("/subscribe/customers/customer-1")
        .send()
        .await
        .ok();
    let body = json!({ "customer_uid": "customer-1", "merchant_uid": "m", "amount": 1000 });
    assert_eq!(
        again(body).await.refused(200, 1),
        "등록되지 않은 구매자입니다."
    );
    assert!(bed.app.captures().await.is_empty());
}

#[tokio::test]
async fn a_charge_that_the_pg_declines_is_a_payment_that_failed() {
    let bed = Bed::new().await;
    bed.save("customer-1").await;
    bed.app.fault("charge_billing_key", "decline").await;
    let body = json!({ "customer_uid": "customer-1", "merchant_uid": "order-1", "amount": 1000 });
    let failed = bed
        .post("/subscribe/payments/again")
        .json(&body)
        .send()
        .await
        .ok();
    assert_eq!(
        (&failed["status"], &failed["paid_at"]),
        (&json!("failed"), &json!(0))
    );
    assert!(failed["fail_reason"].is_string() && failed["failed_at"].as_i64().unwrap() > 0);
    let paid = bed
        .post("/subscribe/payments/again")
        .json(&body)
        .send()
        .await
        .ok();
    assert_eq!(paid["status"], "paid", "the id may be used again");
}

#[tokio::test]
async fn a_channel_is_named_by_key_by_pg_or_not_at_all() {
    let bed = Bed::new().await;
    for (order, field, value, expected) in [
        ("a", "pg", "html5_inicis", "INIpayTest"),
        ("b", "pg", "html5_inicis.INIBillTst", "INIBillTst"),
        ("c", "pg", "kakaopay", "INIpayTest"),
        ("d", "channel_key", MAIN.channels[1], "INIBillTst"),
        ("e", "unknown", "field", "INIpayTest"),
    ] {
        let body = merged(onetime(order, 1_000), &json!({ field: value }));
        let paid = bed
            .post("/subscribe/payments/onetime")
            .json(&body)
            .send()
            .await
            .ok();
        assert_eq!(paid["pg_id"], expected, "{field} {value}");
    }
    let body = merged(
        onetime("f", 1_000),
        &json!({ "channel_key": "channel-key-none" }),
    );
    let refused = bed
        .post("/subscribe/payments/onetime")
        .json(&body)
        .send()
        .await;
    assert_eq!(
        refused.refused(200, 1),
        "등록 된 PG 설정 정보를 찾을 수 없습니다."
    );
}

#[tokio::test]
async fn an_outcome_that_nobody_knows_is_no_success() {
    let bed = Bed::new().await;
    bed.save("customer-1").await;
    bed.app.faults("charge_billing_key", "drop_after", 1).await;
    let body = json!({ "customer_uid": "customer-1", "merchant_uid": "order-1", "amount": 1000 });
    // Found out by inquiry within the request.
    let paid = bed
        .post("/subscribe/payments/again")
        .json(&body)
        .send()
        .await
        .ok();
    assert_eq!(paid["status"], "paid");
    assert_eq!(bed.app.captures().await, [1_000]);
}

#[tokio::test]
async fn what_a_pg_wants_of_the_buyer_is_named_as_here() {
    let bed = Bed::new().await;
    let mut body = onetime("order-1", 1_000);
    body.as_object_mut().unwrap().remove("buyer_email");
    let refused = bed
        .post("/subscribe/payments/onetime")
        .json(&body)
        .send()
        .await;
    let message = refused.refused(200, 1);
    assert!(message.contains("`buyer_email`"), "{message}");
}
