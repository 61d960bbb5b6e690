//! Instant payments by channel group.

use naru_domain::routing::Route;
use naru_domain::{ChannelGroupId, ChannelKey, StoreId};
use naru_engine::admin::{ChannelGroupChange, NewChannelGroup};
use naru_testkit::{MAIN, OTHER, Tenant, TestApp, bodies};
use serde_json::{Value, json};

use crate::stores::every_store;
use crate::{app, with};

/// A group of a tenant's two channels.
pub async fn group(app: &TestApp, tenant: &Tenant, weights: [u8; 2]) -> ChannelGroupId {
    let made = app.engine.create_channel_group(new_group(tenant, weights));
    made.await.expect("a group").id
}

fn new_group(tenant: &Tenant, weights: [u8; 2]) -> NewChannelGroup {
    let route = |(key, weight): (&str, u8)| Route {
        channel: ChannelKey::new(key),
        weight,
        is_on: true,
    };
    NewChannelGroup {
        store_id: StoreId::new(tenant.store_id),
        name: "both".to_owned(),
        id: None,
        is_test: true,
        routes: tenant
            .channels
            .into_iter()
            .zip(weights)
            .map(route)
            .collect(),
        failover_tries_max: 0,
    }
}

async fn switch(app: &TestApp, group: &ChannelGroupId, channel: &str, is_on: bool) {
    let change = ChannelGroupChange {
        switches: vec![(ChannelKey::new(channel), is_on)],
        ..ChannelGroupChange::default()
    };
    let changed = app.engine.change_channel_group(group, change).await;
    changed.expect("a change");
}

/// A body with a group in place of the channel.
pub fn by_group(body: Value, group: &ChannelGroupId) -> Value {
    let body = with(body, "/channelKey", Value::Null);
    with(body, "/channelGroupId", json!(group.as_str()))
}

async fn pay(app: &TestApp, id: &str, body: &Value) -> naru_testkit::Answer {
    let path = format!("/payments/{id}/instant");
    app.post(&path).json(body).send().await
}

#[tokio::test]
async fn a_payment_shows_the_channel_that_was_drawn_and_the_group() {
    let app = app().await;
    let group = group(&app, &MAIN, [0, 100]).await;
    let summary = json!({ "id": group.as_str(), "name": "both", "isForTest": true });
    for (id, body) in [
        ("g-1", bodies::card_payment()),
        ("g-2", bodies::virtual_account()),
    ] {
        pay(&app, id, &by_group(body, &group)).await.ok();
        let read = app.get(&format!("/payments/{id}")).send().await.ok();
        assert_eq!(read["channel"]["key"], MAIN.channels[1]);
        assert_eq!(read["channelGroup"], summary);
        let path = format!("/payments/{id}/transactions");
        let transactions = app.get(&path).send().await.ok();
        assert_eq!(transactions["items"][0]["channelGroup"], summary);
    }
    app.settle().await;
    let events = app.get("/payment-events-by-cursor").send().await.ok();
    let event = &events["items"][0]["paymentEvent"];
    assert_eq!(event["channelGroup"], summary);
    let list = app.get("/payments").send().await.ok();
    assert_eq!(list["items"][0]["channelGroup"], summary);
    // With both, the channel counts, and no group is shown.
    let both = with(
        by_group(bodies::card_payment(), &group),
        "/channelKey",
        json!(MAIN.channels[0]),
    );
    pay(&app, "g-3", &both).await.ok();
    let read = app.get("/payments/g-3").send().await.ok();
    assert_eq!(read["channel"]["key"], MAIN.channels[0]);
    assert_eq!(read.get("channelGroup"), None);
}

#[tokio::test]
async fn a_declined_payment_shows_them_as_well() {
    let app = app().await;
    let group = group(&app, &MAIN, [100, 0]).await;
    let card = bodies::card_number("9000000000120054");
    let body = with(bodies::card_payment(), "/method/card/credential", card);
    let answer = pay(&app, "g-1", &by_group(body, &group)).await;
    answer.refused(502, "PG_PROVIDER");
    let read = app.get("/payments/g-1").send().await.ok();
    assert_eq!(
        (&read["status"], &read["channel"]["key"]),
        (&json!("FAILED"), &json!(MAIN.channels[0]))
    );
    assert_eq!(read["channelGroup"]["id"], group.as_str());
}

