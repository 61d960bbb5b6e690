//! Cash receipts: issued by a call or by a deposit, cancelled, inquired, kept.

use serde_json::{Value, json};

use crate::support::{
    ACCOUNT_HASH, Directory, MID, Pairs, Pg, account_fields, common, encrypted, set, text,
};

fn fields() -> Pairs<'static> {
    let mut fields = common("Issue", "Receipt", MID);
    for (name, value) in [
        ("goodName", "상품"),
        ("crPrice", "1000"),
        ("supPrice", "909"),
        ("tax", "91"),
        ("srcvPrice", "0"),
        ("useOpt", "0"),
    ] {
        fields.push((name, value.to_owned()));
    }
    fields.push(("regNum", encrypted(MID, "01012345678")));
    fields
}

async fn issue(pg: &Pg, fields: &Pairs<'_>) -> Value {
    let hashed = ["crPrice", "supPrice", "srcvPrice", "regNum"];
    pg.v1("receipt", fields, &hashed).await
}

async fn cancel(pg: &Pg, tid: &str) -> Value {
    let mut fields = common("Refund", "Receipt", MID);
    fields.push(("tid", tid.to_owned()));
    fields.push(("msg", "고객 요청".to_owned()));
    pg.v1("refund", &fields, &["tid"]).await
}

async fn status(pg: &Pg, tid: &str) -> Value {
    let found = pg.v2("inquiry", "inquiry", &json!({ "tid": tid })).await;
    found["transactionStatus"].clone()
}

async fn receipts(pg: &Pg) -> Value {
    pg.get("/books").await["cashReceipts"].clone()
}

#[tokio::test]
async fn a_receipt_is_issued_shown_and_cancelled_once() {
    let directory = Directory::new();
    let pg = Pg::on(&directory.0);
    let issued = issue(&pg, &fields()).await;
    assert_eq!(text(&issued, "resultCode"), "00", "{issued}");
    assert_eq!(text(&issued, "authNo").len(), 9);
    let tid = text(&issued, "tid");
    assert_eq!(status(&pg, tid).await, "APPROVAL");
    let cancelled = cancel(&pg, tid).await;
    assert_eq!(text(&cancelled, "resultCode"), "00", "{cancelled}");
    assert_eq!(status(&pg, tid).await, "CANCEL");
    let again = cancel(&pg, tid).await;
    assert_eq!(text(&again, "detailResultCode"), "500626");
    let unknown = cancel(&pg, "nothing").await;
    assert_eq!(text(&unknown, "detailResultCode"), "500623");
    let rows = receipts(&pg).await;
    assert_eq!(rows[0]["state"], "CANCELLED");
    assert_eq!(rows[0]["issueNumber"], issued["authNo"]);
    assert_eq!(rows[0]["type"], "PERSONAL");
    pg.sim.close().await;
    drop(pg);
    assert_eq!(receipts(&Pg::on(&directory.0)).await, rows, "kept");
    let journal = std::fs::read_to_string(directory.journal()).unwrap();
    assert!(!journal.contains("01012345678"));
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let pg = Pg::memory();
    let business = encrypted(MID, "1234567890");
    for (name, value, code) in [
        ("crPrice", "1001", "500655"),
        ("crPrice", "0", "500701"),
        ("useOpt", "2", "500251"),
        ("useOpt", "1", "500635"),
        ("regNum", "plain", "500200"),
        ("regNum", "", "ER0102"),
        ("goodName", "", "ER0102"),
        ("currency", "USD", "500611"),
    ] {
        let mut asked = fields();
        set(&mut asked, name, value);
        let refused = issue(&pg, &asked).await;
        let message = text(&refused, "resultMsg");
        assert!(message.starts_with(&format!("[{code}]")), "{message}");
    }
    let mut corporate = fields();
    set(&mut corporate, "useOpt", "1");
    set(&mut corporate, "regNum", &business);
    assert_eq!(text(&issue(&pg, &corporate).await, "resultCode"), "00");
    assert_eq!(receipts(&pg).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_receipt_of_a_deposit_follows_its_money() {
    let pg = Pg::memory();
    let mut asked = account_fields("order1", "1000");
    set(&mut asked, "flgCash", "2");
    set(&mut asked, "cashRegNo", &encrypted(MID, "1234567890"));
    let account = pg.v1("formpay", &asked, &ACCOUNT_HASH).await;
    let deposit = format!("/virtual-accounts/{}/deposit", text(&account, "vacct"));
    pg.post(&deposit, json!({ "amount": 999 })).await;
    assert_eq!(
        receipts(&pg).await,
        json!([]),
        "a short deposit brings none"
    );
    pg.post(&deposit, Value::Null).await;
    pg.post(&deposit, Value::Null).await;
    let rows = receipts(&pg).await;
    assert_eq!(rows.as_array().unwrap().len(), 1, "the second brings none");
    assert_eq!(rows[0]["paymentPgTxId"], account["tid"]);
    assert_eq!(rows[0]["type"], "CORPORATE");
    let refund = json!({
        "tid": account["tid"], "msg": "x", "price": "400", "confirmPrice": "600",
        "currency": "WON", "tax": "0", "taxFree": "0", "refundBankCode": "20",
        "refundAcctNum": encrypted(MID, "11022233344455"), "refundAcctName": "홍길동",
    });
    pg.v2("partialRefund/vacct", "partialRefund", &refund).await;
    assert_eq!(receipts(&pg).await[0]["amount"], 600);
    let mut rest = refund.clone();
    rest["price"] = json!("600");
    rest["confirmPrice"] = json!("0");
    pg.v2("partialRefund/vacct", "partialRefund", &rest).await;
    assert_eq!(receipts(&pg).await[0]["state"], "CANCELLED");
}
