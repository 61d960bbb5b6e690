//! Escrow: the customer's word by a control, and the notices that follow from each step.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::merchant::{Merchant, pairs, register};
use crate::support::{Directory, Pairs, Pg, account_fields, common, encrypted, set, text};

const MID: &str = "iniescrow0";

/// A card payment that the PG holds; its id.
async fn held(pg: &Pg, order: &str) -> String {
    let mut fields = common("Pay", "Card", MID);
    for (name, value) in [
        ("url", "shop.example.com"),
        ("moid", order),
        ("goodName", "상품"),
        ("price", "1000"),
        ("currency", "WON"),
        ("buyerName", "홍길동"),
        ("buyerEmail", "buyer@example.com"),
        ("buyerTel", "01012345678"),
        ("useescrow", "Y"),
        ("authentification", "00"),
    ] {
        fields.push((name, value.to_owned()));
    }
    for (name, plain) in [
        ("cardNumber", "4111111111111111"),
        ("cardExpire", "3012"),
        ("regNo", "900101"),
        ("cardPw", "12"),
    ] {
        fields.push((name, encrypted(MID, plain)));
    }
    let hashed = ["moid", "price", "cardNumber"];
    let paid = pg.v1("formpay", &fields, &hashed).await;
    assert_eq!(text(&paid, "useescrow"), "Y", "{paid}");
    text(&paid, "tid").to_owned()
}

fn shipment(order: &str, tid: &str, report: &str) -> Pairs<'static> {
    let mut fields = common("Dlv", "", MID);
    for (name, value) in [
        ("oid", order),
        ("tid", tid),
        ("price", "1000"),
        ("report", report),
        ("invoice", "123"),
        ("registName", "상점"),
        ("exCode", "korex"),
        ("exName", "대한통운"),
        ("charge", "SH"),
        ("invoiceDay", "2026-01-02 09:30:00"),
        ("sendName", "상점"),
        ("sendTel", "021234567"),
        ("sendPost", "04524"),
        ("sendAddr1", "서울"),
        ("recvName", "홍길동"),
        ("recvTel", "01012345678"),
        ("recvPost", "04524"),
        ("recvAddr", "서울"),
    ] {
        fields.push((name, value.to_owned()));
    }
    fields.retain(|(name, _)| *name != "paymethod");
    fields
}

async fn ship(pg: &Pg, order: &str, tid: &str) {
    let fields = shipment(order, tid, "I");
    let told = pg.v1("escrow", &fields, &["oid", "tid", "price"]).await;
    assert_eq!(text(&told, "resultCode"), "00", "{told}");
}

async fn accept(pg: &Pg, tid: &str) -> Value {
    let mut fields = common("Dncf", "", MID);
    fields.retain(|(name, _)| *name != "paymethod");
    fields.push(("originalTid", tid.to_owned()));
    fields.push(("dcnfName", "상점".to_owned()));
    pg.v1("escrow", &fields, &["originalTid"]).await
}

async fn state(pg: &Pg, tid: &str) -> String {
    text(&pg.get(&format!("/escrows/{tid}")).await, "state").to_owned()
}

async fn listening() -> (Pg, Merchant) {
    let pg = Pg::memory();
    let merchant = Merchant::answering(&["cd_rslt=0000"]).await;
    register(&pg, "naru", json!({ "noticeUrl": merchant.url })).await;
    (pg, merchant)
}

#[tokio::test]
async fn each_step_is_told_in_the_bytes_of_the_pg() {
    let (pg, mut merchant) = listening().await;
    let tid = held(&pg, "order1").await;
    ship(&pg, "order1", &tid).await;
    let registered = merchant.next().await;
    assert_eq!(pairs(&registered)["cl_status"], "2");
    let reject = json!({ "reason": "색이 다름" });
    let path = format!("/escrows/{tid}/reject");
    let said = pg.post(&path, reject).await.json();
    assert_eq!(said["notified"], true, "{said}");
    assert_eq!(said["escrow"]["state"], "REJECTED");
    assert_eq!(pg.row("order1").await["escrow"], "REJECTED");
    let (headers, body) = merchant.next_with_headers().await;
    assert_eq!(
        headers["content-type"],
        "application/x-www-form-urlencoded;charset=UTF-8"
    );
    let notice = pairs(&body);
    for (name, value) in [
        ("id_merchant", MID),
        ("no_oid", "order1"),
        ("no_tid", tid.as_str()),
        ("tid_org", tid.as_str()),
        ("cl_status", "4"),
        ("cl_paymethod", "0"),
        ("price", "1000"),
        ("msg_deny", "%EC%83%89%EC%9D%B4+%EB%8B%A4%EB%A6%84"),
    ] {
        assert_eq!(notice[name], value, "{name}");
    }
    assert_eq!(notice["dt_req"].len(), 14);
    assert_eq!(text(&accept(&pg, &tid).await, "resultCode"), "00");
    assert_eq!(pairs(&merchant.next().await)["cl_status"], "10");
    let cancel = json!({ "pgTxId": tid });
    pg.post("/console/cancel", cancel).await;
    assert_eq!(pairs(&merchant.next().await)["cl_status"], "8");
    assert_eq!(state(&pg, &tid).await, "CANCELLED");
}

