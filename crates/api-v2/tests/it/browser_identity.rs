//! Identity verification in a window: what the browser SDK asks, what the person does there, and
//! what the API tells afterwards.

use http::StatusCode;
use naru_engine::Fault;
use naru_engine::windows::{WindowPage, WindowState};
use naru_store::{Query, tables};
use naru_testkit::{InboundRequest, MAIN, OTHER, TestApp, bodies};
use serde_json::{Value, json};

use crate::browser_sdk::{changed, prepare};
use crate::{app, text, with};

const DANAL: &str = "danal";
const UNIFIED: &str = "inicis_unified";

fn request(id: &str, changes: &Value) -> Value {
    let mut request = json!({
        "storeId": MAIN.store_id,
        "channelKey": MAIN.identity_channels[0],
        "identityVerificationId": id,
        "redirectUrl": "https://shop.test/back",
    });
    changed(&mut request, changes);
    request
}

fn unified(id: &str, changes: &Value) -> Value {
    let mut request = request(
        id,
        &json!({
            "channelKey": MAIN.unified_channel,
            "bypass": { "inicisUnified": { "flgFixedUser": "N" } },
        }),
    );
    changed(&mut request, changes);
    request
}

/// Opens a window: the token in its address.
async fn open(app: &TestApp, request: &Value) -> String {
    let (status, answer) = prepare(app, "identity-verifications", request, "PC").await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(answer["windowType"], "POPUP");
    text(&answer["url"])
        .rsplit('/')
        .next()
        .expect("an address")
        .to_owned()
}

async fn page(app: &TestApp, token: &str) -> WindowPage {
    app.engine.window_page(token).await.expect("a page")
}

/// What the person's browser brings.
async fn played(app: &TestApp, (pg, token): (&str, &str), extra: Value) -> InboundRequest {
    let shown = page(app, token).await;
    let WindowState::Open(form) = shown.state else {
        panic!("{shown:?}");
    };
    app.identify(pg, &form, &extra).await
}

async fn bring(app: &TestApp, token: &str, brought: InboundRequest) {
    let taken = app.engine.bring_to_window(token, brought).await;
    taken.expect("taken");
}

/// The code with which a window ended.
async fn failure(app: &TestApp, token: &str) -> String {
    match page(app, token).await.state {
        WindowState::Failed(failure) => failure.pg_code,
        other => panic!("{other:?}"),
    }
}

async fn get(app: &TestApp, id: &str) -> Value {
    let path = format!("/identity-verifications/{id}");
    app.get(&path).send().await.ok()
}

#[tokio::test]
async fn a_person_is_verified_in_a_window_of_either_pg() {
    let app = app().await;
    for (pg, request) in [
        (
            DANAL,
            request("in-danal", &json!({ "customData": { "a": 1 } })),
        ),
        (
            UNIFIED,
            unified("in-unified", &json!({ "customData": { "a": 1 } })),
        ),
    ] {
        let id = text(&request["identityVerificationId"]);
        let token = open(&app, &request).await;
        let ready = get(&app, &id).await;
        assert_eq!(ready["status"], "READY");
        assert_eq!(ready["requestedCustomer"], json!({}));
        let brought = played(&app, (pg, &token), json!({})).await;
        bring(&app, &token, brought.clone()).await;
        assert!(matches!(
            page(&app, &token).await.state,
            WindowState::Verified
        ));
        let verified = get(&app, &id).await;
        assert_eq!(verified["status"], "VERIFIED");
        assert_eq!(verified["customData"], "{\"a\":1}");
        let person = &verified["verifiedCustomer"];
        assert_eq!(person["name"], "홍길동");
        assert_eq!(person["birthDate"], "1990-01-01");
        assert_eq!(text(&person["ci"]).len(), 88);
        assert!(verified["pgTxId"].is_string());
        // Brought again, or left afterwards, it stays.
        bring(&app, &token, brought).await;
        let left = app.engine.leave_window_page(&token).await;
        left.expect("left");
        assert_eq!(get(&app, &id).await["status"], "VERIFIED");
        // Its id is used up, for windows and messages.
        let (_, answer) = prepare(&app, "identity-verifications", &request, "PC").await;
        assert_eq!(answer["code"], "IdentityVerificationAlreadyVerified");
        let send = format!("/identity-verifications/{id}/send");
        let sent = app.post(&send).json(&bodies::identity()).send().await;
        sent.refused(409, "IDENTITY_VERIFICATION_ALREADY_VERIFIED");
    }
}

