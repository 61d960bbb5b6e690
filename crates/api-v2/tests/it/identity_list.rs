//! Lists of identity verifications: filters, sort, pages.

use naru_testkit::{MAIN, SUB, TestApp, bodies};
use serde_json::{Value, json};

use crate::{app, sorted, text, with};

async fn list(app: &TestApp, body: &Value) -> Value {
    app.get("/identity-verifications")
        .json(body)
        .send()
        .await
        .ok()
}

async fn ids(app: &TestApp, filter: Value) -> Vec<String> {
    sorted(
        &list(app, &json!({ "filter": filter, "page": {"size": 100} })).await,
        "id",
    )
}

/// Three of them: verified at Danal, failed at KCP, waiting at Danal.
async fn three() -> TestApp {
    let app = app().await;
    let send = |id: &'static str, body: Value| {
        let request = app.post(&format!("/identity-verifications/{id}/send"));
        request.json(&body).send()
    };
    send("verified", bodies::identity()).await.ok();
    let otp = app.otp("01012345678").await;
    let confirm = app.post("/identity-verifications/verified/confirm");
    confirm.json(&json!({ "otp": otp })).send().await.ok();
    app.move_clock_s(60).await;
    let kcp = with(
        bodies::identity(),
        "/channelKey",
        json!(MAIN.identity_channels[1]),
    );
    let kcp = with(kcp, "/customer/phoneNumber", json!("01090000001"));
    let kcp = with(kcp, "/operator", json!("LGU"));
    let kcp = with(kcp, "/customer/name", json!("Ada Lovelace"));
    let kcp = with(kcp, "/customer/identityNumber", json!("8512106"));
    send("failed", kcp).await.refused(502, "PG_PROVIDER");
    app.move_clock_s(60).await;
    let app_way = with(bodies::identity(), "/method", json!("APP"));
    let app_way = with(app_way, "/customer/identityNumber", Value::Null);
    let app_way = with(app_way, "/customer/name", json!("임꺽정"));
    send("ready", app_way).await.ok();
    app
}