#[tokio::test]
async fn who_confirms_is_in_the_notice() {
    let (pg, mut merchant) = listening().await;
    for (order, body, code) in [
        ("a", json!({}), "3"),
        ("b", json!({ "by": "DEADLINE" }), "31"),
        ("c", json!({ "by": "PG" }), "32"),
    ] {
        let tid = held(&pg, order).await;
        ship(&pg, order, &tid).await;
        merchant.next().await;
        let said = pg.post(&format!("/escrows/{tid}/confirm"), body).await;
        assert_eq!(said.json()["notified"], true);
        assert_eq!(pairs(&merchant.next().await)["cl_status"], code);
        assert_eq!(state(&pg, &tid).await, "CONFIRMED");
    }
}

#[tokio::test]
async fn silence_is_a_yes_after_eight_days() {
    let (pg, mut merchant) = listening().await;
    let tid = held(&pg, "order1").await;
    ship(&pg, "order1", &tid).await;
    merchant.next().await;
    pg.post("/clock", json!({ "advance": "P7DT23H" })).await;
    assert_eq!(state(&pg, &tid).await, "REGISTERED");
    pg.post("/clock", json!({ "advance": "PT2H" })).await;
    assert_eq!(pairs(&merchant.next().await)["cl_status"], "31");
    assert_eq!(state(&pg, &tid).await, "CONFIRMED");
}

#[tokio::test]
async fn nothing_is_said_of_goods_that_are_not_there() {
    let (pg, merchant) = listening().await;
    let tid = held(&pg, "order1").await;
    for act in ["confirm", "reject"] {
        let early = pg.post(&format!("/escrows/{tid}/{act}"), json!({})).await;
        assert_eq!(early.status, StatusCode::BAD_REQUEST);
        let none = pg.post(&format!("/escrows/nothing/{act}"), json!({})).await;
        assert_eq!(none.status, StatusCode::NOT_FOUND);
        let extra = json!({ "colour": "red" });
        let extra = pg.post(&format!("/escrows/{tid}/{act}"), extra).await;
        assert_eq!(extra.status, StatusCode::BAD_REQUEST);
    }
    let paid = pg.pay("order2", "1000", "4111111111111111").await;
    let path = format!("/escrows/{}", text(&paid, "tid"));
    let plain = pg.control(Method::GET, &path, &Value::Null).await;
    assert_eq!(plain.status, StatusCode::NOT_FOUND);
    ship(&pg, "order1", &tid).await;
    pg.post(&format!("/escrows/{tid}/confirm"), json!({})).await;
    let late = pg.post(&format!("/escrows/{tid}/reject"), json!({})).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST);
    assert_eq!(text(&accept(&pg, &tid).await, "resultCode"), "01");
    drop(merchant);
}

#[tokio::test]
async fn news_are_repeated_in_their_order_until_they_are_acknowledged() {
    let pg = Pg::memory();
    let refusals = ["OK", "cd_rslt=9999&msg_rslt=no", "cd_rslt=0000"];
    let mut merchant = Merchant::answering(&refusals).await;
    let tid = held(&pg, "order1").await;
    ship(&pg, "order1", &tid).await;
    // Nobody listened so far.
    register(&pg, "naru", json!({ "noticeUrl": merchant.url })).await;
    for _ in 0..3 {
        assert_eq!(pairs(&merchant.next().await)["cl_status"], "2");
    }
    let seen = async || pg.get(&format!("/escrows/{tid}")).await;
    while seen().await["news"][0]["notified"] != true {
        tokio::task::yield_now().await;
    }
    assert!(merchant.is_quiet());
}

#[tokio::test]
async fn what_was_said_survives_a_kill_and_is_told_then() {
    let directory = Directory::new();
    let tid = {
        let pg = Pg::on(&directory.0);
        let tid = held(&pg, "order1").await;
        ship(&pg, "order1", &tid).await;
        pg.post(&format!("/escrows/{tid}/reject"), json!({})).await;
        pg.sim.close().await;
        tid
    };
    let pg = Pg::on(&directory.0);
    assert_eq!(state(&pg, &tid).await, "REJECTED");
    let mut merchant = Merchant::answering(&["cd_rslt=0000"]).await;
    register(&pg, "naru", json!({ "noticeUrl": merchant.url })).await;
    let codes = [merchant.next().await, merchant.next().await];
    let codes = codes.each_ref().map(|body| pairs(body)["cl_status"]);
    assert_eq!(codes, ["2", "4"]);
}

#[tokio::test]
async fn an_account_in_escrow_has_both_kinds_of_notices() {
    let pg = Pg::memory();
    let mut merchant = Merchant::answering(&["OK", "cd_rslt=0000"]).await;
    register(&pg, "naru", json!({ "noticeUrl": merchant.url })).await;
    let mut fields = account_fields("order1", "1000");
    set(&mut fields, "mid", MID);
    set(&mut fields, "useescrow", "Y");
    let issued = pg.v1("formpay", &fields, &["moid", "price"]).await;
    let path = format!("/virtual-accounts/{}/deposit", text(&issued, "vacct"));
    pg.post(&path, json!({})).await;
    assert_eq!(pairs(&merchant.next().await)["type_msg"], "0200");
    ship(&pg, "order1", text(&issued, "tid")).await;
    let told = merchant.next().await;
    assert_eq!(pairs(&told)["cl_paymethod"], "17");
}
