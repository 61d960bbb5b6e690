//! `getAllPaymentEventsByCursor`: money in and out, as a ledger.

use naru_testkit::{MAIN, OTHER, SUB, TestApp, bodies};
use serde_json::{Value, json};

use crate::stores::every_store;
use crate::{app, text, with};

const PATH: &str = "/payment-events-by-cursor";

async fn events(app: &TestApp, body: Value) -> Vec<Value> {
    let list = app.get(PATH).json(&body).send().await.ok();
    let items = list["items"].as_array().expect("items");
    items
        .iter()
        .map(|item| item["paymentEvent"].clone())
        .collect()
}

async fn pay(app: &TestApp, id: &str, body: &Value) {
    let path = format!("/payments/{id}/instant");
    app.post(&path).json(body).send().await;
}

async fn cancel(app: &TestApp, id: &str, amount: i64) -> Value {
    let body = json!({"amount": amount, "reason": "test"});
    let path = format!("/payments/{id}/cancel");
    app.post(&path).json(&body).send().await.ok()["cancellation"].clone()
}

/// Type, payment, amount, what had been given back by then.
fn line(event: &Value) -> (String, String, i64, i64) {
    let int = |value: &Value| value.as_i64().expect("an integer");
    (
        text(&event["type"]),
        text(&event["paymentId"]),
        int(&event["eventAmount"]),
        int(&event["totalAmount"]["cancelled"]),
    )
}

#[tokio::test]
async fn money_in_and_out_is_one_event_each_and_nothing_else_is() {
    let app = app().await;
    pay(&app, "p-1", &bodies::card_payment()).await;
    let first = cancel(&app, "p-1", 400).await;
    let last = cancel(&app, "p-1", 600).await;
    // No money moves in these: an account is issued, a card is declined.
    pay(&app, "p-2", &bodies::virtual_account()).await;
    let declined = bodies::card_number("9000000000120049");
    let declined = with(bodies::card_payment(), "/method/card/credential", declined);
    pay(&app, "p-3", &declined).await;
    app.settle().await;
    let found = events(&app, json!({})).await;
    let lines: Vec<_> = found.iter().map(line).collect();
    let want =
        |kind: &str, amount, cancelled| (kind.to_owned(), "p-1".to_owned(), amount, cancelled);
    assert_eq!(
        lines,
        [
            want("PAID", 1_000, 0),
            want("PARTIAL_CANCELLED", -400, 400),
            want("CANCELLED", -600, 1_000),
        ]
    );
    let payment = app.get("/payments/p-1").send().await.ok();
    assert_eq!(found[0]["id"], payment["transactionId"]);
    assert_eq!(found[0]["transactionId"], payment["transactionId"]);
    assert_eq!(found[0]["disputes"], json!([]));
    assert_eq!(found[0]["requestedAt"], payment["requestedAt"]);
    assert!(found[0].get("cancellation").is_none());
    for (event, cancellation) in [(&found[1], &first), (&found[2], &last)] {
        assert_eq!(event["id"], cancellation["id"]);
        assert_eq!(event["cancellation"]["id"], cancellation["id"]);
        assert_eq!(
            event["cancellation"]["totalAmount"],
            cancellation["totalAmount"]
        );
    }
}

#[tokio::test]
async fn a_deposit_is_the_event_of_a_virtual_account() {
    let app = app().await;
    pay(&app, "va", &bodies::virtual_account()).await;
    app.settle().await;
    assert!(events(&app, json!({})).await.is_empty());
    let read = app.get("/payments/va").send().await.ok();
    app.deposit(&text(&read["method"]["accountNumber"])).await;
    app.settle().await;
    let found = events(&app, json!({})).await;
    assert_eq!(found.len(), 1);
    assert_eq!(line(&found[0]).0, "PAID");
    assert_eq!(found[0]["eventAmount"], read["amount"]["total"]);
}

#[tokio::test]
async fn a_walk_meets_each_event_once_whatever_is_written_between_pages() {
    for on in every_store().await {
        let app = &on.app;
        for n in 0..4 {
            pay(app, &format!("p-{n}"), &bodies::card_payment()).await;
        }
        app.settle().await;
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        let mut round: usize = 0;
        loop {
            let body = json!({"size": 1, "cursor": cursor});
            let list = app.get(PATH).json(&body).send().await.ok();
            let Some(item) = list["items"].get(0) else {
                break;
            };
            cursor = text(&item["cursor"]);
            let (kind, id, amount, _) = line(&item["paymentEvent"]);
            seen.push(format!("{kind} {id} {amount}"));
            if round < 4 {
                // Of a payment that was passed, and of one that was not yet met.
                cancel(app, &format!("p-{}", 3 - round), 100).await;
                app.settle().await;
            }
            round += 1;
        }
        let paid = (0..4).map(|n| format!("PAID p-{n} 1000"));
        let back = (0..4).map(|n| format!("PARTIAL_CANCELLED p-{} -100", 3 - n));
        let all: Vec<String> = paid.chain(back).collect();
        assert_eq!(seen, all, "{}", app.engine.store().name());
    }
}

