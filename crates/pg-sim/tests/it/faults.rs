//! Faults and magic cards: what is in the books against what is answered.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{CARD_HASH, GOOD_CARD, Pg, card_fields, signed_form, text};

async fn order(pg: &Pg, fault: Value) {
    let reply = pg.post("/faults", fault).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{:?}", reply.text);
}

fn pay_form(order: &str) -> String {
    signed_form(&card_fields(order, "1000", GOOD_CARD), &CARD_HASH)
}

/// Kind, whether the books have the payment afterwards, whether there is an answer at all.
const KINDS: [(&str, bool, bool); 8] = [
    ("late", true, true),
    ("drop_before", false, false),
    ("drop_after", true, false),
    ("http_500", false, true),
    ("garbage", true, true),
    ("wrong_amount", true, true),
    ("timeout_before", false, false),
    ("timeout_after", true, false),
];

#[tokio::test]
async fn every_kind_acts_or_not_as_it_says() {
    for (kind, booked, answered) in KINDS {
        let pg = Pg::memory();
        order(
            &pg,
            json!({ "pg": "inicis", "operation": "pay_card", "kind": kind }),
        )
        .await;
        let reply = pg.form("formpay", pay_form("order1")).await;
        assert_eq!(reply.text.is_ok(), answered, "{kind}");
        let row = pg.row("order1").await;
        assert_eq!(row["state"] == "APPROVED", booked, "{kind}: {row}");
        assert_eq!(pg.get("/faults").await["faults"], json!([]), "{kind}");
        // The next call is not touched.
        let next = pg.pay("order2", "1000", GOOD_CARD).await;
        assert_eq!(text(&next, "price"), "1000", "{kind}");
    }
}

#[tokio::test]
async fn an_unreadable_answer_is_not_json_and_an_error_is_500() {
    let pg = Pg::memory();
    order(
        &pg,
        json!({ "operation": "*", "kind": "garbage", "acts": false }),
    )
    .await;
    let reply = pg.form("formpay", pay_form("order1")).await;
    assert!(serde_json::from_str::<Value>(&reply.text.unwrap()).is_err());
    assert!(pg.row("order1").await.is_null());
    order(
        &pg,
        json!({ "operation": "*", "kind": "http_500", "acts": true }),
    )
    .await;
    let reply = pg.form("formpay", pay_form("order1")).await;
    assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(pg.row("order1").await["state"], "APPROVED");
}

#[tokio::test]
async fn a_decline_has_its_code_and_is_booked() {
    let pg = Pg::memory();
    order(
        &pg,
        json!({ "operation": "pay_card", "kind": "decline", "code": "120054" }),
    )
    .await;
    let declined = pg.pay("order1", "1000", GOOD_CARD).await;
    assert!(text(&declined, "resultMsg").starts_with("[120054]"));
    assert_eq!(pg.row("order1").await["state"], "DECLINED");
    let paid = pg.pay("order2", "1000", GOOD_CARD).await;
    order(
        &pg,
        json!({ "operation": "refund", "kind": "decline", "code": "500628" }),
    )
    .await;
    let data = json!({ "tid": paid["tid"], "msg": "x" });
    let refused = pg.v2("refund", "refund", &data).await;
    assert_eq!(text(&refused, "detailResultCode"), "500628");
    assert_eq!(pg.row("order2").await["cancelledAmount"], 0);
    assert_eq!(
        text(&pg.v2("refund", "refund", &data).await, "resultCode"),
        "00"
    );
}

#[tokio::test]
async fn a_lost_refund_answer_is_a_refund_in_the_books() {
    let pg = Pg::memory();
    let paid = pg.pay("order1", "1000", GOOD_CARD).await;
    let matching = json!({ "orderId": "order1", "mid": "INIpayTest", "amount": 1000 });
    order(
        &pg,
        json!({ "operation": "refund", "kind": "drop_after", "match": matching }),
    )
    .await;
    let data = json!({ "tid": paid["tid"], "msg": "x" });
    assert!(pg.v2_reply("refund", "refund", &data).await.text.is_err());
    assert_eq!(pg.row("order1").await["state"], "CANCELLED");
}

