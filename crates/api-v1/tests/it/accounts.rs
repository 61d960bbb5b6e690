//! Virtual accounts, escrow, sales of other stores.

use naru_domain::ChannelKey;
use naru_engine::Secret;
use naru_engine::admin::NewChannel;
use naru_testkit::{OTHER, bodies};
use serde_json::{Value, json};

use crate::{Bed, merged, text};

fn order(bed: &Bed, merchant_uid: &str) -> Value {
    json!({
        "merchant_uid": merchant_uid, "amount": 1_000, "name": "나룻배 표", "vbank_code": "088",
        "vbank_due": bed.app.now().as_seconds() + 86_400, "vbank_holder": "나루상사",
        "buyer_name": "홍길동", "buyer_email": "hong@shop.test", "buyer_tel": "010-1234-5678",
    })
}

async fn issue(bed: &Bed, merchant_uid: &str) -> Value {
    let body = order(bed, merchant_uid);
    bed.post("/vbanks").json(&body).send().await.ok()
}

/// An account that was paid into.
pub async fn deposited(bed: &Bed, merchant_uid: &str) -> String {
    let issued = issue(bed, merchant_uid).await;
    bed.app.deposit(&text(&issued["vbank_num"])).await;
    bed.app.settle().await;
    text(&issued["imp_uid"])
}

#[tokio::test]
async fn an_account_waits_for_its_deposit() {
    let bed = Bed::new().await;
    let issued = issue(&bed, "v-1").await;
    assert_eq!(
        (
            &issued["status"],
            &issued["pay_method"],
            &issued["vbank_code"],
            &issued["paid_at"],
            &issued["channel"],
        ),
        (
            &json!("ready"),
            &json!("vbank"),
            &json!("088"),
            &json!(0),
            &json!("api")
        )
    );
    assert!(text(&issued["imp_uid"]).starts_with("imp_"));
    assert!(issued["vbank_issued_at"].as_i64().unwrap() > 0);
    let again = bed.post("/vbanks").json(&order(&bed, "v-1")).send().await;
    assert_eq!(again.refused(200, 1), "이미 주문이 이루어진 건입니다");
    bed.app.deposit(&text(&issued["vbank_num"])).await;
    bed.app.settle().await;
    let paid = bed.get("/payments/find/v-1").send().await.ok();
    assert_eq!(
        (&paid["status"], &paid["imp_uid"]),
        (&json!("paid"), &issued["imp_uid"])
    );
    let other = bed.app.get("/payments/v-1").send().await.ok();
    assert_eq!(
        (&other["status"], &other["version"]),
        (&json!("PAID"), &json!("V1"))
    );
}

#[tokio::test]
async fn what_is_wrong_with_an_account_is_named() {
    let bed = Bed::new().await;
    for (field, value) in [
        ("vbank_code", json!("999")),
        ("vbank_code", Value::Null),
        ("vbank_due", Value::Null),
        ("vbank_due", json!(bed.app.now().as_seconds())),
        ("vbank_due", json!("2030-01-01")),
        ("merchant_uid", json!("")),
        ("amount", json!(0)),
    ] {
        let body = merged(order(&bed, "v-1"), &json!({ field: value }));
        let message = bed.post("/vbanks").json(&body).send().await.refused(200, 1);
        assert!(message.contains(field), "{message}");
    }
    bed.app.fault("issue_virtual_account", "decline").await;
    let declined = bed.post("/vbanks").json(&order(&bed, "v-1")).send().await;
    let message = declined.refused(200, -1);
    assert!(
        message.starts_with("가상계좌 발급에 실패하였습니다. ["),
        "{message}"
    );
    assert_eq!(bed.app.captures().await, [0_i64; 0]);
    // A store that no PG issues accounts for.
    for key in OTHER.channels {
        bed.app
            .engine
            .switch_channel(&ChannelKey::new(key), false)
            .await
            .expect("switched off");
    }
    let token = bed.log_in(&OTHER).await;
    let nobody = bed.post("/vbanks").header("authorization", &token);
    let message = nobody
        .json(&order(&bed, "v-1"))
        .send()
        .await
        .refused(200, 1);
    assert!(message.contains("계약이 필요합니다."), "{message}");
}

#[tokio::test]
async fn an_account_that_waits_is_taken_back() {
    let bed = Bed::new().await;
    let issued = issue(&bed, "v-1").await;
    let path = format!("/vbanks/{}", text(&issued["imp_uid"]));
    for nothing in ["/vbanks/imp_000000000000", "/vbanks/none"] {
        bed.delete(nothing).send().await.refused(404, -1);
        bed.put(nothing)
            .json(&json!({ "amount": 1 }))
            .send()
            .await
            .refused(404, -1);
    }
    // No PG that Naru reaches changes an account that it issued.
    for body in [json!({}), json!({ "amount": 2_000 })] {
        bed.put(&path).json(&body).send().await.refused(400, -1);
    }
    let revoked = bed.delete(&path).send().await.ok();
    assert_eq!(revoked["status"], "failed");
    for request in [
        bed.delete(&path),
        bed.put(&path).json(&json!({ "amount": 1 })),
    ] {
        request.send().await.refused(400, -1);
    }
    let card = bed.pay("c-1", 1_000).await;
    let path = format!("/vbanks/{}", text(&card["imp_uid"]));
    bed.delete(&path).send().await.refused(400, -1);
}

