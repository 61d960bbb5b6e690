//! Identity verifications: send, confirm, resend, get.

use naru_engine::EngineConfig;
use naru_store::{Query, tables};
use naru_testkit::{Answer, MAIN, OTHER, SUB, TestApp, TestAppOptions, bodies};
use serde_json::{Value, json};

use crate::{app, text, with};

const PHONE: &str = "01012345678";
const KEY: &str = "0123456789abcdef-1";

async fn send(app: &TestApp, id: &str, body: &Value) -> Answer {
    let path = format!("/identity-verifications/{id}/send");
    app.post(&path).json(body).send().await
}

async fn confirm(app: &TestApp, id: &str, otp: &str) -> Answer {
    let path = format!("/identity-verifications/{id}/confirm");
    app.post(&path).json(&json!({ "otp": otp })).send().await
}

async fn resend(app: &TestApp, id: &str) -> Answer {
    let path = format!("/identity-verifications/{id}/resend");
    app.post(&path).send().await
}

async fn get(app: &TestApp, id: &str) -> Answer {
    app.get(&format!("/identity-verifications/{id}"))
        .send()
        .await
}

fn to_phone(phone: &str) -> Value {
    with(bodies::identity(), "/customer/phoneNumber", json!(phone))
}

fn by_app() -> Value {
    let body = with(bodies::identity(), "/method", json!("APP"));
    with(body, "/customer/identityNumber", Value::Null)
}

#[tokio::test]
async fn a_person_is_verified_by_message_at_either_pg() {
    let app = app().await;
    for (channel, pg) in MAIN.identity_channels.into_iter().zip(["DANAL", "KCP_V2"]) {
        let body = with(bodies::identity(), "/channelKey", json!(channel));
        let body = with(body, "/customData", json!("mine"));
        assert_eq!(send(&app, pg, &body).await.ok(), json!({}));
        let ready = get(&app, pg).await.ok();
        assert_eq!(ready["status"], "READY");
        assert_eq!(
            ready["requestedCustomer"],
            json!({
                "id": "customer-1", "name": "홍길동", "phoneNumber": PHONE,
                "birthYear": "1990", "birthMonth": "01", "birthDay": "01",
            })
        );
        assert_eq!(ready["channel"]["pgProvider"], pg);
        assert!(ready["pgTxId"].is_string());
        let otp = app.otp(PHONE).await;
        let confirmed = confirm(&app, pg, &otp).await.ok();
        let found = &confirmed["identityVerification"];
        assert_eq!(
            (&found["status"], &found["id"]),
            (&json!("VERIFIED"), &json!(pg))
        );
        assert_eq!(
            (&found["customData"], &found["version"]),
            (&json!("mine"), &json!("V2"))
        );
        assert!(found.get("requestedCustomer").is_none());
        let who = &found["verifiedCustomer"];
        for (field, value) in [
            ("id", "customer-1"),
            ("name", "홍길동"),
            ("birthDate", "1990-01-01"),
            ("gender", "MALE"),
            ("phoneNumber", PHONE),
            ("operator", "SKT_MVNO"),
        ] {
            assert_eq!(who[field], value, "{field}");
        }
        assert_eq!(who["isForeigner"], false);
        assert_eq!((text(&who["ci"]).len(), text(&who["di"]).len()), (88, 64));
        assert_eq!(found["pgTxId"], ready["pgTxId"]);
        assert!(!text(&found["pgRawResponse"]).is_empty());
        assert_eq!(get(&app, pg).await.ok(), *found);
    }
}

#[tokio::test]
async fn a_person_is_verified_by_app() {
    let app = app().await;
    send(&app, "a-1", &by_app()).await.ok();
    assert!(
        get(&app, "a-1").await.ok()["requestedCustomer"]
            .get("birthYear")
            .is_none()
    );
    let path = "/identity-verifications/a-1/confirm";
    let waiting = app.post(path).json(&json!({})).send().await;
    assert_eq!(waiting.body["pgCode"], "1202");
    waiting.refused(502, "PG_PROVIDER");
    resend(&app, "a-1").await.refused(400, "INVALID_REQUEST");
    let approval = json!({ "phone": PHONE });
    app.pg.control("POST", "/app-approvals", &approval).await;
    let confirmed = app.post(path).json(&json!({})).send().await.ok();
    assert_eq!(confirmed["identityVerification"]["status"], "VERIFIED");

    send(&app, "a-2", &by_app()).await.ok();
    let denial = json!({ "phone": PHONE, "approve": false });
    app.pg.control("POST", "/app-approvals", &denial).await;
    confirm(&app, "a-2", "").await.refused(502, "PG_PROVIDER");
    let failed = get(&app, "a-2").await.ok();
    assert_eq!(
        (&failed["status"], &failed["failure"]["pgCode"]),
        (&json!("FAILED"), &json!("1104"))
    );
}

