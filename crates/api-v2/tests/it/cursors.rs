//! `getAllPaymentsByCursor`: nothing missed, nothing twice, whatever is written meanwhile.

use naru_testkit::{MAIN, OTHER, SUB, TestApp, bodies};
use serde_json::{Value, json};

use crate::stores::every_store;
use crate::{app, app_with_payment, text};

const PATH: &str = "/payments-by-cursor";

async fn pay(app: &TestApp, id: &str) {
    let path = format!("/payments/{id}/instant");
    let body = bodies::card_payment();
    app.post(&path).json(&body).send().await.ok();
}

async fn page(app: &TestApp, body: Value) -> (Vec<String>, Value) {
    let list = app.get(PATH).json(&body).send().await.ok();
    let items = list["items"].as_array().expect("items");
    let ids = items.iter().map(|item| text(&item["payment"]["id"]));
    let cursor = items.last().map(|item| item["cursor"].clone());
    (ids.collect(), cursor.unwrap_or_default())
}

#[tokio::test]
async fn a_walk_meets_each_payment_once_whatever_is_written_between_pages() {
    for on in every_store().await {
        let app = &on.app;
        for n in 0..6 {
            pay(app, &format!("before-{n}")).await;
        }
        app.settle().await;
        let mut seen = Vec::new();
        let mut cursor = Value::Null;
        let mut written = 0;
        loop {
            let mut body = json!({"size": 2});
            if !cursor.is_null() {
                body["cursor"] = cursor.clone();
            }
            let (ids, next) = page(app, body).await;
            if ids.is_empty() {
                break;
            }
            seen.extend(ids);
            cursor = next;
            if written < 5 {
                // A new one, and a change of one that was shown.
                pay(app, &format!("between-{written}")).await;
                let path = format!("/payments/before-{written}/cancel");
                app.post(&path).json(&bodies::cancel()).send().await.ok();
                app.settle().await;
                written += 1;
            }
        }
        let before = (0..6).map(|n| format!("before-{n}"));
        let between = (0..5).map(|n| format!("between-{n}"));
        let all: Vec<String> = before.chain(between).collect();
        assert_eq!(seen, all, "{}", app.engine.store().name());
    }
}

#[tokio::test]
async fn payments_made_at_once_are_all_met_while_they_are_made() {
    for on in every_store().await {
        let app = &on.app;
        let making = async {
            let bodies = (0..30).map(|n| async move { pay(app, &format!("p-{n:02}")).await });
            futures_util::future::join_all(bodies).await;
        };
        let walking = async {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            while seen.len() < 30 {
                app.engine.index_changed(7).await.expect("indexing");
                let (ids, next) = page(app, json!({"size": 3, "cursor": cursor})).await;
                if !ids.is_empty() {
                    cursor = text(&next);
                }
                seen.extend(ids);
                tokio::task::yield_now().await;
            }
            seen
        };
        let ((), mut seen) = tokio::join!(making, walking);
        app.settle().await;
        seen.sort();
        let all: Vec<String> = (0..30).map(|n| format!("p-{n:02}")).collect();
        assert_eq!(seen, all, "{}", app.engine.store().name());
    }
}

#[tokio::test]
async fn payments_are_listed_by_when_they_were_made() {
    let app = app_with_payment("old").await;
    app.settle().await;
    app.move_clock_s(91 * 86_400).await;
    pay(&app, "new").await;
    app.settle().await;
    let ids = async |body: Value| page(&app, body).await.0;
    // 90 days, unless said otherwise.
    assert_eq!(ids(json!({})).await, ["new"]);
    let long_ago = app.now().plus_seconds(-100 * 86_400).to_string();
    assert_eq!(ids(json!({"from": long_ago})).await, ["old", "new"]);
    let until = app.now().plus_seconds(-2 * 86_400).to_string();
    assert_eq!(ids(json!({"until": until})).await, ["old"]);
    assert_eq!(
        ids(json!({"from": long_ago, "until": until})).await,
        ["old"]
    );
    // A refund changes its status, not when it was made.
    let cancel = app.post("/payments/old/cancel").json(&bodies::cancel());
    cancel.send().await.ok();
    app.settle().await;
    assert_eq!(ids(json!({})).await, ["new"]);
    let old = app
        .get(PATH)
        .json(&json!({ "until": until }))
        .send()
        .await
        .ok();
    assert_eq!(old["items"][0]["payment"]["status"], "CANCELLED");
}

