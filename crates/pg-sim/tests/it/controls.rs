//! The controls: clock, books, registrations, and the words for bad input.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{GOOD_CARD, Pg, text};

#[tokio::test]
async fn the_clock_moves_the_stamps() {
    let pg = Pg::memory();
    let moved = pg
        .post("/clock", json!({ "set": "2027-03-01T08:59:59+09:00" }))
        .await
        .json();
    assert!(text(&moved, "now").starts_with("2027-03-01T08:59:59"));
    assert_eq!(moved["followers"], json!([]));
    let paid = pg.pay("order1", "1000", GOOD_CARD).await;
    assert_eq!(text(&paid, "payDate"), "20270301");
    assert!(text(&paid, "tid").starts_with("INIAPICARDINIpayTest2027030"));
    let before = moved["offsetMs"].as_i64().unwrap();
    let moved = pg
        .post("/clock", json!({ "advance": "P1DT1H" }))
        .await
        .json();
    let by = moved["offsetMs"].as_i64().unwrap() - before;
    assert!((by - 90_000_000).abs() < 1000, "{by}");
    assert_eq!(pg.get("/clock").await["offsetMs"], moved["offsetMs"]);
}

#[tokio::test]
async fn a_bad_clock_move_is_refused() {
    let pg = Pg::memory();
    for (body, field) in [
        (json!({}), "advance"),
        (json!({ "advance": "soon" }), "advance"),
        (json!({ "advance": 3600 }), "advance"),
        (json!({ "set": "2027-03-01 08:59" }), "set"),
        (json!({ "set": "1970-01-01T00:00:00Z" }), "2000"),
        (
            json!({ "set": "2027-03-01T00:00:00Z", "advance": "PT1H" }),
            "both",
        ),
        (json!({ "to": "2027" }), "to"),
    ] {
        let reply = pg.post("/clock", body.clone()).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(
            text(&reply.json(), "error").contains(field),
            "{body}: {:?}",
            reply.text
        );
    }
    assert_eq!(pg.get("/clock").await["offsetMs"], 0);
}

#[tokio::test]
async fn the_books_can_be_filtered_and_count_calls() {
    let pg = Pg::memory();
    for order in ["order1", "order2"] {
        pg.pay(order, "1000", GOOD_CARD).await;
    }
    let books = pg.get("/books?pg=inicis").await;
    assert_eq!(books["transactions"].as_array().unwrap().len(), 2);
    assert_eq!(books["calls"], 2);
    assert_eq!(pg.row("order2").await["orderId"], "order2");
    for (query, field) in [("pg=toss", "pg"), ("order=1", "order")] {
        let reply = pg
            .control(Method::GET, &format!("/books?{query}"), &Value::Null)
            .await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST);
        assert!(text(&reply.json(), "error").contains(field));
    }
}

#[tokio::test]
async fn a_registration_is_kept_and_answered_with_the_offset() {
    let pg = Pg::memory();
    pg.post("/clock", json!({ "advance": "PT1H" })).await;
    let body = json!({ "noticeUrl": "http://127.0.0.1:1/notice", "mids": ["INIpayTest"] });
    let registered = pg
        .control(Method::PUT, "/registrations/naru-1", &body)
        .await
        .json();
    let offset = registered["offsetMs"].as_i64().unwrap();
    assert!((offset - 3_600_000).abs() < 1000);
    let all = pg.get("/registrations").await;
    assert_eq!(all["registrations"][0]["name"], "naru-1");
    let removed = pg
        .control(Method::DELETE, "/registrations/naru-1", &Value::Null)
        .await;
    assert_eq!(removed.status, StatusCode::OK);
    let removed = pg
        .control(Method::DELETE, "/registrations/naru-1", &Value::Null)
        .await;
    assert_eq!(removed.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_bad_registration_is_refused() {
    let pg = Pg::memory();
    for (name, body, field) in [
        ("a%20b", json!({}), "name"),
        (
            "a",
            json!({ "noticeUrl": "https://shop.example.com/" }),
            "noticeUrl",
        ),
        ("a", json!({ "clockUrl": "/clock" }), "clockUrl"),
        ("a", json!({ "mids": ["nobody0000"] }), "mids"),
        ("a", json!({ "mids": "INIpayTest" }), "mids"),
        (
            "a",
            json!({ "noticeURL": "http://127.0.0.1/" }),
            "noticeURL",
        ),
    ] {
        let reply = pg
            .control(Method::PUT, &format!("/registrations/{name}"), &body)
            .await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(
            text(&reply.json(), "error").contains(field),
            "{body}: {:?}",
            reply.text
        );
    }
    assert_eq!(pg.get("/registrations").await["registrations"], json!([]));
}

#[tokio::test]
async fn a_bad_deposit_is_refused() {
    let pg = Pg::memory();
    let issued = pg.issue_account("order1", "1000").await;
    let path = format!("/virtual-accounts/{}/deposit", text(&issued, "vacct"));
    for body in [
        json!({ "amount": 0 }),
        json!({ "amount": "1000" }),
        json!({ "amonut": 1 }),
    ] {
        let reply = pg.post(&path, body.clone()).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let reply = pg.post("/virtual-accounts/123/deposit", json!({})).await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    assert_eq!(pg.row("order1").await["depositedAmount"], 0);
}

#[tokio::test]
async fn a_phone_without_a_message_has_no_password() {
    let pg = Pg::memory();
    let reply = pg
        .control(Method::GET, "/otp?phone=01012345678", &Value::Null)
        .await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    assert!(text(&reply.json(), "error").contains("no one-time password"));
    assert_eq!(pg.get("/health").await["status"], "ok");
}

#[tokio::test]
async fn the_index_page_shows_the_latest_transactions() {
    let pg = Pg::memory();
    pg.pay("order<1>", "1234567", GOOD_CARD).await;
    let page = pg
        .control(Method::GET, "/", &Value::Null)
        .await
        .text
        .unwrap();
    for part in [
        "1,234,567",
        "order&lt;1&gt;",
        "APPROVED",
        "9000 0000 0000 0005",
        "최근 거래",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<script"));
}

#[tokio::test]
async fn the_load_tells_how_many_calls_were_under_way_at_once() {
    let pg = Pg::memory();
    assert_eq!(pg.get("/load").await, json!({ "operations": [] }));
    let late = json!({ "operation": "pay_card", "kind": "late", "times": 3 });
    pg.post("/faults", late).await;
    let (.., meanwhile) = tokio::join!(
        pg.pay("order1", "1000", GOOD_CARD),
        pg.pay("order2", "1000", GOOD_CARD),
        pg.pay("order3", "1000", GOOD_CARD),
        pg.get("/load"),
    );
    let of_cards = |calls: u64, under_way: u64, under_way_max: u64| {
        json!({ "operations": [{ "operation": "pay_card", "calls": calls,
            "underWay": under_way, "underWayMax": under_way_max }] })
    };
    assert_eq!(meanwhile, of_cards(3, 3, 3));
    pg.pay("order4", "1000", GOOD_CARD).await;
    assert_eq!(pg.get("/load").await, of_cards(4, 0, 3));
    let reset = pg.control(Method::DELETE, "/load", &Value::Null).await;
    assert_eq!(reset.json(), of_cards(0, 0, 0));
    pg.pay("order5", "1000", GOOD_CARD).await;
    assert_eq!(pg.get("/load").await, of_cards(1, 0, 1));
}