#[tokio::test]
async fn states_refuse_what_does_not_fit() {
    let app = app().await;
    for id in ["nothing", "%00", "%20"] {
        get(&app, id)
            .await
            .refused(404, "IDENTITY_VERIFICATION_NOT_FOUND");
        confirm(&app, id, "1")
            .await
            .refused(404, "IDENTITY_VERIFICATION_NOT_FOUND");
        resend(&app, id)
            .await
            .refused(404, "IDENTITY_VERIFICATION_NOT_FOUND");
    }
    send(&app, "s-1", &bodies::identity()).await.ok();
    let again = send(&app, "s-1", &bodies::identity()).await;
    again.refused(409, "IDENTITY_VERIFICATION_ALREADY_SENT");
    confirm(&app, "s-1", "").await.refused_field("otp");
    app.fault("identity_resend", "decline").await;
    resend(&app, "s-1").await.refused(502, "PG_PROVIDER");
    let otp = app.otp(PHONE).await;
    confirm(&app, "s-1", &otp).await.ok();
    let again = send(&app, "s-1", &bodies::identity()).await;
    again.refused(409, "IDENTITY_VERIFICATION_ALREADY_VERIFIED");
    confirm(&app, "s-1", &otp)
        .await
        .refused(409, "IDENTITY_VERIFICATION_ALREADY_VERIFIED");
    resend(&app, "s-1")
        .await
        .refused(409, "IDENTITY_VERIFICATION_ALREADY_VERIFIED");

    let refused = send(&app, "s-2", &to_phone("01090000001")).await;
    assert_eq!(refused.body["pgCode"], "1002");
    refused.refused(502, "PG_PROVIDER");
    let failed = get(&app, "s-2").await.ok();
    assert_eq!(
        (&failed["status"], &failed["failure"]["pgCode"]),
        (&json!("FAILED"), &json!("1002"))
    );
    assert_eq!(failed["failure"]["reason"], "[1002] 통신사 장애입니다");
    confirm(&app, "s-2", "1")
        .await
        .refused(404, "IDENTITY_VERIFICATION_NOT_SENT");
    resend(&app, "s-2")
        .await
        .refused(404, "IDENTITY_VERIFICATION_NOT_SENT");
    send(&app, "s-2", &bodies::identity()).await.ok();
    assert_eq!(get(&app, "s-2").await.ok()["status"], "READY");
}

#[tokio::test]
async fn a_wrong_password_leaves_it_open_until_the_pg_ends_it() {
    let app = app().await;
    send(&app, "w-1", &bodies::identity()).await.ok();
    let otp = app.otp(PHONE).await;
    let wrong = confirm(&app, "w-1", "000").await;
    assert_eq!(wrong.body["pgCode"], "1201");
    wrong.refused(502, "PG_PROVIDER");
    assert_eq!(get(&app, "w-1").await.ok()["status"], "READY");
    resend(&app, "w-1").await.ok();
    assert_ne!(app.otp(PHONE).await, otp);
    confirm(&app, "w-1", &otp).await.refused(502, "PG_PROVIDER");
    for _ in 0..3 {
        confirm(&app, "w-1", &otp).await.refused(502, "PG_PROVIDER");
    }
    let failed = get(&app, "w-1").await.ok();
    assert_eq!(
        (&failed["status"], &failed["failure"]["pgCode"]),
        (&json!("FAILED"), &json!("1102"))
    );
    confirm(&app, "w-1", &app.otp(PHONE).await)
        .await
        .refused(404, "IDENTITY_VERIFICATION_NOT_SENT");
    send(&app, "w-1", &bodies::identity()).await.ok();
    confirm(&app, "w-1", &app.otp(PHONE).await).await.ok();
}

