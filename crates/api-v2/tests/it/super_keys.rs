//! Billing keys issued at a channel group.

use naru_domain::routing::Route;
use naru_domain::{ChannelGroupId, ChannelKey, StoreId};
use naru_engine::admin::{NewChannel, NewChannelGroup};
use naru_testkit::{KEY_PG, MAIN, TestApp, bodies};
use serde_json::{Value, json};

use crate::channel_groups::{by_group, group};
use crate::{app, sorted, text, with};

/// A channel of a PG that has calls to delete keys and to capture; its options say what it refuses.
pub async fn key_channel(app: &TestApp, key: &str, options: &[&str]) {
    let new = NewChannel {
        store_id: StoreId::new(MAIN.store_id),
        name: key.to_owned(),
        key: Some(ChannelKey::new(key)),
        id: None,
        pg_provider: KEY_PG.to_owned(),
        pg_merchant_id: key.to_owned(),
        is_test: true,
        is_simulated: true,
        secrets: std::collections::BTreeMap::new(),
        options: options
            .iter()
            .chain([&"order_id_inquiry"])
            .map(|name| ((*name).to_owned(), "true".to_owned()))
            .collect(),
    };
    app.engine.put_channel(new).await.expect("a channel");
}

async fn key_group(app: &TestApp) -> ChannelGroupId {
    for key in ["channel-key-1", "channel-key-2"] {
        key_channel(app, key, &[]).await;
    }
    let route = |key: &str| Route {
        channel: ChannelKey::new(key),
        weight: 50,
        is_on: true,
    };
    let new = NewChannelGroup {
        store_id: StoreId::new(MAIN.store_id),
        name: "keys".to_owned(),
        id: None,
        is_test: true,
        routes: vec![route("channel-key-1"), route("channel-key-2")],
        failover_tries_max: 0,
    };
    app.engine
        .create_channel_group(new)
        .await
        .expect("a group")
        .id
}

async fn issue(app: &TestApp, group: &ChannelGroupId) -> naru_testkit::Answer {
    let body = by_group(bodies::billing_key(), group);
    app.post("/billing-keys").json(&body).send().await
}

/// The body of an error of this type.
fn error(answer: naru_testkit::Answer, name: &str) -> Value {
    let body = answer.body.clone();
    answer.refused(502, name);
    body
}

fn channel_keys(channels: &Value) -> Vec<String> {
    let channels = channels.as_array().expect("a list");
    channels.iter().map(|one| text(&one["key"])).collect()
}

#[tokio::test]
async fn a_key_of_a_group_is_held_by_each_of_its_channels() {
    let app = app().await;
    let group = group(&app, &MAIN, [100, 0]).await;
    let issued = issue(&app, &group).await.ok();
    let info = &issued["billingKeyInfo"];
    assert_eq!(channel_keys(&info["channels"]), MAIN.channels);
    assert_eq!(issued["channelSpecificFailures"], json!([]));
    let key = text(&info["billingKey"]);
    let read = app.get(&format!("/billing-keys/{key}")).send().await.ok();
    assert_eq!(
        read["channelGroup"],
        json!({ "id": group.as_str(), "name": "both", "isForTest": true })
    );
    assert_eq!(channel_keys(&read["channels"]), MAIN.channels);
    assert_eq!(read["methods"].as_array().expect("a list").len(), 2);
    let responses = read["pgBillingKeyIssueResponses"]
        .as_array()
        .expect("a list");
    assert!(
        responses.iter().all(|one| one["type"] == "ISSUED"),
        "{responses:?}"
    );
    let charge = |id: &str, body: &Value| {
        app.post(&format!("/payments/{id}/billing-key"))
            .json(body)
            .send()
    };
    charge("s-1", &bodies::charge(&key)).await.ok();
    let paid = app.get("/payments/s-1").send().await.ok();
    assert_eq!(paid["channel"]["key"], MAIN.channels[0], "by the weights");
    assert_eq!(paid["channelGroup"]["id"], group.as_str());
    let named = with(bodies::charge(&key), "/channelKey", json!(MAIN.channels[1]));
    charge("s-2", &named).await.ok();
    let paid = app.get("/payments/s-2").send().await.ok();
    assert_eq!(paid["channel"]["key"], MAIN.channels[1]);
    assert_eq!(paid.get("channelGroup"), None);
    app.engine
        .delete_channel_group(&group)
        .await
        .expect("deleted");
    let answer = charge("s-3", &bodies::charge(&key)).await;
    answer.refused(404, "CHANNEL_NOT_FOUND");
}

#[tokio::test]
async fn keys_are_listed_by_group() {
    let app = app().await;
    let group = group(&app, &MAIN, [100, 0]).await;
    let issued = issue(&app, &group).await.ok();
    let key = text(&issued["billingKeyInfo"]["billingKey"]);
    crate::issue(&app).await;
    for (ids, expected) in [
        (json!([group.as_str()]), vec![key.clone()]),
        (json!([group.as_str(), "channel-group-test-x"]), vec![key]),
        (json!(["channel-group-test-x"]), Vec::new()),
    ] {
        let filter = json!({ "filter": { "channelGroupIds": ids } });
        let list = app.get("/billing-keys").json(&filter).send().await.ok();
        assert_eq!(sorted(&list, "billingKey"), expected);
    }
}