#[tokio::test]
async fn every_filter_finds_what_it_says() {
    let app = three().await;
    let all = ["failed", "ready", "verified"];
    assert_eq!(ids(&app, json!({})).await, all);
    let read = |id: &str| app.get(&format!("/identity-verifications/{id}")).send();
    let pg_tx_id = read("verified").await.ok()["pgTxId"].clone();
    for (filter, expected) in [
        (json!({"identityVerificationId": "ready"}), &["ready"][..]),
        (json!({"statuses": ["VERIFIED"]}), &["verified"]),
        (
            json!({"statuses": ["READY", "FAILED"]}),
            &["failed", "ready"],
        ),
        (json!({"statuses": []}), &all),
        (json!({"pgTxId": pg_tx_id}), &["verified"]),
        (json!({"pgMerchantId": "AO0QE"}), &["failed"]),
        (json!({"pgProviders": ["KCP_V2"]}), &["failed"]),
        (json!({"pgProviders": ["INICIS_V2"]}), &[]),
        (json!({"pgCompanies": ["DANAL"]}), &["ready", "verified"]),
        (json!({"pgCompanies": ["KCP"]}), &["failed"]),
        (json!({"carriers": ["LGU"]}), &["failed"]),
        (json!({"carriers": ["LGU", "SKT_MVNO"]}), &all),
        (json!({"version": "V2"}), &all),
        (json!({"version": "V1"}), &[]),
        (json!({"isTest": true}), &all),
        (json!({"isTest": false}), &[]),
        (json!({"storeId": MAIN.store_id}), &all),
        (json!({"storeId": SUB.store_id}), &[]),
        (json!({"customer": {"name": "홍길동"}}), &["verified"]),
        (json!({"customer": {"name": " ada lovelace "}}), &["failed"]),
        (json!({"customer": {"name": "ada"}}), &[]),
        (
            json!({"customer": {"phoneNumber": "010-9000-0001"}}),
            &["failed"],
        ),
        (
            json!({"customer": {"phoneNumber": "01012345678"}}),
            &["ready", "verified"],
        ),
        (json!({"customer": {"birthYear": "1990"}}), &["verified"]),
        (json!({"customer": {"birthMonth": "1"}}), &["verified"]),
        (json!({"customer": {"birthDay": "10"}}), &["failed"]),
        (json!({"customer": {"gender": "MALE"}}), &["verified"]),
        (json!({"customer": {"gender": "FEMALE"}}), &["failed"]),
        (json!({"customer": {"name": "", "birthDay": ""}}), &all),
        (
            json!({"customer": {"name": "홍길동", "gender": "FEMALE"}}),
            &[],
        ),
    ] {
        assert_eq!(ids(&app, filter.clone()).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn any_attempt_leads_to_its_verification() {
    let app = three().await;
    let again = app.post("/identity-verifications/failed/send");
    again.json(&bodies::identity()).send().await.ok();
    let books = app.pg.control("GET", "/books", &Value::Null).await;
    let mut found = 0;
    for row in books["verifications"].as_array().unwrap() {
        let plain = text(&row["orderId"]);
        let tx_id = [
            &plain[..8],
            &plain[8..12],
            &plain[12..16],
            &plain[16..20],
            &plain[20..],
        ];
        let tx_id = tx_id.join("-");
        found += ids(&app, json!({ "identityVerificationTxId": tx_id }))
            .await
            .len();
        let prefix = json!({ "identityVerificationTxId": plain });
        assert!(ids(&app, prefix).await.is_empty());
    }
    assert_eq!(found, books["verifications"].as_array().unwrap().len());
    for nothing in ["x", "00000000-0000-0000-0000-000000000000"] {
        let filter = json!({ "identityVerificationTxId": nothing });
        assert!(ids(&app, filter).await.is_empty());
    }
}

#[tokio::test]
async fn time_ranges_sorts_and_pages() {
    let app = three().await;
    for (field, expected) in [
        ("REQUESTED_AT", &["failed", "ready", "verified"][..]),
        ("VERIFIED_AT", &["verified"]),
        ("FAILED_AT", &["failed"]),
        ("STATUS_UPDATED_AT", &["failed", "ready", "verified"]),
    ] {
        let filter = json!({ "timeRangeField": field });
        assert_eq!(ids(&app, filter).await, expected, "{field}");
    }
    let until = app.now().plus_seconds(-90).to_string();
    assert_eq!(ids(&app, json!({ "until": until })).await, ["verified"]);
    let from = app.now().plus_seconds(-90).to_string();
    assert_eq!(
        ids(&app, json!({ "from": from })).await,
        ["failed", "ready"]
    );
    let order = async |sort: Value| -> Vec<String> {
        let found = list(&app, &json!({ "sort": sort })).await;
        let items = found["items"].as_array().unwrap();
        items.iter().map(|item| text(&item["id"])).collect()
    };
    let newest = ["ready", "failed", "verified"];
    assert_eq!(order(json!({})).await, newest);
    assert_eq!(order(json!({"by": "STATUS_UPDATED_AT"})).await, newest);
    let oldest = ["verified", "failed", "ready"];
    assert_eq!(
        order(json!({"by": "REQUESTED_AT", "order": "ASC"})).await,
        oldest
    );
    assert_eq!(order(json!({"by": "VERIFIED_AT"})).await[0], "verified");
    assert_eq!(order(json!({"by": "FAILED_AT"})).await[0], "failed");
    let mut seen = Vec::new();
    for number in 0..4 {
        let page = list(&app, &json!({ "page": {"number": number, "size": 1} })).await;
        let info = json!({ "number": number, "size": 1, "totalCount": 3 });
        assert_eq!(page["page"], info);
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| text(&item["id"])),
        );
    }
    assert_eq!(seen, newest);
    let query = "?requestBody=%7B%22page%22%3A%7B%22size%22%3A2%7D%7D";
    let found = app
        .get(&format!("/identity-verifications{query}"))
        .send()
        .await
        .ok();
    assert_eq!(found["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn bad_filters_are_refused() {
    let app = app().await;
    for (body, field) in [
        (json!({"page": {"size": 0}}), "page.size"),
        (json!({"page": {"number": 60, "size": 1000}}), "page"),
        (json!({"filter": {"from": "yesterday"}}), "filter.from"),
        (
            json!({"filter": {"statuses": ["PENDING"]}}),
            "filter.statuses[0]",
        ),
        (
            json!({"filter": {"customer": {"phoneNumber": "home"}}}),
            "filter.customer.phoneNumber",
        ),
        (
            json!({"filter": {"identityVerificationId": "x".repeat(201)}}),
            "filter.identityVerificationId",
        ),
        (json!({"sort": {"by": "TIME"}}), "sort.by"),
    ] {
        let answer = app.get("/identity-verifications").json(&body).send().await;
        answer.refused_field(field);
    }
}
