//! The books on disk: kills, torn lines, compaction, and what must not be in them.

use std::io::Write as _;

use naru_pg_sim::{OpenError, Simulator};
use serde_json::{Value, json};

use crate::support::{Directory, GOOD_CARD, Pg, text};

#[tokio::test]
async fn the_books_survive_a_kill() {
    let (directory, copy) = (Directory::new(), Directory::new());
    let pg = Pg::on(&directory.0);
    let paid = pg.pay("order1", "1000", GOOD_CARD).await;
    pg.pay("order2", "2000", "9000000000120049").await;
    pg.v2(
        "refund",
        "refund",
        &json!({ "tid": paid["tid"], "msg": "x" }),
    )
    .await;
    let key = pg.issue_key("issue1", "9000000001120054").await;
    let issued = pg.issue_account("order3", "3000").await;
    let deposit = format!("/virtual-accounts/{}/deposit", text(&issued, "vacct"));
    pg.post(&deposit, json!({ "amount": 1 })).await;
    pg.post("/clock", json!({ "advance": "P30D" })).await;
    let registration = json!({ "clockUrl": "http://127.0.0.1:1/" });
    pg.control(http::Method::PUT, "/registrations/naru", &registration)
        .await;
    // What is on disk at the moment of the last answer, without any orderly end.
    std::fs::copy(directory.journal(), copy.journal()).unwrap();

    let again = Pg::on(&copy.0);
    let rows = |books: Value| books["transactions"].clone();
    assert_eq!(
        rows(again.get("/books").await),
        rows(pg.get("/books").await)
    );
    assert_eq!(again.inquire("order1").await, pg.inquire("order1").await);
    assert_eq!(
        again.get("/clock").await["offsetMs"],
        pg.get("/clock").await["offsetMs"]
    );
    assert_eq!(
        again.get("/registrations").await,
        pg.get("/registrations").await
    );
    let declined = again.charge("order4", "1000", text(&key, "billKey")).await;
    assert!(text(&declined, "resultMsg").starts_with("[120054]"));
    let taken = again.pay("order1", "1000", GOOD_CARD).await;
    assert!(text(&taken, "resultMsg").starts_with("[550619]"));
}

#[tokio::test]
async fn a_torn_last_line_is_dropped() {
    let directory = Directory::new();
    {
        let pg = Pg::on(&directory.0);
        pg.pay("order1", "1000", GOOD_CARD).await;
        pg.sim.close().await;
    }
    let mut file = std::fs::File::options()
        .append(true)
        .open(directory.journal())
        .unwrap();
    file.write_all(b"{\"transaction\":{\"tid\":\"INI").unwrap();
    drop(file);
    for _ in 0..2 {
        let pg = Pg::on(&directory.0);
        assert_eq!(pg.row("order1").await["state"], "APPROVED");
        pg.pay("order2", "1000", GOOD_CARD).await;
        pg.sim.close().await;
    }
}

#[tokio::test]
async fn a_damaged_line_is_not_passed_over() {
    let directory = Directory::new();
    std::fs::write(directory.journal(), "{\"clockOffsetMs\":0}\nnonsense\n").unwrap();
    let error = Simulator::open(Some(directory.0.clone())).unwrap_err();
    assert!(
        matches!(&error, OpenError::Corrupt { line: 2, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_directory_has_one_simulator() {
    let directory = Directory::new();
    let pg = Pg::on(&directory.0);
    let error = Simulator::open(Some(directory.0.clone())).unwrap_err();
    assert!(matches!(error, OpenError::Locked { .. }));
    drop(pg);
    assert!(Simulator::open(Some(directory.0.clone())).is_ok());
}

#[tokio::test]
async fn a_start_drops_what_was_overwritten() {
    let directory = Directory::new();
    {
        let pg = Pg::on(&directory.0);
        for second in 0..200 {
            pg.post("/clock", json!({ "advance": format!("PT{second}S") }))
                .await;
        }
        pg.pay("order1", "1000", GOOD_CARD).await;
        pg.sim.close().await;
    }
    let lines = || {
        std::fs::read_to_string(directory.journal())
            .unwrap()
            .lines()
            .count()
    };
    assert_eq!(lines(), 201);
    let pg = Pg::on(&directory.0);
    assert_eq!(lines(), 2);
    assert_eq!(pg.row("order1").await["state"], "APPROVED");
}

#[tokio::test]
async fn no_secret_is_in_the_journal() {
    let directory = Directory::new();
    let pg = Pg::on(&directory.0);
    let cards = [
        GOOD_CARD,
        "9000000000120049",
        "9000000000000004",
        "9000000001120054",
    ];
    for card in cards {
        pg.pay(&format!("pay-{}", &card[12..]), "1000", card).await;
        let key = pg.issue_key(&format!("issue-{}", &card[12..]), card).await;
        if let Some(key) = key["billKey"].as_str() {
            pg.charge(&format!("charge-{}", &card[12..]), "1000", key)
                .await;
            let journal = std::fs::read_to_string(directory.journal()).unwrap();
            assert!(!journal.contains(key), "a billing key is in the journal");
        }
    }
    let journal = std::fs::read_to_string(directory.journal()).unwrap();
    // The numbers, the birth number of the test card, and the merchant's keys.
    for secret in cards
        .iter()
        .copied()
        .chain(["900101", "ItEQKi3rY7uvDS8l", "HYb3yQ4f65QL89=="])
    {
        assert!(!journal.contains(secret), "`{secret}` is in the journal");
    }
    assert!(journal.contains("411111**********"));
}

#[tokio::test]
async fn many_clients_at_once_are_all_booked() {
    let directory = Directory::new();
    let pg = std::sync::Arc::new(Pg::on(&directory.0));
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..64 {
        let pg = std::sync::Arc::clone(&pg);
        clients.spawn(async move {
            for turn in 0..5 {
                let paid = pg
                    .pay(&format!("order-{client}-{turn}"), "1000", GOOD_CARD)
                    .await;
                assert_eq!(text(&paid, "resultCode"), "00");
            }
        });
    }
    while let Some(done) = clients.join_next().await {
        done.unwrap();
    }
    let journal = std::fs::read_to_string(directory.journal()).unwrap();
    assert_eq!(journal.lines().count(), 320);
    let books = pg.get("/books").await;
    let mut tids: Vec<&str> = books["transactions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["pgTxId"].as_str().unwrap())
        .collect();
    tids.sort_unstable();
    tids.dedup();
    assert_eq!(tids.len(), 320);
}
