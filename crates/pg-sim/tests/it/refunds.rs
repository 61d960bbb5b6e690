//! Refunds and the closing of accounts, in both versions.

use serde_json::{Value, json};

use crate::support::{GOOD_CARD, Pg, common, encrypted, text};

async fn refund_v1(pg: &Pg, method: &str, tid: &str) -> Value {
    let mut fields = common("Refund", method, "INIpayTest");
    fields.push(("tid", tid.to_owned()));
    fields.push(("msg", "고객 요청".to_owned()));
    fields.push(("refundAcctNum", encrypted("INIpayTest", "11022233344455")));
    fields.push(("refundBankCode", "20".to_owned()));
    fields.push(("refundAcctName", "홍길동".to_owned()));
    let hashed: &[&str] = if method == "Vacct" {
        &["tid", "refundAcctNum"]
    } else {
        &["tid"]
    };
    pg.v1("refund", &fields, hashed).await
}

async fn part_v1(pg: &Pg, tid: &str, price: &str, confirm: &str) -> Value {
    let mut fields = common("PartialRefund", "Card", "INIpayTest");
    for (name, value) in [
        ("tid", tid),
        ("msg", "부분 취소"),
        ("price", price),
        ("confirmPrice", confirm),
        ("currency", "WON"),
    ] {
        fields.push((name, value.to_owned()));
    }
    pg.v1("refund", &fields, &["tid", "price", "confirmPrice"])
        .await
}

async fn part_v2(pg: &Pg, tid: &str, price: &str, confirm: &str) -> Value {
    let data = json!({
        "tid": tid, "msg": "부분 취소", "price": price, "confirmPrice": confirm,
        "currency": "WON", "tax": "0", "taxFree": "0",
    });
    pg.v2("partialRefund", "partialRefund", &data).await
}

fn refused(answer: &Value, code: &str) {
    assert_eq!(text(answer, "resultCode"), "01", "{answer}");
    assert_eq!(text(answer, "detailResultCode"), code, "{answer}");
    assert!(
        text(answer, "resultMsg").starts_with(&format!("[{code}]")),
        "{answer}"
    );
}

#[tokio::test]
async fn a_card_payment_is_refunded_once() {
    let pg = Pg::memory();
    let paid = pg.pay("order1", "1000", GOOD_CARD).await;
    let tid = text(&paid, "tid");
    let refunded = refund_v1(&pg, "Card", tid).await;
    assert_eq!(text(&refunded, "resultCode"), "00");
    assert_eq!(text(&refunded, "cancelDate").len(), 8);
    assert_eq!(text(&refunded, "cancelTime").len(), 6);
    let row = pg.row("order1").await;
    assert_eq!(
        (&row["state"], &row["cancelledAmount"]),
        (&json!("CANCELLED"), &json!(1000))
    );
    refused(&refund_v1(&pg, "Card", tid).await, "550626");
    let again = pg
        .v2("refund", "refund", &json!({ "tid": tid, "msg": "x" }))
        .await;
    refused(&again, "550626");
    refused(&part_v2(&pg, tid, "1", "999").await, "550626");
}

#[tokio::test]
async fn partial_refunds_count_down_to_nothing() {
    let pg = Pg::memory();
    let paid = pg.pay("order1", "1000", GOOD_CARD).await;
    let tid = text(&paid, "tid");
    let part = part_v1(&pg, tid, "300", "700").await;
    assert_eq!(text(&part, "resultCode"), "00");
    assert_eq!(text(&part, "prtcTid"), tid);
    assert_ne!(text(&part, "tid"), tid);
    assert_eq!(text(&part, "tid").len(), 40);
    assert_eq!(
        ["prtcPrice", "prtcRemains", "prtcCnt", "prtcType"].map(|name| text(&part, name)),
        ["300", "700", "1", "1"],
    );
    assert_eq!(pg.row("order1").await["state"], "APPROVED");
    refused(&refund_v1(&pg, "Card", tid).await, "550625");
    let part = part_v2(&pg, tid, "700", "0").await;
    assert_eq!(
        ["prtcRemains", "prtcCnt"].map(|name| text(&part, name)),
        ["0", "2"]
    );
    let row = pg.row("order1").await;
    assert_eq!(
        (&row["state"], &row["cancelledAmount"]),
        (&json!("CANCELLED"), &json!(1000))
    );
}

