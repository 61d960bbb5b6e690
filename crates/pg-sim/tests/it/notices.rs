//! Deposit notices and clock pushes, as a merchant gets them.

use serde_json::{Value, json};

use crate::merchant::{Merchant, pairs, register};
use crate::support::{ACCOUNT_HASH, Pg, account_fields, encrypted, set, text};

#[tokio::test]
async fn a_deposit_is_told_in_the_bytes_of_the_bank() {
    let pg = Pg::memory();
    let mut merchant = Merchant::answering(&["OK"]).await;
    register(&pg, "naru", json!({ "noticeUrl": merchant.url })).await;
    let mut fields = account_fields("order1", "1000");
    set(&mut fields, "flgCash", "1");
    set(
        &mut fields,
        "cashRegNo",
        &encrypted("INIpayTest", "01012345678"),
    );
    let issued = pg.v1("formpay", &fields, &ACCOUNT_HASH).await;
    let number = text(&issued, "vacct");
    let path = format!("/virtual-accounts/{number}/deposit");
    let answer = pg.post(&path, json!({})).await.json();
    assert_eq!(answer["notified"], true, "{answer}");
    let body = merchant.next().await;
    let notice = pairs(&body);
    assert!(notice["no_tid"].starts_with("ININPGVBNKINIpayTest"));
    assert_ne!(notice["no_tid"], text(&issued, "tid"));
    assert_eq!(answer["depositPgTxId"], notice["no_tid"]);
    for (name, value) in [
        ("no_oid", "order1"),
        ("id_merchant", "INIpayTest"),
        ("no_vacct", number),
        ("amt_input", "1000"),
        ("cd_bank", "00000020"),
        ("type_msg", "0200"),
        ("cl_trans", "1100"),
        // 신한은행 and 홍길동 in EUC-KR.
        ("nm_inputbank", "%BD%C5%C7%D1%C0%BA%C7%E0"),
        ("nm_input", "%C8%AB%B1%E6%B5%BF"),
    ] {
        assert_eq!(notice[name], value, "{name}");
    }
    assert_eq!(notice["no_cshr_appl"].len(), 9);
    assert_eq!(pg.row("order1").await["state"], "APPROVED");
}

#[tokio::test]
async fn a_notice_is_repeated_until_it_is_acknowledged() {
    let pg = Pg::memory();
    let mut merchant = Merchant::answering(&["FAIL", "OK\n", "OK"]).await;
    register(&pg, "naru", json!({ "noticeUrl": merchant.url })).await;
    let issued = pg.issue_account("order1", "1000").await;
    let path = format!("/virtual-accounts/{}", text(&issued, "vacct"));
    let answer = pg
        .post(&format!("{path}/deposit"), json!({ "amount": 999 }))
        .await
        .json();
    assert_eq!(answer["notified"], false);
    assert_eq!(answer["refusedBy"], merchant.url);
    let first = merchant.next().await;
    for _ in 0..2 {
        assert_eq!(merchant.next().await, first);
    }
    while pg.get(&path).await["deposits"][0]["notified"] != true {
        tokio::task::yield_now().await;
    }
    assert!(merchant.is_quiet());
    assert_eq!(pg.row("order1").await["state"], "WAITING");
}

#[tokio::test]
async fn a_notice_that_nobody_wanted_is_sent_when_somebody_registers() {
    let pg = Pg::memory();
    let issued = pg.issue_account("order1", "1000").await;
    let path = format!("/virtual-accounts/{}/deposit", text(&issued, "vacct"));
    let answer = pg.post(&path, json!({})).await.json();
    assert_eq!(answer["notified"], false);
    assert!(text(&answer, "hint").contains("registered"));
    let mut merchant = Merchant::answering(&["OK"]).await;
    let other = json!({ "noticeUrl": merchant.url, "mids": ["iniescrow0"] });
    register(&pg, "other", other).await;
    assert!(merchant.is_quiet());
    register(
        &pg,
        "naru",
        json!({ "noticeUrl": merchant.url, "mids": ["INIpayTest"] }),
    )
    .await;
    assert!(merchant.next().await.contains("no_oid=order1"));
}

#[tokio::test]
async fn the_latest_registration_gets_the_notice() {
    let pg = Pg::memory();
    let mut merchants = Vec::new();
    for name in ["naru-1", "naru-2"] {
        let merchant = Merchant::answering(&["OK"]).await;
        register(&pg, name, json!({ "noticeUrl": merchant.url })).await;
        merchants.push(merchant);
    }
    register(&pg, "naru-1", json!({ "noticeUrl": merchants[0].url })).await;
    let issued = pg.issue_account("order1", "1000").await;
    let path = format!("/virtual-accounts/{}/deposit", text(&issued, "vacct"));
    pg.post(&path, json!({})).await;
    merchants[0].next().await;
    assert!(merchants[1].is_quiet());
}

#[tokio::test]
async fn clock_followers_are_told_before_the_answer() {
    let pg = Pg::memory();
    let mut follower = Merchant::answering(&["OK"]).await;
    register(&pg, "naru", json!({ "clockUrl": follower.url })).await;
    register(
        &pg,
        "gone",
        json!({ "clockUrl": "http://127.0.0.1:1/clock" }),
    )
    .await;
    let moved = pg.post("/clock", json!({ "advance": "PT1H" })).await.json();
    let (headers, body) = follower.now();
    assert_eq!(headers["content-type"], "application/json");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body, json!({ "offsetMs": moved["offsetMs"] }));
    let followers = moved["followers"].as_array().unwrap();
    assert_eq!(
        (&followers[0]["name"], &followers[0]["ok"]),
        (&json!("gone"), &json!(false))
    );
    assert_eq!(
        (&followers[1]["name"], &followers[1]["ok"]),
        (&json!("naru"), &json!(true))
    );
}