#[tokio::test]
async fn what_nobody_confirms_ends_by_itself() {
    let app = app().await;
    send(&app, "e-1", &bodies::identity()).await.ok();
    app.move_clock_s(599).await;
    app.settle().await;
    assert_eq!(get(&app, "e-1").await.ok()["status"], "READY");
    app.move_clock_s(2).await;
    confirm(&app, "e-1", "1")
        .await
        .refused(404, "IDENTITY_VERIFICATION_NOT_SENT");
    app.settle().await;
    let failed = get(&app, "e-1").await.ok();
    assert_eq!(failed["status"], "FAILED");
    assert_eq!(failed["failure"]["pgCode"], "NARU_IDENTITY_EXPIRED");
    send(&app, "e-1", &bodies::identity()).await.ok();
    confirm(&app, "e-1", &app.otp(PHONE).await).await.ok();
    app.move_clock_s(700).await;
    app.settle().await;
    assert_eq!(get(&app, "e-1").await.ok()["status"], "VERIFIED");
}

#[tokio::test]
async fn what_the_contract_does_not_give_is_empty_or_missing() {
    let app = app().await;
    let phone = "01090000008";
    send(&app, "b-1", &to_phone(phone)).await.ok();
    let confirmed = confirm(&app, "b-1", &app.otp(phone).await).await.ok();
    let who = &confirmed["identityVerification"]["verifiedCustomer"];
    assert_eq!((&who["ci"], &who["di"]), (&json!(""), &json!("")));
    assert!(who.get("phoneNumber").is_none() && who.get("operator").is_none());
    assert_eq!(who["gender"], "MALE");
}

fn bad_fields() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("/channelKey", Value::Null, "channelKey"),
        ("/channelKey", json!(""), "channelKey"),
        ("/customer", Value::Null, "customer"),
        ("/customer/name", json!(" "), "customer.name"),
        (
            "/customer/phoneNumber",
            json!("010-1234-5678"),
            "customer.phoneNumber",
        ),
        (
            "/customer/phoneNumber",
            json!("0212345678"),
            "customer.phoneNumber",
        ),
        (
            "/customer/phoneNumber",
            json!("010123456789"),
            "customer.phoneNumber",
        ),
        (
            "/customer/identityNumber",
            Value::Null,
            "customer.identityNumber",
        ),
        (
            "/customer/identityNumber",
            json!("900101"),
            "customer.identityNumber",
        ),
        (
            "/customer/identityNumber",
            json!("9013011"),
            "customer.identityNumber",
        ),
        (
            "/customer/identityNumber",
            json!("9001013"),
            "customer.identityNumber",
        ),
        (
            "/customer/ipAddress",
            json!("localhost"),
            "customer.ipAddress",
        ),
        ("/customer/id", json!("x".repeat(201)), "customer.id"),
        ("/operator", json!("KTF"), "operator"),
        ("/operator", Value::Null, "operator"),
        ("/method", json!("FAX"), "method"),
        ("/bypass", json!([]), "bypass"),
        (
            "/bypass",
            json!({"danal": {"AGELIMIT": "x"}}),
            "bypass.danal.AGELIMIT",
        ),
        (
            "/customData",
            json!("x".repeat(16 * 1024 + 1)),
            "customData",
        ),
    ]
}

#[tokio::test]
async fn bad_input_is_refused_and_changes_nothing() {
    let app = app().await;
    let kcp = json!(MAIN.identity_channels[1]);
    for (pointer, value, field) in bad_fields() {
        let body = with(bodies::identity(), pointer, value);
        let message = send(&app, "i-1", &body).await.refused_field(field);
        assert!(!message.contains("9013011"), "{message}");
    }
    let body = with(
        with(bodies::identity(), "/channelKey", kcp),
        "/bypass",
        Value::Null,
    );
    send(&app, "i-1", &body)
        .await
        .refused_field("bypass.kcpV2.media_type");
    let long = "x".repeat(201);
    send(&app, &long, &bodies::identity())
        .await
        .refused_field("identityVerificationId");
    get(&app, "i-1")
        .await
        .refused(404, "IDENTITY_VERIFICATION_NOT_FOUND");
    send(&app, "i-1", &bodies::identity()).await.ok();
    confirm(&app, "i-1", "12 34").await.refused_field("otp");
    confirm(&app, "i-1", &"1".repeat(21))
        .await
        .refused_field("otp");
}

