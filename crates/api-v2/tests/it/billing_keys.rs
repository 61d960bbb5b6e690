//! Billing keys: issue, read, charge, delete.

use naru_testkit::{MAIN, TestApp, bodies};
use serde_json::{Value, json};

use crate::{app, issue, text, with};

async fn charge(app: &TestApp, id: &str, body: &Value) -> naru_testkit::Answer {
    app.post(&format!("/payments/{id}/billing-key"))
        .json(body)
        .send()
        .await
}

#[tokio::test]
async fn a_key_is_issued_read_and_charged() {
    let app = app().await;
    let body = with(bodies::billing_key(), "/customData", json!("mine"));
    let issued = app.post("/billing-keys").json(&body).send().await.ok();
    let key = text(&issued["billingKeyInfo"]["billingKey"]);
    assert!(key.starts_with("billing-key-"));
    assert_eq!(issued["channelSpecificFailures"], json!([]));
    assert_eq!(
        issued["billingKeyInfo"]["channels"][0]["key"],
        MAIN.channels[1]
    );
    let read = app.get(&format!("/billing-keys/{key}")).send().await.ok();
    assert_eq!(
        (&read["status"], &read["billingKey"]),
        (&json!("ISSUED"), &json!(key))
    );
    assert_eq!(read["customData"], "mine");
    assert_eq!(read["customer"]["phoneNumber"], "01012345678");
    assert_eq!(read["methods"][0]["type"], "BillingKeyPaymentMethodCard");
    assert_eq!(read["pgBillingKeyIssueResponses"][0]["type"], "ISSUED");
    assert!(!read.to_string().contains("4111111111111111"));
    charge(&app, "b-1", &bodies::charge(&key)).await.ok();
    let paid = app.get("/payments/b-1").send().await.ok();
    assert_eq!(
        (&paid["status"], &paid["billingKey"]),
        (&json!("PAID"), &json!(key))
    );
    charge(&app, "b-1", &bodies::charge(&key))
        .await
        .refused(409, "ALREADY_PAID");
    assert_eq!(app.captures().await, [1000]);
}

#[tokio::test]
async fn a_declined_card_gets_no_key() {
    let app = app().await;
    let declined = bodies::card_number("9000000000120014");
    let body = with(bodies::billing_key(), "/method/card/credential", declined);
    let answer = app.post("/billing-keys").json(&body).send().await;
    answer.refused(502, "PG_PROVIDER");
    let list = app.get("/billing-keys").send().await.ok();
    assert_eq!(list["page"]["totalCount"], 0);
}

#[tokio::test]
async fn a_charge_that_is_declined_is_a_502() {
    let app = app().await;
    let magic = bodies::card_number("9000000001120054");
    let body = with(bodies::billing_key(), "/method/card/credential", magic);
    let issued = app.post("/billing-keys").json(&body).send().await.ok();
    let key = text(&issued["billingKeyInfo"]["billingKey"]);
    charge(&app, "b-2", &bodies::charge(&key))
        .await
        .refused(502, "PG_PROVIDER");
    assert_eq!(
        app.get("/payments/b-2").send().await.ok()["status"],
        "FAILED"
    );
}

#[tokio::test]
async fn keys_and_channels_that_are_not_there_are_not_found() {
    let app = app().await;
    let key = issue(&app).await;
    let unknown = bodies::charge("billing-key-unknown");
    charge(&app, "b-3", &unknown)
        .await
        .refused(404, "BILLING_KEY_NOT_FOUND");
    let other = with(bodies::charge(&key), "/channelKey", json!(MAIN.channels[0]));
    charge(&app, "b-3", &other)
        .await
        .refused(404, "CHANNEL_NOT_FOUND");
    let right = with(bodies::charge(&key), "/channelKey", json!(MAIN.channels[1]));
    charge(&app, "b-3", &right).await.ok();
    for id in ["nothing", "%00", "%20"] {
        let path = format!("/billing-keys/{id}");
        app.get(&path)
            .send()
            .await
            .refused(404, "BILLING_KEY_NOT_FOUND");
        app.delete(&path)
            .send()
            .await
            .refused(404, "BILLING_KEY_NOT_FOUND");
    }
    let body = with(
        bodies::billing_key(),
        "/channelKey",
        json!("channel-key-nowhere"),
    );
    let answer = app.post("/billing-keys").json(&body).send().await;
    answer.refused(404, "CHANNEL_NOT_FOUND");
}

