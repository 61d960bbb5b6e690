//! Cash receipts: of a payment, and of a sale made elsewhere.

use serde_json::{Value, json};

use crate::accounts::deposited;
use crate::{Bed, merged, text};

fn person() -> Value {
    json!({ "identifier": "010-1234-5678", "identifier_type": "phone", "type": "person" })
}

#[tokio::test]
async fn a_deposit_gets_its_receipt_once() {
    let bed = Bed::new().await;
    let path = format!("/receipts/{}", deposited(&bed, "v-1").await);
    bed.get(&path).send().await.refused(404, -1);
    bed.delete(&path).send().await.refused(400, -1);
    for (field, value) in [
        ("identifier", Value::Null),
        ("identifier", json!("not digits")),
        ("identifier_type", json!("pigeon")),
        ("type", json!("other")),
        ("tax_free", json!(1_001)),
    ] {
        let body = merged(person(), &json!({ field: value }));
        let message = bed.post(&path).json(&body).send().await.refused(400, -1);
        assert!(
            message.contains(field) && !message.contains("not digits"),
            "{message}"
        );
    }
    bed.app.fault("issue_cash_receipt", "decline").await;
    bed.post(&path)
        .json(&person())
        .send()
        .await
        .refused(500, -1);
    let issued = bed.post(&path).json(&person()).send().await.ok();
    assert_eq!(
        (
            &issued["type"],
            &issued["amount"],
            &issued["vat"],
            &issued["cancelled_at"]
        ),
        (&json!("person"), &json!(1_000), &json!(91), &json!(0))
    );
    assert_eq!(format!("/receipts/{}", text(&issued["imp_uid"])), path);
    assert_eq!(bed.get(&path).send().await.ok(), issued);
    let payment = bed.get("/payments/find/v-1").send().await.ok();
    assert_eq!(payment["cash_receipt_issued"], true);
    bed.post(&path)
        .json(&person())
        .send()
        .await
        .refused(400, -1);
    let cancelled = bed.delete(&path).send().await.ok();
    assert!(cancelled["cancelled_at"].as_i64().unwrap() > 0);
    let payment = bed.get("/payments/find/v-1").send().await.ok();
    assert_eq!(payment["cash_receipt_issued"], false);
    // The other face shows the same one.
    let other = bed.app.get("/payments/v-1/cash-receipt").send().await.ok();
    assert_eq!(other["status"], "CANCELLED");
}

#[tokio::test]
async fn a_receipt_is_of_cash_that_was_paid() {
    let bed = Bed::new().await;
    let card = bed.pay("c-1", 1_000).await;
    let mut paths = vec![format!("/receipts/{}", text(&card["imp_uid"]))];
    paths.push("/receipts/none".to_owned());
    for path in paths {
        bed.post(&path)
            .json(&person())
            .send()
            .await
            .refused(400, -1);
        bed.delete(&path).send().await.refused(400, -1);
        bed.get(&path).send().await.refused(404, -1);
    }
}

#[tokio::test]
async fn a_sale_made_elsewhere_gets_one() {
    let bed = Bed::new().await;
    let path = "/receipts/external/sale-1";
    let body = json!({
        "name": "현장 판매", "amount": 11_000, "identifier": "1234567891", "type": "company",
        "tax_free": 0, "buyer_name": "홍길동", "buyer_email": "hong@shop.test",
        "buyer_tel": "010-1234-5678",
    });
    bed.get(path).send().await.refused(404, -1);
    bed.delete(path).send().await.refused(404, -1);
    for field in ["name", "amount", "identifier"] {
        let body = merged(body.clone(), &json!({ field: Value::Null }));
        let message = bed.post(path).json(&body).send().await.refused(400, -1);
        assert!(message.contains(field), "{message}");
    }
    let issued = bed.post(path).json(&body).send().await.ok();
    assert_eq!(
        (
            &issued["merchant_uid"],
            &issued["type"],
            &issued["amount"],
            &issued["vat"]
        ),
        (
            &json!("sale-1"),
            &json!("company"),
            &json!(11_000),
            &json!(1_000)
        )
    );
    bed.post(path).json(&body).send().await.refused(400, -1);
    assert_eq!(bed.get(path).send().await.ok(), issued);
    let cancelled = bed.delete(path).send().await.ok();
    assert!(cancelled["cancelled_at"].as_i64().unwrap() > 0);
    bed.get("/payments/find/sale-1")
        .send()
        .await
        .refused(404, -1);
}