#[tokio::test]
async fn who_leaves_or_fails_may_begin_anew() {
    let app = app().await;
    let token = open(&app, &request("anew", &Value::Null)).await;
    let brought = played(&app, (DANAL, &token), json!({ "action": "leave" })).await;
    bring(&app, &token, brought).await;
    assert_eq!(failure(&app, &token).await, "NARU_WINDOW_LEFT");
    assert_eq!(get(&app, "anew").await["status"], "FAILED");

    // Its password is too old at once.
    let token = open(&app, &request("anew", &Value::Null)).await;
    let brought = played(&app, (DANAL, &token), json!({ "phone": "01090000005" })).await;
    bring(&app, &token, brought).await;
    assert_eq!(failure(&app, &token).await, "1101");

    // By the button of our own page.
    let token = open(&app, &request("anew", &Value::Null)).await;
    app.engine.leave_window_page(&token).await.expect("left");
    let shown = page(&app, &token).await;
    let WindowState::Failed(failure) = shown.state else {
        panic!("{shown:?}");
    };
    assert!(failure.pg_message.contains("취소"), "shops look for it");

    let token = open(&app, &unified("anew", &Value::Null)).await;
    let brought = played(&app, (UNIFIED, &token), json!({})).await;
    bring(&app, &token, brought).await;
    assert_eq!(get(&app, "anew").await["status"], "VERIFIED");
}

#[tokio::test]
async fn an_answer_that_is_lost_identifies_nobody() {
    let app = app().await;
    for pg in [DANAL, UNIFIED] {
        let id = format!("lost-{pg}");
        let request = if pg == DANAL {
            request(&id, &Value::Null)
        } else {
            unified(&id, &Value::Null)
        };
        let token = open(&app, &request).await;
        let brought = played(&app, (pg, &token), json!({ "phone": "01090000007" })).await;
        bring(&app, &token, brought).await;
        assert_eq!(failure(&app, &token).await, "NARU_OUTCOME_UNKNOWN");
        assert_eq!(get(&app, &id).await["status"], "FAILED");
    }
}

#[tokio::test]
async fn a_newer_window_takes_the_place_of_an_older_one() {
    let app = app().await;
    let first = open(&app, &request("two", &Value::Null)).await;
    let brought = played(&app, (DANAL, &first), json!({})).await;
    let second = open(&app, &request("two", &Value::Null)).await;
    assert_eq!(failure(&app, &first).await, "NARU_WINDOW_REPLACED");
    bring(&app, &first, brought).await;
    assert_eq!(
        get(&app, "two").await["status"],
        "READY",
        "it changes nothing"
    );
    let brought = played(&app, (DANAL, &second), json!({})).await;
    bring(&app, &second, brought).await;
    // Whoever is verified is so in every window of theirs.
    for token in [&first, &second] {
        assert!(matches!(
            page(&app, token).await.state,
            WindowState::Verified
        ));
    }
    assert_eq!(get(&app, "two").await["status"], "VERIFIED");
}

