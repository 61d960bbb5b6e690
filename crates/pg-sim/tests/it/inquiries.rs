//! What an inquiry tells of every state.

use serde_json::{Value, json};

use crate::support::{GOOD_CARD, Pg, common, text};

async fn v1(pg: &Pg, name: &'static str, value: &str) -> Value {
    let mut fields = common("Extra", "Inquiry", "INIpayTest");
    fields.push((name, value.to_owned()));
    pg.v1("extra", &fields, &[]).await
}

#[tokio::test]
async fn a_card_payment_is_found_by_either_id() {
    let pg = Pg::memory();
    let paid = pg.pay("order1", "1000", GOOD_CARD).await;
    let tid = text(&paid, "tid");
    let by_order = pg.inquire("order1").await;
    assert_eq!(text(&by_order, "resultCode"), "SUCCESS");
    assert_eq!(text(&by_order, "tid"), tid);
    assert_eq!(text(&by_order, "transactionStatus"), "APPROVAL");
    assert_eq!(text(&by_order, "availablePartCancelPrice"), "1000");
    assert_eq!(text(&by_order, "buyerName"), "홍길동");
    let card = &by_order["cardInfo"];
    assert_eq!(card["approvedNumber"], paid["payAuthCode"]);
    assert_eq!(card["cardNumber"], "411111**********");
    assert_eq!(card["currencyCode"], "WON");
    let by_tid = pg.v2("inquiry", "inquiry", &json!({ "tid": tid })).await;
    assert_eq!(by_tid, by_order);
    assert_eq!(text(&v1(&pg, "originalTid", tid).await, "status"), "0");
    assert_eq!(text(&v1(&pg, "oid", "order1").await, "price"), "1000");
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let pg = Pg::memory();
    let missing = v1(&pg, "oid", "nothing").await;
    assert_eq!(
        (text(&missing, "resultCode"), text(&missing, "status")),
        ("00", "9")
    );
    let missing = pg.inquire("nothing").await;
    assert_eq!(text(&missing, "resultCode"), "01");
    assert!(text(&missing, "resultMsg").starts_with("[500623]"));
    let neither = pg.v2("inquiry", "inquiry", &json!({ "x": "y" })).await;
    assert!(text(&neither, "resultMsg").starts_with("[500827]"));
    let paid = pg.pay("order1", "1000", GOOD_CARD).await;
    let other = json!({ "tid": paid["tid"], "oid": "order2" });
    let other = pg.v2("inquiry", "inquiry", &other).await;
    assert!(text(&other, "resultMsg").starts_with("[500828]"));
}

#[tokio::test]
async fn cancels_show_in_an_inquiry() {
    let pg = Pg::memory();
    let paid = pg.pay("order1", "1000", GOOD_CARD).await;
    let tid = text(&paid, "tid");
    let data = json!({
        "tid": tid, "msg": "x", "price": "300", "confirmPrice": "700", "currency": "WON",
    });
    let part = pg.v2("partialRefund", "partialRefund", &data).await;
    let found = pg.inquire("order1").await;
    assert_eq!(text(&found, "transactionStatus"), "PART_CANCEL");
    assert_eq!(text(&found, "availablePartCancelPrice"), "700");
    let parts = &found["partCancelTransInfo"];
    assert_eq!(parts[0]["tid"], part["tid"]);
    assert_eq!(parts[0]["requestPrice"], "300");
    assert_eq!(text(&v1(&pg, "oid", "order1").await, "status"), "0");

    let paid = pg.pay("order2", "1000", GOOD_CARD).await;
    pg.v2(
        "refund",
        "refund",
        &json!({ "tid": paid["tid"], "msg": "x" }),
    )
    .await;
    let found = pg.inquire("order2").await;
    assert_eq!(text(&found, "transactionStatus"), "CANCEL");
    assert_eq!(found["availablePartCancel"], false);
    assert_eq!(text(&found, "cancelDate").len(), 8);
    assert_eq!(text(&v1(&pg, "oid", "order2").await, "status"), "1");
}

#[tokio::test]
async fn an_account_shows_its_deposit() {
    let pg = Pg::memory();
    let issued = pg.issue_account("order1", "1000").await;
    let deposit = format!("/virtual-accounts/{}/deposit", text(&issued, "vacct"));
    let account = async || pg.inquire("order1").await["vacctInfo"].clone();
    let status = async || v1(&pg, "oid", "order1").await["status"].clone();
    assert_eq!(account().await["depositStatus"], "N");
    assert_eq!(account().await["depositAmount"], Value::Null);
    assert_eq!(status().await, "N");
    pg.post(&deposit, json!({ "amount": 400 })).await;
    let short = account().await;
    assert_eq!(
        (&short["depositStatus"], &short["depositAmount"]),
        (&json!("N"), &json!("400"))
    );
    pg.post(&deposit, json!({})).await;
    pg.post(&deposit, json!({ "amount": 5000 })).await;
    let paid = account().await;
    assert_eq!(
        (&paid["depositStatus"], &paid["depositAmount"]),
        (&json!("Y"), &json!("1000"))
    );
    assert_eq!(paid["bankName"], "우리은행");
    assert_eq!(status().await, "Y");
    assert_eq!(pg.row("order1").await["depositedAmount"], 6400);
}

#[tokio::test]
async fn a_deposit_on_a_closed_account_is_there() {
    let pg = Pg::memory();
    let issued = pg.issue_account("order1", "1000").await;
    let mut close = common("Refund", "GVacct", "INIpayTest");
    close.push(("tid", text(&issued, "tid").to_owned()));
    close.push(("msg", "x".to_owned()));
    assert_eq!(
        text(&pg.v1("refund", &close, &["tid"]).await, "resultCode"),
        "00"
    );
    assert_eq!(text(&v1(&pg, "oid", "order1").await, "status"), "C");
    let deposit = format!("/virtual-accounts/{}/deposit", text(&issued, "vacct"));
    pg.post(&deposit, json!({})).await;
    assert_eq!(text(&v1(&pg, "oid", "order1").await, "status"), "Y");
    assert_eq!(
        text(&pg.inquire("order1").await, "transactionStatus"),
        "APPROVAL"
    );
    assert_eq!(pg.row("order1").await["state"], "APPROVED");
}