#[tokio::test]
async fn channels_are_for_what_they_are_for() {
    let app = app().await;
    for channel in ["channel-key-nowhere", OTHER.identity_channels[0]] {
        let body = with(bodies::identity(), "/channelKey", json!(channel));
        send(&app, "c-1", &body)
            .await
            .refused(404, "CHANNEL_NOT_FOUND");
    }
    let body = with(bodies::identity(), "/channelKey", json!(MAIN.channels[0]));
    let message = send(&app, "c-1", &body)
        .await
        .refused(400, "INVALID_REQUEST");
    assert!(
        message.contains("`INICIS_V2` has no `identity verification, send`"),
        "{message}"
    );
    for channel in MAIN.identity_channels {
        for payment in [bodies::card_payment(), bodies::virtual_account()] {
            let body = with(payment, "/channelKey", json!(channel));
            let paid = app.post("/payments/c-1/instant").json(&body).send().await;
            let message = paid.refused(400, "INVALID_REQUEST");
            assert!(message.contains("identity verification, send"), "{message}");
        }
        let body = with(bodies::billing_key(), "/channelKey", json!(channel));
        let issued = app.post("/billing-keys").json(&body).send().await;
        issued.refused(400, "INVALID_REQUEST");
    }
    app.get("/payments/c-1")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
}

#[tokio::test]
async fn callers_see_their_own_stores_only() {
    let app = app().await;
    send(&app, "v-1", &bodies::identity()).await.ok();
    let list = json!({"filter": {"storeId": OTHER.store_id}});
    let body = with(bodies::identity(), "/storeId", json!(OTHER.store_id));
    let id = "/identity-verifications/v-1";
    let foreign = format!("?storeId={}", OTHER.store_id);
    let named = json!({ "storeId": OTHER.store_id });
    for request in [
        app.get(&format!("{id}{foreign}")),
        app.post(&format!("{id}/resend{foreign}")),
        app.post(&format!("{id}/confirm")).json(&named),
        app.post(&format!("{id}/send")).json(&body),
        app.get("/identity-verifications").json(&list),
    ] {
        request.send().await.refused(403, "FORBIDDEN");
    }
    for request in [
        app.get(id),
        app.post(&format!("{id}/resend")),
        app.post(&format!("{id}/confirm"))
            .json(&json!({"otp": "1"})),
        app.post(&format!("{id}/send")).json(&bodies::identity()),
        app.get("/identity-verifications"),
    ] {
        request
            .anonymous()
            .send()
            .await
            .refused(401, "UNAUTHORIZED");
    }
    // Another merchant can't tell it from one that does not exist.
    let mut seen = Vec::new();
    for id in ["v-1", "v-nothing"] {
        let path = format!("/identity-verifications/{id}");
        let read = app.get(&path).secret(OTHER.secret).send().await;
        seen.push(read.bytes.clone());
        read.refused(404, "IDENTITY_VERIFICATION_NOT_FOUND");
    }
    assert_eq!(seen[0], seen[1]);
    // A sub-store uses its parent's channels and has ids of its own.
    let path = "/identity-verifications/v-1/send";
    let sub = app.post(path).secret(SUB.secret).json(&bodies::identity());
    sub.send().await.ok();
    let lists = [(MAIN.secret, 2), (SUB.secret, 1), (OTHER.secret, 0)];
    for (secret, count) in lists {
        let list = app
            .get("/identity-verifications")
            .secret(secret)
            .send()
            .await
            .ok();
        assert_eq!(list["page"]["totalCount"], count);
    }
}

#[tokio::test]
async fn changing_calls_are_replayed() {
    let app = app().await;
    let post = |path: &str| app.post(&format!("/identity-verifications/r-1/{path}"));
    let mut first = Vec::new();
    for round in 0..2 {
        let sent = post("send").idempotency_key(KEY).json(&bodies::identity());
        let resent = post("resend").idempotency_key(KEY);
        let sent = sent.send().await;
        let resent = resent.send().await;
        let otp = app.otp(PHONE).await;
        let wrong = post("confirm")
            .idempotency_key(KEY)
            .json(&json!({"otp": "x"}));
        let wrong = wrong.send().await;
        let key = "another-key-of-16";
        let right = post("confirm")
            .idempotency_key(key)
            .json(&json!({ "otp": otp }));
        let right = right.send().await;
        assert_eq!((wrong.status, right.status), (502, 200));
        for answer in [sent, resent, wrong, right] {
            assert_eq!(answer.is_replayed(), round == 1);
            first.push(answer.bytes);
        }
    }
    assert_eq!(first[..4], first[4..]);
    let books = app.pg.control("GET", "/books?pg=danal", &Value::Null).await;
    assert_eq!(books["verifications"].as_array().unwrap().len(), 1);
    assert_eq!(books["verifications"][0]["messages"], 2);
}

