//! Identity verification at the simulated Danal and KCP, by clients of their own.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use naru_pg_sim::{DANAL_CPID, DANAL_PASSWORD, KCP_CERTIFICATE, KCP_PRIVATE_KEY, KCP_SITE_CODE};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use crate::support::{Directory, Pg, text};

const PHONE: &str = "01012345678";

type Answer = HashMap<String, String>;

async fn danal(pg: &Pg, fields: &[(&str, &str)]) -> Answer {
    let body = serde_html_form::to_string(fields).unwrap();
    let form = "application/x-www-form-urlencoded";
    let reply = pg.call(Method::POST, "/danal/uas/", form, body).await;
    let text = reply.text.unwrap();
    assert!(
        !text.contains('+'),
        "a plus would be read as a plus: {text}"
    );
    let pairs: Vec<(String, String)> = serde_html_form::from_str(&text).unwrap();
    pairs.into_iter().collect()
}

async fn item_send(pg: &Pg, order: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("TXTYPE", "ITEMSEND"),
        ("SERVICE", "UAS"),
        ("AUTHTYPE", "36"),
        ("CPID", DANAL_CPID),
        ("CPPWD", DANAL_PASSWORD),
        ("CPTITLE", "나루"),
        ("ORDERID", order),
        ("CHARSET", "UTF-8"),
    ];
    fields.extend(more);
    danal(pg, &fields).await
}

/// The transaction id of a person who has been asked.
async fn ask_danal(pg: &Pg, method: &str, phone: &str, more: &[(&str, &str)]) -> (String, Answer) {
    let tid = item_send(pg, "order1", more).await["TID"].clone();
    let mut fields = vec![
        ("TXTYPE", "OTPSEND"),
        ("TID", &tid),
        ("METHOD", method),
        ("NAME", "홍길동"),
        ("PHONE", phone),
        ("CARRIER", "KT_MVNO"),
    ];
    if method == "SMS" {
        fields.push(("IDEN", "9001012"));
    }
    let answer = danal(pg, &fields).await;
    (tid, answer)
}

async fn confirm_danal(pg: &Pg, tid: &str, method: &str, otp: &str) -> String {
    let fields = [
        ("TXTYPE", "OTPCONFIRM"),
        ("TID", tid),
        ("METHOD", method),
        ("OTP", otp),
    ];
    danal(pg, &fields).await["RETURNCODE"].clone()
}

async fn otp(pg: &Pg, phone: &str) -> String {
    let found = pg.get(&format!("/otp?phone={phone}")).await;
    text(&found, "otp").to_owned()
}

#[tokio::test]
async fn danal_asks_by_message_and_tells_once_who_it_was() {
    let pg = Pg::memory();
    let (tid, sent) = ask_danal(&pg, "SMS", PHONE, &[("USERID", "u1")]).await;
    assert_eq!((sent["RETURNCODE"].as_str(), tid.len()), ("0000", 24));
    let password = otp(&pg, "010-1234-5678").await;
    assert!(password.len() == 6 && password.bytes().all(|b| b.is_ascii_digit()));
    let who = |option: &'static str| {
        let tid = tid.clone();
        let pg = &pg;
        async move {
            let fields = [
                ("TXTYPE", "CONFIRM"),
                ("TID", &tid),
                ("CONFIRMOPTION", "1"),
                ("IDENOPTION", option),
                ("CPID", DANAL_CPID),
                ("ORDERID", "order1"),
            ];
            danal(pg, &fields).await
        }
    };
    assert_eq!(
        who("0").await["RETURNCODE"],
        "9002",
        "not before the password"
    );
    assert_eq!(confirm_danal(&pg, &tid, "SMS", "000").await, "1201");
    assert_eq!(confirm_danal(&pg, &tid, "SMS", &password).await, "0000");
    let told = who("0").await;
    for (name, value) in [
        ("RETURNCODE", "0000"),
        ("NAME", "홍길동"),
        ("IDEN", "9001012"),
        ("PHONE", PHONE),
        ("CARRIER", "KT_MVNO"),
        ("ORDERID", "order1"),
        ("USERID", "u1"),
    ] {
        assert_eq!(told[name], value, "{name}");
    }
    assert_eq!((told["CI"].len(), told["DI"].len()), (88, 64));
    assert_eq!(who("0").await["RETURNCODE"], "1103", "told once");
    assert_eq!(confirm_danal(&pg, &tid, "SMS", &password).await, "1103");
    let row = &pg.get("/books?pg=danal").await["verifications"][0];
    assert_eq!(
        (&row["state"], &row["tries"]),
        (&json!("VERIFIED"), &json!(1))
    );
    assert!(!row.to_string().contains(PHONE));
    let other = pg.get("/books?pg=kcp").await;
    assert_eq!(other["verifications"], json!([]));
}

