//! The V2 face from outside: requests in, bytes out. The client of the test kit holds every answer
//! against the contract, so each of these tests is a contract test as well.
#![expect(
    clippy::expect_used,
    reason = "what the helpers of tests expect is tested"
)]

mod analytics;
mod authentication;
mod b2b;
mod bad_input;
mod billing_keys;
mod browser_identity;
mod browser_sdk;
mod cancel_payment;
mod cash_receipts;
mod channel_groups;
mod concurrency;
mod confirm;
mod confirm_keys;
mod corpus;
mod cursors;
mod documents;
mod escrow;
mod every_operation;
mod idempotency;
mod identity;
mod identity_list;
mod issue_and_pay;
mod kept_answers;
mod lists;
mod nodes;
mod pay_instantly;
mod payment_events;
mod payment_sessions;
mod payments;
mod pre_register;
mod promoted_windows;
mod promotions;
mod random_requests;
mod reconciliations;
mod schedule_conflicts;
mod schedule_lists;
mod schedules;
mod stop_and_capture;
mod stores;
mod super_keys;
mod tokens;
mod transfer_receipts;
mod transport;
mod unavailable;
mod virtual_accounts;
mod visibility;
mod webhook_messages;
mod webhooks;
mod window_pages;
mod year;

use naru_testkit::{TestApp, bodies};
use serde_json::Value;

/// A server with the V2 face.
async fn app() -> TestApp {
    TestApp::start(naru_api_v2::router).await
}

/// A server on which the payment `id` of 1000 won is paid.
async fn app_with_payment(id: &str) -> TestApp {
    let app = app().await;
    app.post(&format!("/payments/{id}/instant"))
        .json(&bodies::card_payment())
        .send()
        .await
        .ok();
    app
}

/// The id of a billing key just issued.
async fn issue(app: &TestApp) -> String {
    let issued = app
        .post("/billing-keys")
        .json(&bodies::billing_key())
        .send()
        .await
        .ok();
    text(&issued["billingKeyInfo"]["billingKey"])
}

/// The id of a schedule that begins the payment so many seconds from now.
async fn schedule(app: &TestApp, payment: &str, key: &str, seconds: i64) -> String {
    let body = bodies::schedule(key, app.now().plus_seconds(seconds));
    let path = format!("/payments/{payment}/schedule");
    let made = app.post(&path).json(&body).send().await.ok();
    text(&made["schedule"]["id"])
}

/// A schedule as it reads.
async fn read_schedule(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/payment-schedules/{id}"))
        .send()
        .await
        .ok()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// A body with one field changed; `null` takes it out. The path is a JSON pointer.
fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = body.pointer_mut(parent).expect("a parent");
    match (parent, value) {
        (Value::Object(map), Value::Null) => {
            map.remove(name);
        }
        (parent, value) => parent[name] = value,
    }
    body
}

/// One field of each item of a list, sorted.
fn sorted(list: &Value, field: &str) -> Vec<String> {
    let items = list["items"].as_array().expect("a list");
    let mut found: Vec<String> = items.iter().map(|item| text(&item[field])).collect();
    found.sort();
    found
}