#[tokio::test]
async fn a_partial_refund_that_does_not_fit_is_refused() {
    let pg = Pg::memory();
    let paid = pg.pay("order1", "1000", GOOD_CARD).await;
    let tid = text(&paid, "tid");
    for (price, confirm, code) in [
        ("1000", "0", "550749"),
        ("300", "600", "550706"),
        ("1001", "0", "550826"),
        ("0", "1000", "500701"),
        ("3oo", "700", "500609"),
    ] {
        refused(&part_v1(&pg, tid, price, confirm).await, code);
        refused(&part_v2(&pg, tid, price, confirm).await, code);
    }
    let usd = json!({
        "tid": tid, "msg": "x", "price": "300", "confirmPrice": "700", "currency": "USD",
    });
    refused(
        &pg.v2("partialRefund", "partialRefund", &usd).await,
        "550611",
    );
    assert_eq!(pg.row("order1").await["cancelledAmount"], 0);
}

#[tokio::test]
async fn only_a_known_transaction_of_the_merchant_is_refunded() {
    let pg = Pg::memory();
    refused(&refund_v1(&pg, "Card", "nothing").await, "500623");
    refused(&refund_v1(&pg, "Vacct", "nothing").await, "504623");
    let paid = pg.pay("order1", "1000", GOOD_CARD).await;
    let mut fields = common("Refund", "Card", "iniescrow0");
    fields.push(("tid", text(&paid, "tid").to_owned()));
    fields.push(("msg", "x".to_owned()));
    refused(&pg.v1("refund", &fields, &["tid"]).await, "500621");
    refused(&refund_v1(&pg, "Vacct", text(&paid, "tid")).await, "504606");
    refused(
        &refund_v1(&pg, "GVacct", text(&paid, "tid")).await,
        "504606",
    );
    pg.pay("order2", "1000", "9000000000120049").await;
    let declined = pg.row("order2").await;
    refused(
        &refund_v1(&pg, "Card", text(&declined, "pgTxId")).await,
        "550623",
    );
}

#[tokio::test]
async fn an_account_is_closed_before_and_refunded_after_its_deposit() {
    let pg = Pg::memory();
    let waiting = pg.issue_account("order1", "1000").await;
    let tid = text(&waiting, "tid");
    refused(&refund_v1(&pg, "Vacct", tid).await, "504628");
    assert_eq!(
        text(&refund_v1(&pg, "GVacct", tid).await, "resultCode"),
        "00"
    );
    assert_eq!(pg.row("order1").await["state"], "CANCELLED");
    refused(&refund_v1(&pg, "GVacct", tid).await, "504626");

    let paid = pg.issue_account("order2", "1000").await;
    let tid = text(&paid, "tid");
    let number = text(&paid, "vacct");
    pg.post(&format!("/virtual-accounts/{number}/deposit"), json!({}))
        .await;
    refused(&refund_v1(&pg, "GVacct", tid).await, "504628");
    // Cards and accounts have paths of their own.
    let card = pg
        .v2("refund", "refund", &json!({ "tid": tid, "msg": "x" }))
        .await;
    refused(&card, "500606");
    assert_eq!(
        text(&refund_v1(&pg, "Vacct", tid).await, "resultCode"),
        "00"
    );
    assert_eq!(pg.row("order2").await["cancelledAmount"], 1000);
}

#[tokio::test]
async fn an_account_refund_needs_an_account_to_pay_to() {
    let pg = Pg::memory();
    let paid = pg.issue_account("order1", "1000").await;
    let tid = text(&paid, "tid");
    let number = text(&paid, "vacct");
    pg.post(&format!("/virtual-accounts/{number}/deposit"), json!({}))
        .await;
    let account = encrypted("INIpayTest", "11022233344455");
    let mut data = json!({
        "tid": tid, "msg": "x", "refundAcctNum": account, "refundBankCode": "20",
        "refundAcctName": "홍길동", "price": "400", "confirmPrice": "600", "currency": "WON",
    });
    let part = pg.v2("partialRefund/vacct", "partialRefund", &data).await;
    assert_eq!(text(&part, "prtcRemains"), "600");
    data["refundAcctNum"] = json!("11022233344455");
    refused(&pg.v2("refund/vacct", "refund", &data).await, "504200");
    data["refundAcctNum"] = json!(account);
    data["refundBankCode"] = json!("99");
    refused(&pg.v2("refund/vacct", "refund", &data).await, "504643");
    data["refundBankCode"] = json!("");
    let missing = pg.v2("refund/vacct", "refund", &data).await;
    assert_eq!(text(&missing, "resultCode"), "ER0102");
}
