//! Settlement files, and what happens at the PG's own console.

use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use serde_json::json;
use tower::ServiceExt as _;

use crate::support::{Directory, GOOD_CARD, MID, Pg, text};

async fn bytes(pg: &Pg, query: &str) -> Vec<u8> {
    let request = Request::get(format!("/settlements?{query}"))
        .body(Body::empty())
        .unwrap();
    let response = pg.sim.router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    body.to_vec()
}

async fn on_the_fifteenth(pg: &Pg) {
    let noon = json!({ "set": "2027-01-15T12:00:00+09:00" });
    pg.post("/clock", noon).await;
}

#[tokio::test]
async fn what_was_paid_is_settled_on_the_next_day_less_the_fee() {
    let pg = Pg::memory();
    on_the_fifteenth(&pg).await;
    let paid = pg.pay("order1", "11000", GOOD_CARD).await;
    let tid = text(&paid, "tid");
    let csv = bytes(&pg, "pg=inicis&date=2027-01-16&format=csv").await;
    let csv = String::from_utf8(csv).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 2, "{csv}");
    let start = format!("APPROVAL,{tid},order1,,2027-01-15T12:00:");
    assert!(lines[1].starts_with(&start), "{}", lines[1]);
    assert!(
        lines[1].ends_with(",2027-01-16,CARD,KRW,11000,,,275,28,N,0,상품"),
        "{}",
        lines[1]
    );
    for other in ["date=2027-01-15", "date=2027-01-16&mid=INIBillTst"] {
        let none = bytes(&pg, &format!("{other}&format=csv")).await;
        assert_eq!(String::from_utf8(none).unwrap().lines().count(), 1);
    }
}

#[tokio::test]
async fn cancellations_give_back_exactly_the_fee() {
    let pg = Pg::memory();
    on_the_fifteenth(&pg).await;
    let paid = pg.pay("order1", "1010", GOOD_CARD).await;
    let tid = text(&paid, "tid");
    for amount in [333, 333, 344] {
        let body = json!({ "pgTxId": tid, "amount": amount });
        let done = pg.post("/console/cancel", body).await;
        assert_eq!(done.status, StatusCode::OK, "{:?}", done.text);
    }
    assert_eq!(pg.row("order1").await["state"], "CANCELLED");
    let csv = bytes(&pg, "date=20270116&format=csv").await;
    let csv = String::from_utf8(csv).unwrap();
    let (mut fees, mut taxes) = (0, 0);
    for line in csv.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        fees += cells[11].parse::<i64>().unwrap();
        taxes += cells[12].parse::<i64>().unwrap();
    }
    assert_eq!((csv.lines().count(), fees, taxes), (5, 0, 0), "{csv}");
}

#[tokio::test]
async fn the_guessed_file_is_euc_kr_with_a_line_of_sums() {
    let pg = Pg::memory();
    on_the_fifteenth(&pg).await;
    pg.pay("order1", "11000", GOOD_CARD).await;
    let file = bytes(&pg, "date=2027-01-16").await;
    assert!(std::str::from_utf8(&file).is_err());
    let (file, _, is_wrong) = encoding_rs::EUC_KR.decode(&file);
    assert!(!is_wrong);
    assert!(file.starts_with("구분,거래번호"), "{file}");
    assert!(
        file.ends_with("\r\n합계,1,,,,,,,,,,,,10697,,,\r\n"),
        "{file}"
    );
}

#[tokio::test]
async fn an_account_is_settled_once_money_has_come_and_keeps_its_fee() {
    let pg = Pg::memory();
    on_the_fifteenth(&pg).await;
    let issued = pg.issue_account("order1", "11000").await;
    let path = "date=2027-01-16&format=csv";
    let lines = async || String::from_utf8(bytes(&pg, path).await).unwrap();
    assert_eq!(lines().await.lines().count(), 1);
    let number = text(&issued, "vacct");
    pg.post(&format!("/virtual-accounts/{number}/deposit"), json!({}))
        .await;
    pg.post("/console/cancel", json!({ "pgTxId": text(&issued, "tid") }))
        .await;
    let file = lines().await;
    assert_eq!(file.lines().count(), 3, "{file}");
    assert!(
        file.contains(",VIRTUAL_ACCOUNT,KRW,11000,,,300,30,"),
        "{file}"
    );
    assert!(file.contains("\nCANCEL,"), "{file}");
    assert!(file.contains(",VIRTUAL_ACCOUNT,KRW,11000,,,0,0,"), "{file}");
}

#[tokio::test]
async fn what_the_console_cannot_do_is_refused_in_words() {
    let pg = Pg::memory();
    let paid = pg.pay("order1", "1000", GOOD_CARD).await;
    let tid = text(&paid, "tid");
    for (path, body, status, word) in [
        ("/console/cancel", json!({}), 400, "pgTxId"),
        ("/console/cancel", json!({"pgTxId": "x"}), 404, "x"),
        (
            "/console/cancel",
            json!({"pgTxId": tid, "amount": 1001}),
            400,
            "cancelled",
        ),
        ("/console/forget", json!({"pgTxId": "x"}), 404, "x"),
        ("/console/forget", json!({"tid": "x"}), 400, "pgTxId"),
    ] {
        let reply = pg.post(path, body.clone()).await;
        assert_eq!(reply.status.as_u16(), status, "{path} {body}");
        assert!(text(&reply.json(), "error").contains(word), "{path} {body}");
    }
    for query in [
        "",
        "date=tomorrow",
        "date=2027-01-16&format=xls",
        "date=2027-01-16&day=1",
    ] {
        let reply = pg
            .control(
                http::Method::GET,
                &format!("/settlements?{query}"),
                &json!(null),
            )
            .await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn what_is_forgotten_stays_forgotten_after_a_restart() {
    let directory = Directory::new();
    {
        let pg = Pg::on(&directory.0);
        let paid = pg.pay("order1", "1000", GOOD_CARD).await;
        pg.pay("order2", "2000", GOOD_CARD).await;
        pg.post("/console/forget", json!({"pgTxId": text(&paid, "tid")}))
            .await;
        assert_eq!(pg.row("order2").await["amount"], 2000);
        pg.sim.close().await;
    }
    let pg = Pg::on(&directory.0);
    assert!(pg.row("order1").await.is_null());
    assert_eq!(pg.row("order2").await["mid"], MID);
    assert_eq!(pg.inquire("order2").await["resultCode"], "SUCCESS");
}