#[tokio::test]
async fn the_body_may_come_as_a_query_and_may_be_missing() {
    let app = app_with_payment("p-1").await;
    app.settle().await;
    let found = app.get(PATH).send().await.ok();
    assert_eq!(found["items"][0]["payment"]["id"], "p-1");
    let path = format!("{PATH}?requestBody=%7B%22size%22%3A1%7D");
    let found = app.get(&path).send().await.ok();
    assert_eq!(found["items"].as_array().expect("items").len(), 1);
}

#[tokio::test]
async fn a_store_sees_its_own_and_no_other() {
    let app = app_with_payment("main-1").await;
    let sub = app.post("/payments/sub-1/instant").secret(SUB.secret);
    sub.json(&bodies::card_payment()).send().await.ok();
    app.settle().await;
    let ids = async |secret: &str, body: Value| {
        let list = app.get(PATH).secret(secret).json(&body).send().await.ok();
        crate::sorted(
            &json!({"items": list["items"].as_array().expect("items").iter()
            .map(|item| item["payment"].clone()).collect::<Vec<_>>()}),
            "id",
        )
    };
    // Without a store: the credential's own, not all of the merchant's.
    assert_eq!(ids(MAIN.secret, json!({})).await, ["main-1"]);
    assert_eq!(
        ids(MAIN.secret, json!({"storeId": SUB.store_id})).await,
        ["sub-1"]
    );
    assert_eq!(ids(SUB.secret, json!({})).await, ["sub-1"]);
    assert!(ids(OTHER.secret, json!({})).await.is_empty());
    for foreign in [MAIN.store_id, "store-that-does-not-exist", "s\u{0}"] {
        let call = app.get(PATH).secret(OTHER.secret);
        call.json(&json!({ "storeId": foreign }))
            .send()
            .await
            .refused(403, "FORBIDDEN");
    }
    app.get(PATH)
        .anonymous()
        .send()
        .await
        .refused(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn cursors_hold_for_their_list_and_merchant_only() {
    let app = app_with_payment("p-1").await;
    app.settle().await;
    let (_, cursor) = page(&app, json!({})).await;
    let cursor = text(&cursor);
    let events = app.get("/payment-events-by-cursor").send().await.ok();
    let of_events = text(&events["items"][0]["cursor"]);
    let refused = async |secret: &str, cursor: &str| {
        let body = json!({ "cursor": cursor });
        let call = app.get(PATH).secret(secret).json(&body);
        call.send().await.refused_field("cursor");
    };
    // Another merchant's, another list's, a changed one, none at all.
    refused(OTHER.secret, &cursor).await;
    refused(MAIN.secret, &of_events).await;
    let changed = cursor.replacen("c1.AA", "c1.AB", 1);
    assert_ne!(changed, cursor);
    let cut = &cursor[..cursor.len() - 1];
    for forged in [
        changed.as_str(),
        cut,
        "c1",
        "c1..",
        "c2.AAAAAAAAAAA.x",
        "x",
        "한",
    ] {
        refused(MAIN.secret, forged).await;
    }
    // A sub-store of the same merchant goes on from there, in its own payments.
    let call = app.get(PATH).secret(SUB.secret);
    let found = call.json(&json!({ "cursor": cursor })).send().await.ok();
    assert_eq!(found, json!({"items": []}));
}

#[tokio::test]
async fn sizes_and_times_have_limits() {
    let app = app().await;
    app.get(PATH)
        .json(&json!({"size": 1_000}))
        .send()
        .await
        .ok();
    for (field, body) in [
        ("size", json!({"size": 0})),
        ("size", json!({"size": 1_001})),
        ("size", json!({"size": -1})),
        ("from", json!({"from": "yesterday"})),
        ("until", json!({"until": "2026-02-30T00:00:00Z"})),
        ("cursor", json!({"cursor": "x"})),
        ("cursor", json!({"cursor": 1})),
    ] {
        let call = app.get(PATH).json(&body);
        call.send().await.refused_field(field);
        let call = app.get("/payment-events-by-cursor").json(&body);
        call.send().await.refused_field(field);
    }
}