#[tokio::test]
async fn a_deleted_key_can_be_read_and_not_charged() {
    let app = app().await;
    let key = issue(&app).await;
    let path = format!("/billing-keys/{key}");
    let query = "?reason=%ED%83%88%ED%87%B4+%EC%9A%94%EC%B2%AD&requester=CUSTOMER";
    let deleted = app.delete(&format!("{path}{query}")).send().await.ok();
    let read = app.get(&path).send().await.ok();
    assert_eq!(
        (&read["status"], &read["deletedAt"]),
        (&json!("DELETED"), &deleted["deletedAt"])
    );
    let answer = charge(&app, "b-4", &bodies::charge(&key)).await;
    answer.refused(409, "BILLING_KEY_ALREADY_DELETED");
    app.delete(&path)
        .send()
        .await
        .refused(409, "BILLING_KEY_ALREADY_DELETED");
    app.settle().await;
    assert_eq!(
        app.receiver.events(&key),
        ["BillingKey.Issued", "BillingKey.Deleted"]
    );
}

#[tokio::test]
async fn webhooks_of_success_can_be_skipped() {
    let app = app().await;
    let body = with(bodies::billing_key(), "/skipWebhook", json!(true));
    let issued = app.post("/billing-keys").json(&body).send().await.ok();
    let key = text(&issued["billingKeyInfo"]["billingKey"]);
    app.delete(&format!("/billing-keys/{key}?skipWebhook=true"))
        .send()
        .await
        .ok();
    app.settle().await;
    assert!(app.receiver.deliveries().is_empty());
}

#[tokio::test]
async fn bad_input_is_refused() {
    let app = app().await;
    let key = issue(&app).await;
    for (pointer, value, field) in [
        ("/channelKey", Value::Null, "channelKey"),
        ("/channelKey", json!(""), "channelKey"),
        ("/method", json!({}), "method"),
        ("/method", Value::Null, "method"),
        ("/method/card", json!([]), "method.card"),
        (
            "/method/card/credential/number",
            json!("4111"),
            "method.card.credential.number",
        ),
        (
            "/method/card/credential/expiryMonth",
            json!("13"),
            "method.card.credential.expiryMonth",
        ),
        ("/noticeUrls", json!(["ftp://x"]), "noticeUrls[0]"),
    ] {
        let body = with(bodies::billing_key(), pointer, value);
        app.post("/billing-keys")
            .json(&body)
            .send()
            .await
            .refused_field(field);
    }
    for (pointer, value, field) in [
        ("/billingKey", Value::Null, "billingKey"),
        ("/billingKey", json!(""), "billingKey"),
        ("/installmentMonth", json!(61), "installmentMonth"),
        ("/installmentMonth", json!(-1), "installmentMonth"),
        ("/amount/total", json!(0), "amount.total"),
        ("/orderName", json!(""), "orderName"),
        ("/promotionId", json!("promotion-id-1"), "promotionId"),
    ] {
        let body = with(bodies::charge(&key), pointer, value);
        charge(&app, "b-5", &body).await.refused_field(field);
    }
    let parts = with(bodies::charge(&key), "/amount/taxFree", json!(1001));
    let answer = charge(&app, "b-5", &parts).await;
    answer.refused(409, "SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT");
    let path = format!("/billing-keys/{key}?requester=NOBODY");
    app.delete(&path).send().await.refused_field("requester");
    let path = format!("/billing-keys/{key}?skipWebhook=perhaps");
    app.delete(&path).send().await.refused_field("skipWebhook");
    let path = format!("/billing-keys/{key}?reason={}", "r".repeat(1001));
    app.delete(&path).send().await.refused_field("reason");
}