#[tokio::test]
async fn what_another_window_brought_is_not_taken() {
    let app = app().await;
    let mine = open(&app, &request("mine", &Value::Null)).await;
    let theirs = open(&app, &request("theirs", &Value::Null)).await;
    let brought = played(&app, (DANAL, &theirs), json!({})).await;
    let refused = app.engine.bring_to_window(&mine, brought).await;
    assert!(
        matches!(refused, Err(Fault::InvalidRequest { .. })),
        "{refused:?}"
    );
    assert_eq!(get(&app, "mine").await["status"], "READY");

    // The PG tells whose it is: not this one's.
    let mine = open(&app, &unified("mine-too", &Value::Null)).await;
    let theirs = open(&app, &unified("theirs-too", &Value::Null)).await;
    let brought = played(&app, (UNIFIED, &theirs), json!({})).await;
    bring(&app, &mine, brought).await;
    assert_eq!(failure(&app, &mine).await, "NARU_OUTCOME_UNKNOWN");

    // What can't be read changes nothing, and a token of our making is needed.
    let nothing = InboundRequest {
        content_type: None,
        body: "resultCode=0000".into(),
        peer: None,
    };
    let mine = open(&app, &unified("mine-three", &Value::Null)).await;
    let refused = app.engine.bring_to_window(&mine, nothing.clone()).await;
    assert!(refused.is_err());
    assert_eq!(get(&app, "mine-three").await["status"], "READY");
    let mut forged = mine.clone();
    forged.pop();
    let refused = app.engine.bring_to_window(&forged, nothing).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn a_browser_that_returns_twice_at_once_verifies() {
    let app = app().await;
    for pg in [DANAL, UNIFIED] {
        let id = format!("twice-{pg}");
        let request = match pg {
            DANAL => request(&id, &Value::Null),
            _ => unified(&id, &Value::Null),
        };
        let token = open(&app, &request).await;
        let brought = played(&app, (pg, &token), json!({})).await;
        // The PG has told, and its answer is on the way, when the same comes again.
        app.fault("identity_result", "late").await;
        tokio::join!(
            bring(&app, &token, brought.clone()),
            bring(&app, &token, brought)
        );
        assert_eq!(get(&app, &id).await["status"], "VERIFIED", "{pg}");
    }
}

#[tokio::test]
async fn a_window_ends_when_nobody_comes_back() {
    let app = app().await;
    let token = open(&app, &request("late", &Value::Null)).await;
    let brought = played(&app, (DANAL, &token), json!({})).await;
    app.move_clock_s(24 * 3_600).await;
    assert!(matches!(
        page(&app, &token).await.state,
        WindowState::Failed(_)
    ));
    bring(&app, &token, brought).await;
    assert_eq!(get(&app, "late").await["status"], "FAILED");
}

#[tokio::test]
async fn the_expected_person_is_told_to_the_pg_and_sealed() {
    let app = app().await;
    let customer = json!({
        "customerId": "customer-1", "fullName": "홍길동", "phoneNumber": "010-1234-5678",
        "birthYear": "1990", "birthMonth": "1", "birthDay": "1",
    });
    let changes = json!({
        "customer": customer,
        "bypass": { "inicisUnified": { "flgFixedUser": "Y", "directAgency": "TOSS" } },
    });
    let token = open(&app, &unified("fixed", &changes)).await;
    let shown = page(&app, &token).await;
    let WindowState::Open(form) = &shown.state else {
        panic!("{shown:?}");
    };
    let said = |name: &str| {
        let found = form.fields.iter().find(|(found, _)| *found == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    assert_eq!(
        ["userName", "userPhone", "userBirth", "directAgency"].map(said),
        ["홍길동", "01012345678", "19900101", "TOSS"]
    );
    let ready = get(&app, "fixed").await;
    assert_eq!(ready["requestedCustomer"]["birthMonth"], "01");
    let brought = played(&app, (UNIFIED, &token), json!({})).await;
    bring(&app, &token, brought).await;
    assert_eq!(get(&app, "fixed").await["status"], "VERIFIED");

    for table in tables::ALL {
        let rows = app.engine.store().scan(Query::of(table, 1_000)).await;
        let found = format!("{:?}", rows.expect("rows"));
        for secret in ["홍길동", "01012345678", "19900101", "1990-01-01"] {
            assert!(!found.contains(secret), "`{secret}` is in `{}`", table.name);
        }
    }
}

/// Changes of a request, the code of its refusal, and what its text says.
fn refusals() -> Vec<(Value, &'static str, &'static str)> {
    vec![
        (json!({ "storeId": "nobody" }), "StoreNotFound", "store"),
        (json!({ "channelKey": null }), "BadRequest", "channelKey"),
        (
            json!({ "channelKey": "none" }),
            "ChannelNotFound",
            "channel",
        ),
        (
            json!({ "channelKey": OTHER.identity_channels[0] }),
            "ChannelNotFound",
            "channel",
        ),
        (
            json!({ "channelKey": MAIN.channels[0] }),
            "RequestParseFailed",
            "identity verification, window",
        ),
        (
            json!({ "channelKey": MAIN.identity_channels[1] }),
            "RequestParseFailed",
            "identity verification, window",
        ),
        (
            json!({ "identityVerificationId": "" }),
            "RequestParseFailed",
            "identityVerificationId",
        ),
        (
            json!({ "identityVerificationId": "x".repeat(300) }),
            "RequestParseFailed",
            "identityVerificationId",
        ),
        (
            json!({ "redirectUrl": "/back" }),
            "BadRequest",
            "redirectUrl",
        ),
        (
            json!({ "windowType": { "pc": "UI" } }),
            "BadRequest",
            "windowType",
        ),
        (
            json!({ "bypass": { "danal": { "IsCarrier": "KT" } } }),
            "RequestParseFailed",
            "IsCarrier",
        ),
        (
            json!({ "channelKey": MAIN.unified_channel }),
            "RequestParseFailed",
            "flgFixedUser",
        ),
        (
            json!({ "customer": { "birthYear": "90" } }),
            "RequestParseFailed",
            "birthYear",
        ),
        (
            json!({ "customer": { "phoneNumber": "0".repeat(300) } }),
            "RequestParseFailed",
            "phoneNumber",
        ),
    ]
}

#[tokio::test]
async fn what_a_window_for_identity_needs() {
    let app = app().await;
    for (changes, code, says) in refusals() {
        let request = request("refused", &changes);
        let (_, answer) = prepare(&app, "identity-verifications", &request, "PC").await;
        assert_eq!(answer["code"], code, "{changes}: {answer}");
        let message = text(&answer["message"]);
        assert!(message.contains(says), "{changes}: {message}");
    }
    let refused = app.get("/identity-verifications/refused").send().await;
    refused.refused(404, "IDENTITY_VERIFICATION_NOT_FOUND");
    let body = with(
        bodies::identity(),
        "/channelKey",
        json!(MAIN.unified_channel),
    );
    let send = app.post("/identity-verifications/refused/send").json(&body);
    let refused = send.send().await;
    assert!(refused.status >= 400, "windows only");
}
