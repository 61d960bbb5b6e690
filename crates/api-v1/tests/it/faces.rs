//! One store, two faces (P7): what is made on one reads correctly on the other.

use naru_testkit::bodies;
use serde_json::{Value, json};

use crate::{Bed, text};

#[tokio::test]
async fn a_payment_of_v1_reads_correctly_in_v2() {
    let bed = Bed::new().await;
    let paid = bed.pay("order-1", 1_000).await;
    let read = bed.app.get("/payments/order-1").send().await.ok();
    assert_eq!(
        (
            &read["status"],
            &read["version"],
            &read["transactionId"],
            &read["amount"]["total"]
        ),
        (&json!("PAID"), &json!("V1"), &paid["imp_uid"], &json!(1000))
    );
    let transactions = bed
        .app
        .get("/payments/order-1/transactions")
        .send()
        .await
        .ok();
    assert_eq!(transactions["items"][0]["id"], paid["imp_uid"]);
    // Cancelled there, it is cancelled here.
    let body = json!({ "reason": "x", "amount": 400 });
    bed.app
        .post("/payments/order-1/cancel")
        .json(&body)
        .send()
        .await
        .ok();
    let part = bed.get("/payments/find/order-1").send().await.ok();
    assert_eq!(
        (&part["status"], &part["cancel_amount"]),
        (&json!("cancelled"), &json!(400))
    );
    let body = json!({ "merchant_uid": "order-1" });
    bed.post("/payments/cancel").json(&body).send().await.ok();
    let read = bed.app.get("/payments/order-1").send().await.ok();
    assert_eq!(
        (&read["status"], &read["amount"]["cancelled"]),
        (&json!("CANCELLED"), &json!(1000))
    );
    assert_eq!(read["cancellations"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_payment_of_v2_reads_correctly_in_v1() {
    let bed = Bed::new().await;
    bed.app
        .post("/payments/order-1/instant")
        .json(&bodies::card_payment())
        .send()
        .await
        .ok();
    let read = bed.app.get("/payments/order-1").send().await.ok();
    let transaction = text(&read["transactionId"]);
    let found = bed.get("/payments/find/order-1").send().await.ok();
    let imp_uid = text(&found["imp_uid"]);
    assert_eq!(
        imp_uid,
        transaction.replace('-', ""),
        "of 32 characters at most"
    );
    assert_eq!(
        (&found["status"], &found["amount"]),
        (&json!("paid"), &json!(1000))
    );
    for id in [imp_uid, transaction] {
        let by_id = bed.get(&format!("/payments/{id}")).send().await.ok();
        assert_eq!(by_id, found);
    }
    let body = json!({ "imp_uid": found["imp_uid"], "amount": 100 });
    bed.post("/payments/cancel").json(&body).send().await.ok();
    let read = bed.app.get("/payments/order-1").send().await.ok();
    assert_eq!(read["status"], "PARTIAL_CANCELLED");
}

#[tokio::test]
async fn a_virtual_account_of_v2_is_ready_then_paid() {
    let bed = Bed::new().await;
    bed.app
        .post("/payments/order-1/instant")
        .json(&bodies::virtual_account())
        .send()
        .await
        .ok();
    let ready = bed.get("/payments/find/order-1").send().await.ok();
    assert_eq!(
        (
            &ready["status"],
            &ready["pay_method"],
            &ready["paid_at"],
            &ready["vbank_code"]
        ),
        (&json!("ready"), &json!("vbank"), &json!(0), &json!("088"))
    );
    assert!(ready["vbank_date"].as_i64().unwrap() > 0 && ready["vbank_num"].is_string());
    bed.app.deposit(ready["vbank_num"].as_str().unwrap()).await;
    let paid = bed.get("/payments/find/order-1").send().await.ok();
    assert_eq!(paid["status"], "paid");
    // Money paid into an account goes back to an account.
    let mut body = json!({ "merchant_uid": "order-1" });
    let refused = bed
        .post("/payments/cancel")
        .json(&body)
        .send()
        .await
        .refused(200, 1);
    assert!(refused.contains("refund_account"), "{refused}");
    body["refund_account"] = json!("110-123-456789");
    body["refund_bank"] = json!("088");
    body["refund_holder"] = json!("홍길동");
    let gone = bed.post("/payments/cancel").json(&body).send().await.ok();
    assert_eq!(gone["status"], "cancelled");
}

#[tokio::test]
async fn a_billing_key_is_one_on_both() {
    let bed = Bed::new().await;
    bed.save("customer-1").await;
    let read = bed.app.get("/billing-keys/customer-1").send().await.ok();
    assert_eq!(
        (&read["status"], &read["billingKey"]),
        (&json!("ISSUED"), &json!("customer-1"))
    );
    let mut body = bodies::card_payment();
    let fields = body.as_object_mut().unwrap();
    fields.remove("method");
    fields.remove("channelKey");
    fields.insert("billingKey".to_owned(), json!("customer-1"));
    let charged = bed.app.post("/payments/order-1/billing-key").json(&body);
    charged.send().await.ok();
    let found = bed.get("/payments/find/order-1").send().await.ok();
    assert_eq!(found["customer_uid"], "customer-1");
    let issued = bed
        .app
        .post("/billing-keys")
        .json(&bodies::billing_key())
        .send()
        .await
        .ok();
    let key = text(&issued["billingKeyInfo"]["billingKey"]);
    let path = format!("/subscribe/customers/{key}");
    assert_eq!(bed.get(&path).send().await.ok()["customer_uid"], json!(key));
    let list = bed.app.get("/billing-keys").send().await.ok();
    assert_eq!(
        list["page"]["totalCount"], 2,
        "an issue that became a key is not one more: {list}"
    );
}

#[tokio::test]
async fn lists_of_v2_tell_the_versions_apart() {
    let bed = Bed::new().await;
    bed.pay("one", 1_000).await;
    bed.app
        .post("/payments/two/instant")
        .json(&bodies::card_payment())
        .send()
        .await
        .ok();
    bed.app.settle().await;
    let listed = async |version: &str| -> Vec<Value> {
        let asked = json!({ "filter": { "version": version } });
        let path = format!("/payments?requestBody={}", encoded(&asked));
        let list = bed.app.get(&path).send().await.ok();
        let items = list["items"].as_array().unwrap();
        items.iter().map(|one| one["id"].clone()).collect()
    };
    assert_eq!(listed("V1").await, [json!("one")]);
    assert_eq!(listed("V2").await, [json!("two")]);
}

fn encoded(value: &Value) -> String {
    use std::fmt::Write as _;
    value
        .to_string()
        .bytes()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "%{byte:02X}");
            text
        })
}