/// An escrow channel, and a payment that the PG holds.
async fn held(bed: &Bed) -> String {
    let secrets = [
        ("sign_key", "SU5JTElURV9UUklQTEVERVNfS0VZU1RS"),
        ("iniapi_key", "yERbIlJ3NhTeObsA"),
        ("iniapi_iv", "tOGDXbfoajk2DQ=="),
    ];
    let options = [
        ("iniapi_base", "http://pg.test/inicis"),
        ("shop_url", "http://shop.test"),
        ("order_id_inquiry", "true"),
    ];
    let channel = NewChannel {
        store_id: naru_domain::StoreId::new("store-main"),
        name: "escrow".to_owned(),
        key: Some(ChannelKey::new("channel-key-escrow")),
        id: None,
        pg_provider: "INICIS_V2".to_owned(),
        pg_merchant_id: "iniescrow0".to_owned(),
        is_test: true,
        is_simulated: true,
        secrets: secrets
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Secret::new(value)))
            .collect(),
        options: options
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    };
    bed.app
        .engine
        .create_channel(channel)
        .await
        .expect("a channel");
    let mut body = bodies::card_payment();
    body["channelKey"] = json!("channel-key-escrow");
    body["isEscrow"] = json!(true);
    bed.app
        .post("/payments/e-1/instant")
        .json(&body)
        .send()
        .await
        .ok();
    text(&bed.get("/payments/find/e-1").send().await.ok()["imp_uid"])
}

fn shipment(invoice: &str) -> Value {
    let party = json!({
        "name": "홍길동", "tel": "02-123-4567", "addr": "서울시 중구 1", "postcode": "04524",
    });
    json!({
        "sender": party, "receiver": party,
        "logis": { "company": "CJGLS", "invoice": invoice, "sent_at": 1_700_000_000 },
    })
}

#[tokio::test]
async fn a_shipment_is_told_shown_and_corrected() {
    let bed = Bed::new().await;
    let path = format!("/escrows/logis/{}", held(&bed).await);
    let cannot = "해당거래건은 배송정보를 등록할 수 없습니다.";
    assert_eq!(bed.get(&path).send().await.refused(409, -1), cannot);
    let early = bed.put(&path).json(&shipment("1")).send().await;
    assert_eq!(early.refused(409, -1), cannot);
    for (place, value) in [
        ("logis", Value::Null),
        ("logis", json!({ "company": "CJGLS", "invoice": "1" })),
        ("sender", Value::Null),
        ("receiver", json!("no object")),
    ] {
        let body = merged(shipment("1"), &json!({ place: value }));
        bed.post(&path).json(&body).send().await.refused(400, -1);
    }
    bed.app.fault("register_shipment", "decline").await;
    bed.post(&path)
        .json(&shipment("1"))
        .send()
        .await
        .refused(500, -1);
    // As a form has it: objects as texts.
    let told = bed.post(&path).json(&shipment("1")).send().await.ok();
    assert_eq!(
        (&told["company"], &told["invoice"], &told["sent_at"]),
        (&json!("CJGLS"), &json!("1"), &json!(1_700_000_000))
    );
    assert!(told["applied_at"].as_i64().unwrap() > 0);
    let again = bed.post(&path).json(&shipment("2")).send().await;
    assert_eq!(again.refused(409, -1), cannot);
    let odd = merged(
        shipment("3"),
        &json!({ "logis": { "company": "PIGEON", "invoice": "3", "sent_at": "1700000001" } }),
    );
    let changed = bed.put(&path).json(&odd).send().await.ok();
    assert_eq!(
        (&changed["company"], &changed["invoice"]),
        (&json!("ETC"), &json!("3"))
    );
    assert_eq!(bed.get(&path).send().await.ok(), changed);
    let other = bed.app.get("/payments/e-1").send().await.ok();
    assert_eq!(other["escrow"]["invoiceNumber"], "3");
    for nothing in [
        bed.get("/escrows/logis/none"),
        bed.post("/escrows/logis/none").json(&odd),
    ] {
        let message = nothing.send().await.refused(404, -1);
        assert_eq!(message, "존재하지 않는 결제정보입니다.");
    }
    let plain = bed.pay("c-1", 1_000).await;
    let plain = format!("/escrows/logis/{}", text(&plain["imp_uid"]));
    bed.get(&plain).send().await.refused(409, -1);
    bed.post(&plain).json(&odd).send().await.refused(409, -1);
}

#[tokio::test]
async fn sales_of_other_stores_are_told() {
    let bed = Bed::new().await;
    let paid = bed.pay("c-1", 1_100).await;
    let path = format!("/partners/receipts/{}", text(&paid["imp_uid"]));
    let sale = json!({
        "business_registration_number": "123-45-67890", "company_name": "가게", "amount": 1_100,
    });
    let told = bed
        .post(&path)
        .json(&json!({ "data": [sale] }))
        .send()
        .await
        .ok();
    assert!(told.get("receipt_url").is_some());
    for data in [
        json!([]),
        json!([{ "company_name": "가게", "amount": 1 }]),
        json!([merged(sale.clone(), &json!({ "amount": 0 }))]),
        json!([merged(sale.clone(), &json!({ "tax_free": 1_200 }))]),
    ] {
        let body = json!({ "data": data });
        bed.post(&path).json(&body).send().await.refused(400, -1);
    }
    bed.app.fault("register_store_sales", "decline").await;
    let declined = bed
        .post(&path)
        .json(&json!({ "data": [sale] }))
        .send()
        .await;
    declined.refused(400, -1);
    let nothing = bed
        .post("/partners/receipts/none")
        .json(&json!({ "data": [sale] }));
    nothing.send().await.refused(404, -1);
    let waiting = issue(&bed, "v-1").await;
    let path = format!("/partners/receipts/{}", text(&waiting["imp_uid"]));
    let unpaid = bed
        .post(&path)
        .json(&json!({ "data": [sale] }))
        .send()
        .await;
    unpaid.refused(400, -1);
}