#[tokio::test]
async fn a_fault_with_a_match_waits_for_its_order() {
    let pg = Pg::memory();
    let matching = json!({ "orderId": "order2" });
    order(
        &pg,
        json!({ "operation": "*", "kind": "drop_before", "match": matching }),
    )
    .await;
    assert_eq!(
        text(&pg.pay("order1", "1000", GOOD_CARD).await, "resultCode"),
        "00"
    );
    assert!(pg.form("formpay", pay_form("order2")).await.text.is_err());
    assert_eq!(
        text(&pg.pay("order2", "1000", GOOD_CARD).await, "resultCode"),
        "00"
    );
}

#[tokio::test]
async fn a_wrong_call_uses_no_fault_up() {
    let pg = Pg::memory();
    order(
        &pg,
        json!({ "operation": "*", "kind": "drop_before", "times": 2 }),
    )
    .await;
    let refused = pg
        .form(
            "formpay",
            pay_form("order1").replace("price=1000", "price=1"),
        )
        .await;
    assert!(text(&refused.json(), "resultMsg").starts_with("[550632]"));
    assert_eq!(pg.get("/faults").await["faults"][0]["timesLeft"], 2);
    let cleared = pg
        .control(Method::DELETE, "/faults", &Value::Null)
        .await
        .json();
    assert_eq!(cleared, json!({ "cleared": 1 }));
}

#[tokio::test]
async fn magic_cards_that_lose_the_answer_do_or_do_not_capture() {
    let pg = Pg::memory();
    for (card, booked) in [
        ("9000000000000001", true),
        ("9000000000000002", false),
        ("9000000000000003", true),
    ] {
        let form = signed_form(&card_fields(card, "1000", card), &CARD_HASH);
        assert!(pg.form("formpay", form).await.text.is_err(), "{card}");
        assert_eq!(pg.row(card).await["state"] == "APPROVED", booked, "{card}");
    }
    let paid = pg.pay("order1", "1000", "9000000000000005").await;
    assert_eq!(text(&paid, "resultCode"), "00");
    assert_eq!(pg.get("/books").await["calls"], 4);
}

#[tokio::test]
async fn a_fault_that_makes_no_sense_is_refused_with_its_field() {
    let pg = Pg::memory();
    for (body, field) in [
        (json!({ "kind": "late" }), "operation"),
        (json!({ "operation": "pay_card" }), "kind"),
        (json!({ "operation": "pay", "kind": "late" }), "operation"),
        (json!({ "operation": "*", "kind": "slow" }), "kind"),
        (
            json!({ "operation": "*", "kind": "late", "times": 0 }),
            "times",
        ),
        (
            json!({ "operation": "*", "kind": "late", "times": 1.5 }),
            "times",
        ),
        (
            json!({ "operation": "*", "kind": "late", "delayMs": -1 }),
            "delayMs",
        ),
        (
            json!({ "operation": "*", "kind": "garbage", "delayMs": 1 }),
            "delayMs",
        ),
        (
            json!({ "operation": "*", "kind": "late", "code": "120049" }),
            "code",
        ),
        (
            json!({ "operation": "*", "kind": "decline", "code": "no code" }),
            "code",
        ),
        (
            json!({ "operation": "*", "kind": "late", "acts": true }),
            "acts",
        ),
        (
            json!({ "operation": "refund", "kind": "wrong_amount" }),
            "kind",
        ),
        (
            json!({ "operation": "*", "kind": "late", "match": { "order": "x" } }),
            "match.order",
        ),
        (
            json!({ "operation": "*", "kind": "late", "match": [] }),
            "match",
        ),
        (
            json!({ "operation": "*", "kind": "late", "time": 1 }),
            "time",
        ),
        (
            json!({ "pg": "toss", "operation": "*", "kind": "late" }),
            "pg",
        ),
        (json!([]), "body"),
    ] {
        let reply = pg.post("/faults", body.clone()).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}");
        let answer = reply.json();
        assert!(text(&answer, "error").contains(field), "{body}: {answer}");
        assert!(!text(&answer, "hint").is_empty());
    }
    assert_eq!(pg.get("/faults").await["faults"], json!([]));
}
