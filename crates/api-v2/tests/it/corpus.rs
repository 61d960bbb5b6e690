//! Changed examples of bodies and queries: the answer is one that the contract lists, and never our
//! fault. `tests/corpus/README.md` says how to run it for longer and how to repeat a round.

use naru_testkit::corpus::{changed, examples, rounds};
use naru_testkit::random::{Random, percent_encoded};
use naru_testkit::{MAIN, TestApp, bodies};

use crate::app;

/// Rounds with one server.
const PER_APP: u64 = 100;
const ROUNDS: u64 = 600;

/// With the names of this server's things in their places.
fn filled(bytes: &[u8], round: u64) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes)
        .replace("@ID@", &format!("corpus-{round}"))
        .replace("@CHANNEL@", MAIN.channels[0])
        .replace("@KEY_CHANNEL@", MAIN.channels[1])
        .replace("@STORE@", MAIN.store_id)
        .replace("@SECRET@", MAIN.secret);
    text.into_bytes()
}

/// As a query can stand in a request's head; what is encoded stays so.
fn as_query(bytes: &[u8]) -> String {
    let one = |byte: &u8| match *byte {
        byte if byte.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(&byte) => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    bytes.iter().map(one).collect()
}

async fn bed() -> TestApp {
    let app = app().await;
    app.post("/payments/corpus-paid/instant")
        .json(&bodies::card_payment())
        .send()
        .await
        .ok();
    app
}

#[tokio::test]
async fn changed_bodies_are_answered_by_the_contract() {
    let all = examples("v2");
    let mut app = bed().await;
    for round in rounds(ROUNDS) {
        if round % PER_APP == 0 {
            app = bed().await;
        }
        let mut random = Random::new(round, Vec::new());
        let example = random.pick(&all);
        println!("NARU_CORPUS_SEED={round} {}", example.name);
        let (head, body) = example.parts();
        let (method, path) = head.split_once(' ').expect("a method");
        let path = path.replace("@ID@", &format!("corpus-{round}"));
        let body = changed(&filled(body, round), &all, &mut random);
        let request = app.request(method, &path).by_chance();
        let request = match random.below(3) {
            0 => request.header("content-type", "application/json"),
            1 => request.header("content-type", "text/plain"),
            _ => request,
        };
        let answer = request.raw(body).send().await;
        assert!(
            answer.status != 500 && answer.status != 503,
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn changed_queries_are_answered_by_the_contract() {
    let all = examples("v2-query");
    let app = bed().await;
    let paths = [
        "/payments",
        "/payments/corpus-paid",
        "/billing-keys",
        "/payment-schedules",
    ];
    for round in rounds(ROUNDS) {
        let mut random = Random::new(round, Vec::new());
        let example = random.pick(&all);
        println!("NARU_CORPUS_SEED={round} {}", example.name);
        let query = changed(&filled(&example.bytes, round), &all, &mut random);
        let path = format!("{}?{}", random.pick(&paths), as_query(&query));
        let answer = app.get(&path).by_chance().send().await;
        assert!(
            answer.status != 500 && answer.status != 503,
            "{}",
            answer.body
        );
        // And as an id in the path.
        let id = percent_encoded(&String::from_utf8_lossy(&query));
        let path = format!(
            "/payments/x{}",
            id.get(..id.len().min(300)).unwrap_or_default()
        );
        let answer = app.get(&path).by_chance().send().await;
        assert!(
            matches!(answer.status, 400 | 404),
            "{path}: {}",
            answer.body
        );
    }
}
