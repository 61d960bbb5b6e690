//! Lists of schedules: ranges, filters, orders, pages.

use naru_testkit::{MAIN, OTHER, SUB, TestApp, bodies};
use serde_json::{Value, json};

use crate::{app, issue, schedule, sorted, text};

async fn list(app: &TestApp, body: &Value) -> Value {
    app.get("/payment-schedules").json(body).send().await.ok()
}

fn payments(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().expect("a list");
    items.iter().map(|item| text(&item["paymentId"])).collect()
}

/// Schedules done, revoked and waiting, on two keys.
async fn filled() -> (TestApp, [String; 2]) {
    let app = app().await;
    let keys = [issue(&app).await, issue(&app).await];
    let revoked = schedule(&app, "l-1", &keys[0], 30).await;
    schedule(&app, "l-2", &keys[0], 20).await;
    schedule(&app, "l-3", &keys[1], 40).await;
    schedule(&app, "l-4", &keys[1], 86_400).await;
    app.move_clock_s(25).await;
    app.settle().await;
    app.delete("/payment-schedules")
        .json(&json!({"scheduleIds": [revoked]}))
        .send()
        .await
        .ok();
    app.move_clock_s(25).await;
    app.settle().await;
    (app, keys)
}

#[tokio::test]
async fn what_is_still_to_come_is_listed_only_up_to_a_time_that_is_named() {
    let (app, _) = filled().await;
    let past = list(&app, &json!({})).await;
    assert_eq!(payments(&past), ["l-3", "l-1", "l-2"], "newest due first");
    assert_eq!(
        past["page"],
        json!({"number": 0, "size": 10, "totalCount": 3})
    );
    let without_a_body = app.get("/payment-schedules").send().await.ok();
    assert_eq!(without_a_body, past);
    let until = app.now().plus_seconds(90_000).to_string();
    let all = list(&app, &json!({"filter": {"until": until}})).await;
    assert_eq!(payments(&all), ["l-4", "l-3", "l-1", "l-2"]);
    let from = app.now().plus_seconds(1).to_string();
    let to_come = json!({"filter": {"from": from, "until": until}});
    assert_eq!(payments(&list(&app, &to_come).await), ["l-4"]);
    let empty = json!({"filter": {"from": until, "until": from}});
    assert!(payments(&list(&app, &empty).await).is_empty());
}

#[tokio::test]
async fn filters_add_up() {
    let (app, keys) = filled().await;
    let until = app.now().plus_seconds(90_000).to_string();
    for (filter, want) in [
        (json!({"billingKey": keys[0]}), vec!["l-1", "l-2"]),
        (json!({"billingKey": "billing-key-unknown"}), vec![]),
        (json!({"status": ["SCHEDULED"]}), vec!["l-4"]),
        (
            json!({"status": ["SUCCEEDED", "REVOKED"]}),
            vec!["l-1", "l-2", "l-3"],
        ),
        (json!({"status": ["STARTED", "PENDING", "FAILED"]}), vec![]),
        (json!({"status": []}), vec!["l-1", "l-2", "l-3", "l-4"]),
        (
            json!({"status": ["SUCCEEDED"], "billingKey": keys[1]}),
            vec!["l-3"],
        ),
        (json!({"isForTest": true}), vec!["l-1", "l-2", "l-3", "l-4"]),
        (json!({"isForTest": false}), vec![]),
        (
            json!({"storeId": MAIN.store_id}),
            vec!["l-1", "l-2", "l-3", "l-4"],
        ),
        (json!({"storeId": SUB.store_id}), vec![]),
    ] {
        let mut filter = filter;
        filter["until"] = json!(until);
        let found = list(&app, &json!({"filter": filter})).await;
        assert_eq!(sorted(&found, "paymentId"), want, "{filter}");
    }
}

#[tokio::test]
async fn without_a_store_it_is_the_callers_own() {
    let (app, _) = filled().await;
    let until = json!({"filter": {"until": app.now().plus_seconds(90_000).to_string()}});
    for secret in [SUB.secret, OTHER.secret] {
        let request = app.get("/payment-schedules").secret(secret).json(&until);
        assert_eq!(request.send().await.ok()["page"]["totalCount"], 0);
    }
    // The parent may name the sub-store, not the other way round.
    let issued = app.post("/billing-keys").secret(SUB.secret);
    let issued = issued.json(&bodies::billing_key()).send().await.ok();
    let key = text(&issued["billingKeyInfo"]["billingKey"]);
    let body = bodies::schedule(&key, app.now());
    let made = app.post("/payments/l-5/schedule").secret(SUB.secret);
    made.json(&body).send().await.ok();
    let filter = json!({"filter": {"storeId": SUB.store_id}});
    assert_eq!(payments(&list(&app, &filter).await), ["l-5"]);
    let upwards = json!({"filter": {"storeId": MAIN.store_id}});
    app.get("/payment-schedules")
        .secret(SUB.secret)
        .json(&upwards)
        .send()
        .await
        .refused(403, "FORBIDDEN");
}

#[tokio::test]
async fn lists_are_sorted_as_asked() {
    let (app, _) = filled().await;
    let until = app.now().plus_seconds(90_000).to_string();
    for (sort, want) in [
        (
            json!({"by": "TIME_TO_PAY", "order": "ASC"}),
            ["l-2", "l-1", "l-3", "l-4"],
        ),
        (json!({"by": "TIME_TO_PAY"}), ["l-4", "l-3", "l-1", "l-2"]),
        (
            json!({"by": "CREATED_AT", "order": "ASC"}),
            ["l-1", "l-2", "l-3", "l-4"],
        ),
        (
            json!({"by": "CREATED_AT", "order": "DESC"}),
            ["l-4", "l-3", "l-2", "l-1"],
        ),
        // Made at 0, settled at 25, revoked at 25, settled at 50.
        (
            json!({"by": "STATUS_TIMESTAMP", "order": "ASC"}),
            ["l-4", "l-2", "l-1", "l-3"],
        ),
    ] {
        let body = json!({"filter": {"until": until}, "sort": sort});
        assert_eq!(payments(&list(&app, &body).await), want, "{sort}");
    }
    let body = json!({"filter": {"until": until}, "sort": {"by": "COMPLETED_AT"}});
    let completed = payments(&list(&app, &body).await);
    assert_eq!(
        completed[..2],
        ["l-3", "l-2"],
        "those without an end are last"
    );
}

#[tokio::test]
async fn pages_follow_each_other_and_end() {
    let (app, _) = filled().await;
    let until = app.now().plus_seconds(90_000).to_string();
    let mut seen = Vec::new();
    for number in 0..3 {
        let body = json!({"filter": {"until": until}, "page": {"number": number, "size": 2}});
        let page = list(&app, &body).await;
        assert_eq!(
            page["page"],
            json!({"number": number, "size": 2, "totalCount": 4})
        );
        seen.extend(payments(&page));
    }
    assert_eq!(seen, ["l-4", "l-3", "l-1", "l-2"]);
    for (body, field) in [
        (json!({"page": {"size": 1_001}}), "page.size"),
        (json!({"page": {"number": 6_000}}), "page"),
        (json!({"filter": {"until": "soon"}}), "filter.until"),
        (json!({"filter": {"from": "soon"}}), "filter.from"),
        (json!({"filter": {"status": ["DONE"]}}), "filter.status[0]"),
        (json!({"sort": {"by": "AMOUNT"}}), "sort.by"),
    ] {
        let answer = app.get("/payment-schedules").json(&body).send().await;
        answer.refused_field(field);
    }
}