#[tokio::test]
async fn events_of_all_stores_of_the_merchant_unless_one_is_named() {
    let app = app().await;
    pay(&app, "m-1", &bodies::card_payment()).await;
    for (secret, id) in [(SUB.secret, "s-1"), (OTHER.secret, "o-1")] {
        let mut body = bodies::card_payment();
        if secret == OTHER.secret {
            body["channelKey"] = json!(OTHER.channels[0]);
        }
        let path = format!("/payments/{id}/instant");
        let call = app.post(&path).secret(secret).json(&body);
        call.send().await.ok();
    }
    pay(&app, "m-2", &bodies::card_payment()).await;
    app.settle().await;
    let ids = async |secret: &str, body: Value| {
        let list = app.get(PATH).secret(secret).json(&body).send().await.ok();
        let items = list["items"].as_array().expect("items").clone();
        let ids = items
            .iter()
            .map(|item| text(&item["paymentEvent"]["paymentId"]));
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids(MAIN.secret, json!({})).await, ["m-1", "s-1", "m-2"]);
    let named = json!({"storeId": MAIN.store_id});
    assert_eq!(ids(MAIN.secret, named).await, ["m-1", "m-2"]);
    assert_eq!(ids(SUB.secret, json!({})).await, ["s-1"]);
    assert_eq!(ids(OTHER.secret, json!({})).await, ["o-1"]);
    let call = app.get(PATH).secret(SUB.secret);
    let foreign = json!({"storeId": MAIN.store_id});
    call.json(&foreign).send().await.refused(403, "FORBIDDEN");
    let call = app.get(PATH).anonymous();
    call.send().await.refused(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn events_are_listed_by_when_they_were_recorded() {
    let app = app().await;
    pay(&app, "p-1", &bodies::card_payment()).await;
    app.settle().await;
    app.move_clock_s(91 * 86_400).await;
    cancel(&app, "p-1", 1_000).await;
    app.settle().await;
    let kinds = async |body: Value| {
        let found = events(&app, body).await;
        found.iter().map(|event| line(event).0).collect::<Vec<_>>()
    };
    assert_eq!(kinds(json!({})).await, ["CANCELLED"]);
    let until = app.now().plus_seconds(-2 * 86_400).to_string();
    assert_eq!(kinds(json!({ "until": until })).await, ["PAID"]);
    let from = app.now().plus_seconds(-92 * 86_400).to_string();
    assert_eq!(kinds(json!({ "from": from })).await, ["PAID", "CANCELLED"]);
}

#[tokio::test]
async fn what_came_in_shows_its_disputes_as_they_are_now() {
    let app = app().await;
    pay(&app, "p-1", &bodies::card_payment()).await;
    let store = naru_domain::StoreId::new(MAIN.store_id);
    let payment = naru_domain::PaymentId::new("p-1");
    let new = naru_engine::admin::NewDispute {
        pg_dispute_id: Some("d-1".to_owned()),
        reason: "not received".to_owned(),
        created_at: None,
    };
    let opened = app.engine.open_dispute((&store, &payment), new).await;
    opened.expect("a dispute");
    app.settle().await;
    let shown = app.get("/payments/p-1").send().await.ok()["disputes"].clone();
    assert_eq!(shown[0]["status"], "UNRESOLVED");
    assert_eq!(events(&app, json!({})).await[0]["disputes"], shown);
    let ended = app.engine.resolve_dispute((&store, &payment), (None, None));
    ended.await.expect("an end");
    let shown = app.get("/payments/p-1").send().await.ok()["disputes"].clone();
    assert_eq!(shown[0]["status"], "RESOLVED");
    assert_eq!(events(&app, json!({})).await[0]["disputes"], shown);
    // Of money that went back it is no field, but of what came in it stays one.
    cancel(&app, "p-1", 1_000).await;
    app.settle().await;
    let found = events(&app, json!({})).await;
    assert_eq!(found[0]["disputes"], shown);
    assert!(found[1].get("disputes").is_none());
    let cancelled = app.get("/payments/p-1").send().await.ok();
    assert!(cancelled.get("disputes").is_none());
}