#[tokio::test]
async fn groups_that_are_not_there_are_not_found() {
    let app = app().await;
    let own = group(&app, &MAIN, [50, 50]).await;
    let foreign = group(&app, &OTHER, [50, 50]).await;
    let unknown = ChannelGroupId::new("channel-group-test-unknown");
    let mut bodies_seen = Vec::new();
    for id in [&foreign, &unknown] {
        let body = by_group(bodies::card_payment(), id);
        let answer = pay(&app, "g-1", &body).await;
        bodies_seen.push(answer.refused(404, "CHANNEL_NOT_FOUND"));
    }
    assert_eq!(bodies_seen[0], bodies_seen[1], "no difference to tell (P9)");
    for channel in MAIN.channels {
        switch(&app, &own, channel, false).await;
    }
    let body = by_group(bodies::card_payment(), &own);
    pay(&app, "g-1", &body)
        .await
        .refused(404, "CHANNEL_NOT_FOUND");
    switch(&app, &own, MAIN.channels[1], true).await;
    pay(&app, "g-1", &body).await.ok();
    app.engine
        .delete_channel_group(&own)
        .await
        .expect("deleted");
    pay(&app, "g-2", &body)
        .await
        .refused(404, "CHANNEL_NOT_FOUND");
    app.get("/payments/g-2")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
}

#[tokio::test]
async fn a_group_wants_what_any_of_its_pgs_might_want() {
    let app = app().await;
    let group = group(&app, &MAIN, [50, 50]).await;
    let body = by_group(bodies::card_payment(), &group);
    for (pointer, field) in [
        ("/customer/name", "customer.name"),
        ("/customer/phoneNumber", "customer.phoneNumber"),
        ("/customer/email", "customer.email"),
        ("/customer", "customer.name"),
    ] {
        let body = with(body.clone(), pointer, Value::Null);
        pay(&app, "g-1", &body).await.refused_field(field);
    }
    for (value, expected) in [(json!(""), 400), (json!(1), 400), (json!("x\0y"), 400)] {
        let body = with(body.clone(), "/channelGroupId", value);
        let answer = pay(&app, "g-1", &body).await;
        answer.refused(expected, "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn a_replay_does_not_draw_again() {
    let app = app().await;
    let group = group(&app, &MAIN, [100, 0]).await;
    let body = by_group(bodies::card_payment(), &group);
    let send = || {
        app.post("/payments/g-1/instant")
            .header("Idempotency-Key", "\"0123456789abcdef\"")
            .json(&body)
            .send()
    };
    let first = send().await.ok();
    // The other channel, if it were drawn again.
    switch(&app, &group, MAIN.channels[0], false).await;
    assert_eq!(send().await.ok(), first);
    let transactions = app.get("/payments/g-1/transactions").send().await.ok();
    assert_eq!(transactions["items"].as_array().expect("a list").len(), 1);
    assert_eq!(app.captures().await, [1000]);
}

#[tokio::test]
async fn every_store_keeps_groups_and_unique_names() {
    for on in every_store().await {
        let app = &on.app;
        let first = group(app, &MAIN, [0, 100]).await;
        let again = app
            .engine
            .create_channel_group(new_group(&MAIN, [50, 50]))
            .await;
        let message = again.expect_err("the name is taken").to_string();
        assert!(message.contains("names are unique"), "{message}");
        // The same name in another store is another name.
        group(app, &OTHER, [50, 50]).await;
        let body = by_group(bodies::card_payment(), &first);
        pay(app, "g-1", &body).await.ok();
        let read = app.get("/payments/g-1").send().await.ok();
        assert_eq!(read["channelGroup"]["id"], first.as_str());
        let issue = by_group(bodies::billing_key(), &first);
        let issued = app.post("/billing-keys").json(&issue).send().await.ok();
        let channels = issued["billingKeyInfo"]["channels"].as_array();
        assert_eq!(channels.expect("a list").len(), 2);
        let filter = json!({ "filter": { "channelGroupIds": [first.as_str()] } });
        let list = app.get("/billing-keys").json(&filter).send().await.ok();
        assert_eq!(list["page"]["totalCount"], 1);
        let rename = |name: &str| ChannelGroupChange {
            name: Some(name.to_owned()),
            ..ChannelGroupChange::default()
        };
        let renamed = app.engine.change_channel_group(&first, rename("others"));
        renamed.await.expect("renamed");
        let second = group(app, &MAIN, [50, 50]).await;
        let taken = app.engine.change_channel_group(&first, rename("both"));
        taken.await.expect_err("the name is taken");
        let deleted = app.engine.delete_channel_group(&second);
        deleted.await.expect("deleted");
        let renamed = app.engine.change_channel_group(&first, rename("both"));
        renamed.await.expect("the name is free again");
        let store = StoreId::new(MAIN.store_id);
        let left = app.engine.channel_groups(&store).await.expect("a list");
        assert_eq!(left.len(), 1);
    }
}