async fn app_with(change: impl FnOnce(&mut EngineConfig)) -> TestApp {
    let mut config = EngineConfig::default();
    change(&mut config);
    let options = TestAppOptions {
        config: Some(config),
        ..TestAppOptions::default()
    };
    TestApp::start_with(naru_api_v2::router, options).await
}

#[tokio::test]
async fn attempts_tries_and_messages_have_limits() {
    let app = app_with(|config| {
        config.identity.attempts_max = 2;
        config.identity.confirms_max = 2;
        config.identity.resends_max = 1;
    })
    .await;
    for _ in 0..2 {
        send(&app, "l-1", &to_phone("01090000002"))
            .await
            .refused(502, "PG_PROVIDER");
    }
    let third = send(&app, "l-1", &bodies::identity()).await;
    third.refused(400, "MAX_TRANSACTION_COUNT_REACHED");
    send(&app, "l-2", &bodies::identity()).await.ok();
    resend(&app, "l-2").await.ok();
    resend(&app, "l-2").await.refused(400, "INVALID_REQUEST");
    for _ in 0..2 {
        confirm(&app, "l-2", "x").await.refused(502, "PG_PROVIDER");
    }
    let failed = get(&app, "l-2").await.ok();
    assert_eq!(failed["failure"]["pgCode"], "NARU_IDENTITY_TRIES");
}

#[tokio::test]
async fn an_address_causes_so_many_messages_and_no_more() {
    let app = app_with(|config| config.identity_messages_per_address_max = 2).await;
    send(&app, "m-1", &bodies::identity()).await.ok();
    resend(&app, "m-1").await.ok();
    resend(&app, "m-1").await.refused(429, "TOO_MANY_REQUESTS");
    let third = send(&app, "m-2", &bodies::identity()).await;
    let after: i64 = third.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=600).contains(&after));
    third.refused(429, "TOO_MANY_REQUESTS");
    get(&app, "m-2")
        .await
        .refused(404, "IDENTITY_VERIFICATION_NOT_FOUND");
    let other = with(
        bodies::identity(),
        "/customer/ipAddress",
        json!("203.0.113.8"),
    );
    send(&app, "m-3", &other).await.ok();
    // The caller's own address is a server's: it is not counted.
    for id in ["m-4", "m-5", "m-6"] {
        let unnamed = with(bodies::identity(), "/customer/ipAddress", Value::Null);
        send(&app, id, &unnamed).await.ok();
    }
    app.move_clock_s(601).await;
    assert_eq!(app.engine.sweep_expired().await.unwrap(), 2);
    send(&app, "m-2", &bodies::identity()).await.ok();
}

#[tokio::test]
async fn nothing_that_tells_a_person_is_in_the_clear() {
    let app = app().await;
    let post = |path: &str| app.post(&format!("/identity-verifications/p-1/{path}"));
    let sent = post("send").idempotency_key(KEY).json(&bodies::identity());
    sent.send().await.ok();
    let otp = app.otp(PHONE).await;
    let confirmed = post("confirm")
        .idempotency_key(KEY)
        .json(&json!({ "otp": otp }));
    let confirmed = confirmed.send().await.ok();
    app.settle().await;
    let who = &confirmed["identityVerification"]["verifiedCustomer"];
    let (ci, di) = (text(&who["ci"]), text(&who["di"]));
    let secrets = [
        "홍길동",
        PHONE,
        "9001011",
        "1990-01-01",
        "203.0.113.7",
        &otp,
        &ci,
        &di,
    ];
    let mut rows = 0;
    for table in tables::ALL {
        for row in app
            .engine
            .store()
            .scan(Query::of(table, 1_000))
            .await
            .unwrap()
        {
            rows += 1;
            let all = format!("{row:?}");
            for secret in secrets {
                assert!(!all.contains(secret), "`{secret}` is in `{}`", table.name);
            }
        }
    }
    assert!(rows > 10);
}