#[tokio::test]
async fn passwords_have_tries_a_life_and_successors() {
    let pg = Pg::memory();
    let (tid, _) = ask_danal(&pg, "SMS", PHONE, &[]).await;
    let first = otp(&pg, PHONE).await;
    let again = [("TXTYPE", "OTPRESEND"), ("TID", &tid)];
    for expected in ["0000", "0000", "0000", "0000", "1203"] {
        assert_eq!(danal(&pg, &again).await["RETURNCODE"], expected);
    }
    assert_ne!(otp(&pg, PHONE).await, first);
    for expected in ["1201", "1201", "1201", "1201", "1102", "1102"] {
        assert_eq!(confirm_danal(&pg, &tid, "SMS", &first).await, expected);
    }
    let (tid, _) = ask_danal(&pg, "SMS", PHONE, &[]).await;
    pg.post("/clock", json!({ "advance": "PT181S" })).await;
    let late = otp(&pg, PHONE).await;
    assert_eq!(confirm_danal(&pg, &tid, "SMS", &late).await, "1101");
}

#[tokio::test]
async fn an_app_waits_for_its_owner() {
    for (yes, expected) in [(true, "0000"), (false, "1104")] {
        let pg = Pg::memory();
        let (tid, _) = ask_danal(&pg, "APP", PHONE, &[]).await;
        assert_eq!(confirm_danal(&pg, &tid, "APP", "").await, "1202");
        let no_otp = pg
            .control(Method::GET, &format!("/otp?phone={PHONE}"), &Value::Null)
            .await;
        assert_eq!(no_otp.status, StatusCode::NOT_FOUND);
        let body = json!({ "phone": "010-1234-5678", "approve": yes });
        let answered = pg.post("/app-approvals", body.clone()).await;
        assert_eq!(answered.status, StatusCode::OK);
        assert_eq!(confirm_danal(&pg, &tid, "APP", "").await, expected);
        let twice = pg.post("/app-approvals", body).await;
        assert_eq!(twice.status, StatusCode::NOT_FOUND);
    }
    let pg = Pg::memory();
    for body in [json!({}), json!({ "phone": "1", "approve": "yes" })] {
        let reply = pg.post("/app-approvals", body).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn magic_phones_and_age_limits() {
    let pg = Pg::memory();
    let old = [("AGELIMIT", "050")];
    for (phone, more, expected) in [
        ("01090000001", &[][..], "1002"),
        ("01090000002", &[], "1001"),
        ("01090000005", &[], "0000"),
        (PHONE, &old, "1003"),
    ] {
        let (tid, sent) = ask_danal(&pg, "SMS", phone, more).await;
        assert_eq!(sent["RETURNCODE"], expected, "{phone}");
        if expected == "0000" {
            let password = otp(&pg, phone).await;
            assert_eq!(confirm_danal(&pg, &tid, "SMS", &password).await, "1101");
        }
    }
    let (tid, _) = ask_danal(&pg, "SMS", "01090000004", &[]).await;
    let password = otp(&pg, "01090000004").await;
    assert_eq!(confirm_danal(&pg, &tid, "SMS", &password).await, "1201");
    assert_eq!(
        item_send(&pg, "o", &[("AGELIMIT", "19")]).await["RETURNCODE"],
        "9006"
    );
    assert_eq!(
        item_send(&pg, "o", &[("CPPWD", "x")]).await["RETURNCODE"],
        "9004"
    );
}

/// A KCP client: signs by the published key.
async fn kcp(pg: &Pg, kind: &str, signed: &[&str], more: Value) -> Value {
    let text = [&[KCP_SITE_CODE, kind][..], signed].concat().join("^");
    let der: String = KCP_PRIVATE_KEY
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let pair = RsaKeyPair::from_pkcs8(&STANDARD.decode(der).unwrap()).unwrap();
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        text.as_bytes(),
        &mut signature,
    )
    .unwrap();
    let mut body = json!({
        "site_cd": KCP_SITE_CODE,
        "kcp_cert_info": KCP_CERTIFICATE.replace('\n', ""),
        "ct_type": kind,
        "ordr_idxx": "order1",
        "kcp_sign_data": STANDARD.encode(signature),
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let json = "application/json";
    let reply = pg
        .call(Method::POST, "/kcp/std/certpass", json, body.to_string())
        .await;
    reply.json()
}

async fn ask_kcp(pg: &Pg, phone: &str) -> Value {
    let stamp = json!({ "make_req_dt": "260101090000" });
    let has = kcp(pg, "HAS", &["260101090000"], stamp).await;
    let up_hash = text(&has, "up_hash");
    let person = json!({
        "up_hash": up_hash, "user_name": "홍길동", "phone_no": phone, "comm_id": "LGM",
        "cert_way": "SMS", "media_type": "MC01", "birth_day": "20040229", "sex_code": "01",
        "local_code": "02",
    });
    kcp(pg, "REQ", &[up_hash], person).await
}

#[tokio::test]
async fn kcp_seals_a_result_that_opens_once() {
    let pg = Pg::memory();
    let sent = ask_kcp(&pg, PHONE).await;
    let cert_no = text(&sent, "cert_no").to_owned();
    let one = [cert_no.as_str()];
    let wrong = json!({ "cert_no": cert_no, "otp": "x" });
    assert_eq!(kcp(&pg, "OTP", &one, wrong).await["res_cd"], "CT11");
    let resent = kcp(&pg, "RSD", &one, json!({ "cert_no": cert_no })).await;
    assert_eq!(resent["res_cd"], "0000");
    let right = json!({ "cert_no": cert_no, "otp": otp(&pg, PHONE).await });
    let passed = kcp(&pg, "OTP", &one, right).await;
    let (data, dn_hash) = (text(&passed, "enc_cert_data2"), text(&passed, "dn_hash"));
    let check = json!({ "cert_no": cert_no, "dn_hash": dn_hash });
    let checked = kcp(&pg, "CHK", &[&cert_no, dn_hash], check).await;
    assert_eq!(checked["res_cd"], "0000");
    let open = json!({ "cert_no": cert_no, "enc_cert_Data": data });
    let told = kcp(&pg, "DEC", &one, open.clone()).await;
    for (name, value) in [
        ("user_name", "홍길동"),
        ("birth_day", "20040229"),
        ("sex_code", "01"),
        ("local_code", "02"),
        ("phone_no", PHONE),
        ("comm_id", "LGM"),
    ] {
        assert_eq!(told[name], value, "{name}");
    }
    assert_eq!(text(&told, "ci").len(), 88);
    assert_eq!(kcp(&pg, "DEC", &one, open).await["res_cd"], "CT23");
    let forged = json!({ "cert_no": cert_no, "dn_hash": "0" });
    assert_eq!(
        kcp(&pg, "CHK", &[&cert_no, "0"], forged).await["res_cd"],
        "CT99"
    );
}

#[tokio::test]
async fn kcp_refuses_what_is_not_signed() {
    let pg = Pg::memory();
    let stamp = json!({ "make_req_dt": "260101090000" });
    let other = kcp(&pg, "HAS", &["260101090001"], stamp.clone()).await;
    assert_eq!(other["res_cd"], "CT93");
    let mut foreign = stamp;
    foreign["kcp_cert_info"] = json!("-----BEGIN CERTIFICATE----------END CERTIFICATE-----");
    let foreign = kcp(&pg, "HAS", &["260101090000"], foreign).await;
    assert_eq!(foreign["res_cd"], "CT93");
    assert_eq!(pg.get("/books").await["verifications"], json!([]));
}

#[tokio::test]
async fn faults_are_of_one_pg_and_one_step() {
    let pg = Pg::memory();
    let fault = json!({
        "pg": "kcp", "operation": "identity_send", "kind": "decline", "code": "CT02",
    });
    let ordered = pg.post("/faults", fault).await.json();
    assert_eq!(ordered["fault"]["pg"], "kcp");
    assert_eq!(ordered["fault"]["operation"], "identity_send");
    let (_, sent) = ask_danal(&pg, "SMS", PHONE, &[]).await;
    assert_eq!(sent["RETURNCODE"], "0000");
    assert_eq!(ask_kcp(&pg, PHONE).await["res_cd"], "CT02");
    assert_eq!(ask_kcp(&pg, PHONE).await["res_cd"], "0000");
}

#[tokio::test]
async fn a_verification_survives_a_kill_and_its_password_is_nowhere() {
    let (directory, copy) = (Directory::new(), Directory::new());
    let pg = Pg::on(&directory.0);
    let (tid, _) = ask_danal(&pg, "SMS", PHONE, &[]).await;
    let password = otp(&pg, PHONE).await;
    std::fs::copy(directory.journal(), copy.journal()).unwrap();
    let journal = std::fs::read_to_string(copy.journal()).unwrap();
    assert!(journal.contains(PHONE) && !journal.contains("9001012"));
    assert!(!journal.contains(&format!("\"{password}\"")));
    let again = Pg::on(&copy.0);
    assert_eq!(otp(&again, PHONE).await, password);
    assert_eq!(confirm_danal(&again, &tid, "SMS", &password).await, "0000");
    let bad = again.control(Method::GET, "/otp", &Value::Null).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
}
