//! Changed examples of what PGs and receivers answer, as bytes: an answer within the bounds or a
//! failure, and no redirect is followed. `tests/corpus/README.md` says how to run it for longer.

use naru_egress::{Limits, Policy};
use naru_testkit::corpus::{changed, examples, rounds};
use naru_testkit::random::Random;

use super::server::{Behaviour, Server};
use super::{pg, post};
use naru_connector::Transport as _;

const ROUNDS: u64 = 300;
const BYTES_MAX: usize = 1_000;

#[tokio::test]
async fn changed_answers_are_answers_or_failures() {
    let all = examples("http-answers");
    let limits = Limits {
        answer_bytes_max: BYTES_MAX,
        ..Limits::default()
    };
    let transport = pg(Policy::SANDBOX, limits);
    for round in rounds(ROUNDS) {
        let mut random = Random::new(round, Vec::new());
        let example = random.pick(&all);
        println!("NARU_CORPUS_SEED={round} {}", example.name);
        let bytes = changed(&example.bytes, &all, &mut random);
        let server = Server::start(Behaviour::AnswerAndClose(bytes)).await;
        let answer = transport.send(post(server.url("/x"))).await;
        if let Ok(answer) = answer {
            assert!(answer.body.len() <= BYTES_MAX && answer.status >= 100);
        }
        assert!(server.requests() <= 1, "sent again, or somewhere else");
    }
}
