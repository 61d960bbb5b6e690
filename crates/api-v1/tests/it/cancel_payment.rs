//! Cancelling.

use naru_testkit::OTHER;
use serde_json::{Value, json};

use crate::{Answer, Bed, text};

const NOTHING: &str = "취소할 결제건이 존재하지 않습니다.";

async fn cancel(bed: &Bed, body: &Value) -> Answer {
    bed.post("/payments/cancel").json(body).send().await
}

#[tokio::test]
async fn parts_add_up_to_the_whole() {
    let bed = Bed::new().await;
    let paid = bed.pay("order-1", 1_000).await;
    let body = json!({
        "imp_uid": paid["imp_uid"], "amount": 300, "checksum": 1000, "reason": "색상이 달라요",
        "extra": { "requester": "customer" }, "escrow_confirmed": true,
    });
    let part = cancel(&bed, &body).await.ok();
    assert_eq!(
        (&part["status"], &part["amount"], &part["cancel_amount"]),
        (&json!("cancelled"), &json!(1000), &json!(300))
    );
    assert_eq!(part["paid_at"], paid["paid_at"], "what was paid stays");
    assert_eq!(part["cancel_reason"], "색상이 달라요");
    let history = part["cancel_history"].as_array().unwrap();
    assert_eq!((history.len(), &history[0]["amount"]), (1, &json!(300)));
    assert!(history[0]["cancellation_id"].is_string() && history[0]["pg_tid"].is_string());
    assert_eq!(part["cancelled_at"], history[0]["cancelled_at"]);
    // 0 and nothing are the rest.
    let rest = json!({ "merchant_uid": "order-1", "amount": 0, "tax_free": 0 });
    let whole = cancel(&bed, &rest).await.ok();
    assert_eq!(whole["cancel_amount"], 1000);
    assert_eq!(whole["cancel_history"].as_array().unwrap().len(), 2);
    let again = cancel(&bed, &json!({ "merchant_uid": "order-1" })).await;
    assert_eq!(again.refused(200, 1), "이미 전액취소된 주문입니다.");
    assert_eq!(bed.app.captures().await, Vec::<i64>::new());
}

#[tokio::test]
async fn what_is_meant_must_be_there() {
    let bed = Bed::new().await;
    let paid = bed.pay("order-1", 1_000).await;
    for body in [
        json!({ "imp_uid": "imps_000000000000" }),
        json!({ "merchant_uid": "none" }),
        // The `imp_uid` counts, however good the other is.
        json!({ "imp_uid": "imps_000000000000", "merchant_uid": "order-1" }),
    ] {
        assert_eq!(cancel(&bed, &body).await.refused(200, 1), NOTHING);
    }
    let neither = cancel(&bed, &json!({ "reason": "x" }))
        .await
        .refused(200, 1);
    assert!(neither.ends_with("지정해주셔야합니다."), "{neither}");
    let other = bed.log_in(&OTHER).await;
    let foreign = bed
        .post("/payments/cancel")
        .json(&json!({ "imp_uid": paid["imp_uid"] }))
        .header("authorization", &other);
    assert_eq!(foreign.send().await.refused(200, 1), NOTHING);
    assert_eq!(bed.app.captures().await, [1_000]);
}

#[tokio::test]
async fn a_payment_that_failed_and_an_attempt_that_did_can_not_be_cancelled() {
    let bed = Bed::new().await;
    let mut body = crate::onetime("order-1", 1_000);
    body["card_number"] = json!("9000000000120049");
    bed.post("/subscribe/payments/onetime")
        .json(&body)
        .send()
        .await
        .refused(200, -1);
    let failed = bed.get("/payments/find/order-1").send().await.ok();
    let by_id = json!({ "merchant_uid": "order-1" });
    assert_eq!(cancel(&bed, &by_id).await.refused(200, 1), NOTHING);
    bed.pay("order-1", 1_000).await;
    let by_attempt = json!({ "imp_uid": failed["imp_uid"] });
    assert_eq!(cancel(&bed, &by_attempt).await.refused(200, 1), NOTHING);
    assert_eq!(cancel(&bed, &by_id).await.ok()["status"], "cancelled");
}

#[tokio::test]
async fn amounts_are_held_against_what_is_left() {
    let bed = Bed::new().await;
    bed.pay("order-1", 1_000).await;
    for body in [
        json!({ "merchant_uid": "order-1", "checksum": 999 }),
        json!({ "merchant_uid": "order-1", "amount": 1001 }),
        json!({ "merchant_uid": "order-1", "amount": "x" }),
        json!({ "merchant_uid": "order-1", "amount": -1 }),
        json!({ "merchant_uid": "order-1", "amount": 10.5 }),
        json!({ "merchant_uid": "order-1", "tax_free": 500 }),
    ] {
        assert!(
            !cancel(&bed, &body).await.refused(200, 1).is_empty(),
            "{body}"
        );
    }
    assert_eq!(bed.app.captures().await, [1_000]);
    assert_eq!(
        bed.get("/payments/find/order-1").send().await.ok()["cancel_amount"],
        0
    );
}

#[tokio::test]
async fn a_pgs_refusal_stands_behind_our_words() {
    let bed = Bed::new().await;
    bed.pay("order-1", 1_000).await;
    bed.app.fault("refund", "decline").await;
    let message = cancel(&bed, &json!({ "merchant_uid": "order-1" }))
        .await
        .refused(200, -1);
    assert!(
        message.starts_with("결제취소에 실패하였습니다. ["),
        "{message}"
    );
}

#[tokio::test]
async fn two_cancellations_at_once_give_back_no_more_than_there_is() {
    let bed = Bed::new().await;
    bed.pay("order-1", 1_000).await;
    let mut tasks = Vec::new();
    for _ in 0..5 {
        let asking = bed
            .post("/payments/cancel")
            .json(&json!({ "merchant_uid": "order-1", "amount": 400, "checksum": 1000 }));
        tasks.push(tokio::spawn(asking.send()));
    }
    let mut done = 0;
    for task in tasks {
        done += usize::from(task.await.unwrap().body["code"] == 0);
    }
    assert_eq!(done, 1);
    let read = bed.get("/payments/find/order-1").send().await.ok();
    assert_eq!(read["cancel_amount"], 400);
    assert_eq!(text(&read["status"]), "cancelled");
}
