//! Amounts that are registered before their payment.

use naru_testkit::OTHER;
use serde_json::json;

use crate::{Bed, onetime};

#[tokio::test]
async fn an_amount_is_registered_once_and_can_be_replaced() {
    let bed = Bed::new().await;
    let body = json!({ "merchant_uid": "order-1", "amount": 1000 });
    let made = bed.post("/payments/prepare").json(&body).send().await.ok();
    assert_eq!(
        made,
        json!({ "merchant_uid": "order-1", "amount": 1000, "currency": null })
    );
    let twice = bed.post("/payments/prepare").json(&body).send().await;
    assert_eq!(
        twice.refused(200, 1),
        "결제정보 사전등록에 실패하였습니다(이미 등록된 merchant_uid입니다)."
    );
    let other = json!({ "merchant_uid": "order-1", "amount": 10.5, "currency": "usd" });
    let edited = bed.put("/payments/prepare").json(&other).send().await.ok();
    assert_eq!(
        edited,
        json!({ "merchant_uid": "order-1", "amount": 10.5, "currency": "USD" })
    );
    let read = bed.get("/payments/prepare/order-1").send().await.ok();
    assert_eq!(read, edited);
}

#[tokio::test]
async fn what_was_not_registered_is_not_found() {
    let bed = Bed::new().await;
    let message = "사전등록된 결제정보가 존재하지 않습니다.";
    assert_eq!(
        bed.get("/payments/prepare/none")
            .send()
            .await
            .refused(404, -1),
        message
    );
    let body = json!({ "merchant_uid": "none", "amount": 1000 });
    assert_eq!(
        bed.put("/payments/prepare")
            .json(&body)
            .send()
            .await
            .refused(404, -1),
        message
    );
    bed.post("/payments/prepare").json(&body).send().await.ok();
    let other = bed.log_in(&OTHER).await;
    let foreign = bed
        .get("/payments/prepare/none")
        .header("authorization", &other);
    foreign.send().await.refused(404, -1);
}

#[tokio::test]
async fn fields_are_wanted() {
    let bed = Bed::new().await;
    for body in [
        json!({ "amount": 1000 }),
        json!({ "merchant_uid": "order-1" }),
        json!({ "merchant_uid": "order-1", "amount": "ten" }),
        json!({ "merchant_uid": "x".repeat(41), "amount": 1000 }),
        json!({ "merchant_uid": "order-1", "amount": 1000, "currency": "won" , "extra": [] }),
    ] {
        let answer = bed.post("/payments/prepare").json(&body).send().await;
        if body["currency"] == "won" {
            assert_eq!(answer.ok()["currency"], "WON");
        } else {
            assert!(!answer.refused(200, 1).is_empty());
        }
    }
}

#[tokio::test]
async fn it_binds_the_window_and_no_payment_by_the_api() {
    let bed = Bed::new().await;
    let body = json!({ "merchant_uid": "order-1", "amount": 5000 });
    bed.post("/payments/prepare").json(&body).send().await.ok();
    let paid = bed
        .post("/subscribe/payments/onetime")
        .json(&onetime("order-1", 1_000));
    assert_eq!(paid.send().await.ok()["status"], "paid");
}
