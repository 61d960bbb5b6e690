//! Changed examples of a PG's answers, its notices, and what browsers bring back: nothing panics,
//! and nothing is a success that does not say so. `tests/corpus/README.md` says how to run it for
//! longer and how to repeat a round.

use naru_connector::{Call, InboundRequest, Input, Outcome, Step};
use naru_testkit::corpus::{Example, changed, examples, rounds};
use naru_testkit::random::Random;
use serde_json::{Value, json};

use crate::operations::{answer, at, begin, inicis, operation, settings};

const ROUNDS: u64 = 5_000;

/// Each round with a changed example of the kind.
#[expect(
    clippy::print_stdout,
    reason = "shown where a test fails: it repeats it"
)]
fn each(kind: &str, look: impl Fn(&Example, Vec<u8>, &mut Random)) {
    let all = examples(kind);
    for round in rounds(ROUNDS) {
        let mut random = Random::new(round, Vec::new());
        let example = random.pick(&all);
        println!("NARU_CORPUS_SEED={round} {}", example.name);
        let bytes = changed(&example.bytes, &all, &mut random);
        look(example, bytes, &mut random);
    }
}

fn inbound(body: Vec<u8>) -> InboundRequest {
    InboundRequest {
        content_type: None,
        body: body.into(),
        peer: None,
    }
}

#[test]
fn changed_answers_are_a_success_only_where_they_say_so() {
    each("pg-answers", |example, bytes, random| {
        let (kind, _) = example.name.split_once('.').expect("an operation");
        let mut exchange = begin(&operation(&json!({ "kind": kind })), &settings()).unwrap();
        assert!(matches!(exchange.step(Input::Start), Step::Send(_)));
        let status = if random.once_in(10) { 500 } else { 200 };
        // The PG writes EUC-KR in places; which letters they are does not matter here.
        let read: Option<Value> = serde_json::from_str(&String::from_utf8_lossy(&bytes)).ok();
        let Step::Done(outcome) = exchange.step(Input::Answered(answer(status, bytes))) else {
            panic!("a second request")
        };
        let is_no_success = matches!(
            outcome,
            Outcome::Unknown(_) | Outcome::Declined(_) | Outcome::NotFound
        );
        let says = |code: &str| read.as_ref().is_some_and(|read| read["resultCode"] == code);
        let may_succeed = status == 200 && (says("00") || says("SUCCESS"));
        assert!(may_succeed || is_no_success, "{outcome:?}");
    });
}

#[test]
fn changed_notices_name_what_they_are_about_or_are_refused() {
    each("pg-notices", |_, bytes, _| {
        let request = inbound(bytes);
        for connector in naru_connectors::all() {
            // For whom it is has to be found out before any settings are known.
            let _ = connector.notice_merchant(&request);
        }
        if let Ok(notice) = inicis().read_notification(&request, &settings()) {
            assert!(!notice.event_id.is_empty());
        }
    });
}

#[test]
fn changed_returns_never_panic() {
    let settings = settings();
    let call = Call {
        settings: &settings,
        at: at(),
        server_ip: "127.0.0.1",
    };
    each("pg-returns", |_, bytes, _| {
        let request = inbound(bytes);
        for connector in naru_connectors::all() {
            let _ = connector.read_return(&request, &call);
            let _ = connector.has_decided(&request);
        }
    });
}