#[tokio::test]
async fn one_channel_that_fails_is_named_beside_the_key() {
    let app = app().await;
    let group = group(&app, &MAIN, [50, 50]).await;
    app.fault("issue_billing_key", "drop_before").await;
    let issued = issue(&app, &group).await.ok();
    let failures = issued["channelSpecificFailures"]
        .as_array()
        .expect("a list");
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0]["type"], "PG_PROVIDER");
    assert_eq!(failures[0]["pgCode"], "NARU_OUTCOME_UNKNOWN");
    let failed = text(&failures[0]["channel"]["key"]);
    let key = text(&issued["billingKeyInfo"]["billingKey"]);
    let read = app.get(&format!("/billing-keys/{key}")).send().await.ok();
    let held = channel_keys(&read["channels"]);
    assert_eq!(held.len(), 1);
    assert_ne!(held[0], failed);
    let responses = read["pgBillingKeyIssueResponses"]
        .as_array()
        .expect("a list");
    assert_eq!(responses.len(), 2);
    let types: Vec<_> = responses.iter().map(|one| text(&one["type"])).collect();
    assert!(types.contains(&"ISSUED".to_owned()) && types.contains(&"FAILED".to_owned()));
}

#[tokio::test]
async fn where_every_channel_fails_each_is_named() {
    let app = app().await;
    let group = group(&app, &MAIN, [50, 50]).await;
    let card = bodies::card_number("9000000000120014");
    let declined = with(bodies::billing_key(), "/method/card/credential", card);
    let body = by_group(declined, &group);
    let send = || {
        app.post("/billing-keys")
            .header("Idempotency-Key", "\"0123456789abcdef\"")
            .json(&body)
            .send()
    };
    let answer = error(send().await, "CHANNEL_SPECIFIC");
    let failures = answer["failures"].as_array().expect("a list");
    let codes: Vec<_> = failures.iter().map(|one| text(&one["pgCode"])).collect();
    assert_eq!(codes, ["120014", "120014"]);
    assert_eq!(answer["succeededChannels"], json!([]));
    assert_eq!(error(send().await, "CHANNEL_SPECIFIC"), answer);
    // A rule of the PG that the request breaks is told of as such.
    let body = with(
        by_group(bodies::billing_key(), &group),
        "/customer/phoneNumber",
        Value::Null,
    );
    let answer = app.post("/billing-keys").json(&body).send().await;
    let answer = error(answer, "CHANNEL_SPECIFIC");
    assert_eq!(answer["failures"][0]["type"], "INVALID_REQUEST");
    assert!(text(&answer["failures"][0]["message"]).contains("customer.phoneNumber"));
    // At one channel both are what they always were.
    let declined = with(body.clone(), "/channelKey", json!(MAIN.channels[1]));
    let answer = app.post("/billing-keys").json(&declined).send().await;
    answer.refused(400, "INVALID_REQUEST");
}

#[tokio::test]
async fn groups_that_are_not_there_are_not_found() {
    let app = app().await;
    let unknown = ChannelGroupId::new("channel-group-test-unknown");
    issue(&app, &unknown)
        .await
        .refused(404, "CHANNEL_NOT_FOUND");
    let none = with(bodies::billing_key(), "/channelKey", Value::Null);
    let answer = app.post("/billing-keys").json(&none).send().await;
    answer.refused_field("channelKey");
}

#[tokio::test]
async fn a_deletion_that_one_pg_refuses_names_both_and_can_be_repeated() {
    let app = app().await;
    let group = key_group(&app).await;
    let issued = issue(&app, &group).await.ok();
    let key = text(&issued["billingKeyInfo"]["billingKey"]);
    let path = format!("/billing-keys/{key}");
    key_channel(&app, "channel-key-1", &["refuses_delete"]).await;
    let answer = app.delete(&path).send().await;
    let answer = error(answer, "CHANNEL_SPECIFIC");
    assert_eq!(answer["failures"][0]["channel"]["key"], "channel-key-1");
    assert_eq!(answer["failures"][0]["pgCode"], "REFUSED");
    assert_eq!(
        channel_keys(&answer["succeededChannels"]),
        ["channel-key-2"]
    );
    let read = app.get(&path).send().await.ok();
    assert_eq!(read["status"], "ISSUED");
    assert_eq!(channel_keys(&read["channels"]), ["channel-key-1"]);
    key_channel(&app, "channel-key-1", &[]).await;
    app.delete(&path).send().await.ok();
    let read = app.get(&path).send().await.ok();
    assert_eq!(read["status"], "DELETED");
    assert_eq!(channel_keys(&read["channels"]).len(), 2);
    app.settle().await;
    assert_eq!(
        app.receiver.events(&key),
        ["BillingKey.Issued", "BillingKey.Deleted"]
    );
}

#[tokio::test]
async fn a_deletion_that_the_only_pg_refuses_is_its_error() {
    let app = app().await;
    key_channel(&app, "channel-key-1", &[]).await;
    let body = with(bodies::billing_key(), "/channelKey", json!("channel-key-1"));
    let issued = app.post("/billing-keys").json(&body).send().await.ok();
    let key = text(&issued["billingKeyInfo"]["billingKey"]);
    key_channel(&app, "channel-key-1", &["refuses_delete"]).await;
    let path = format!("/billing-keys/{key}");
    let send = || {
        app.delete(&path)
            .header("Idempotency-Key", "\"0123456789abcdef\"")
            .send()
    };
    let answer = error(send().await, "PG_PROVIDER");
    assert_eq!(answer["pgCode"], "REFUSED");
    key_channel(&app, "channel-key-1", &[]).await;
    assert_eq!(error(send().await, "PG_PROVIDER"), answer, "replayed");
    app.delete(&path).send().await.ok();
}
