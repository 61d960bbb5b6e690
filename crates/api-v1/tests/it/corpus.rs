//! Changed examples of forms, JSON bodies and queries: the answer is an envelope that the contract
//! lists, and never our fault. `tests/corpus/README.md` says how to run it for longer.

use naru_testkit::MAIN;
use naru_testkit::corpus::{changed, examples, rounds};
use naru_testkit::random::Random;

use crate::Bed;

/// Rounds with one server.
const PER_BED: u64 = 100;
const ROUNDS: u64 = 600;
const OUR_FAULT: &str = "일시적인 오류가 발생하였습니다. 잠시 후 다시 시도해주세요.";

async fn bed() -> Bed {
    let bed = Bed::new().await;
    bed.save("c-1").await;
    bed.pay("corpus-paid", 1_000).await;
    bed
}

#[tokio::test]
async fn changed_bodies_and_queries_are_answered_by_the_contract() {
    let all = examples("v1");
    let mut bed = bed().await;
    for round in rounds(ROUNDS) {
        if round % PER_BED == 0 {
            bed = self::bed().await;
        }
        let mut random = Random::new(round, Vec::new());
        let example = random.pick(&all);
        println!("NARU_CORPUS_SEED={round} {}", example.name);
        let (head, body) = example.parts();
        let [method, path, content_type] = head.split(' ').collect::<Vec<_>>()[..] else {
            panic!("a method, a path and a content type: {head}");
        };
        let body = String::from_utf8_lossy(body)
            .replace("@ID@", &format!("corpus-{round}"))
            .replace("@CHANNEL@", MAIN.channels[0]);
        let body = changed(body.as_bytes(), &all, &mut random);
        let content_type = match random.below(4) {
            0 => "application/json",
            1 => "text/plain; charset=EUC-KR",
            _ => content_type,
        };
        let asked = bed
            .anonymous(method, path)
            .header("authorization", &bed.token)
            .header("content-type", content_type);
        let answer = asked.raw(body).send().await;
        assert_ne!(answer.body["message"], OUR_FAULT, "{method} {path}");
    }
}
