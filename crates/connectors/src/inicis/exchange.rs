//! The shape of every exchange with the INIAPI: one request, one answer.
//!
//! Reading an answer is the operation's part. Invariant: a request is handed out at most once,
//! and whatever is not a read answer ends as [`Outcome::Unknown`], unless it surely never left.

use naru_connector::{Answer, Exchange, Input, Outcome, Request, Sent, Step, Unknown};

/// Makes an outcome of an answer.
pub(super) type Reader = Box<dyn FnOnce(&Answer) -> Outcome + Send>;

/// One request, one answer.
pub(super) struct OneShot(State);

enum State {
    New(Request, Reader),
    Sent(Reader),
    Over,
}

impl OneShot {
    /// An exchange that sends `request` and reads its answer.
    pub(super) fn new(
        request: Request,
        read: impl FnOnce(&Answer) -> Outcome + Send + 'static,
    ) -> Self {
        Self(State::New(request, Box::new(read)))
    }
}

/// An unclear outcome.
pub(super) fn unknown(reason: impl Into<String>) -> Outcome {
    Outcome::Unknown(Unknown {
        reason: reason.into(),
    })
}

impl Exchange for OneShot {
    fn step(&mut self, input: Input) -> Step {
        match (std::mem::replace(&mut self.0, State::Over), input) {
            (State::New(request, read), Input::Start) => {
                self.0 = State::Sent(read);
                Step::Send(request)
            }
            (State::Sent(read), Input::Answered(answer)) => Step::Done(read(&answer)),
            (State::Sent(_), Input::Failed(error)) => Step::Done(match error.sent {
                Sent::No => Outcome::NotSent {
                    reason: error.detail,
                },
                Sent::Perhaps => unknown(error.detail),
            }),
            (State::New(..) | State::Sent(_) | State::Over, _) => {
                Step::Done(unknown("the exchange was driven out of order"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use naru_connector::SendError;

    use super::*;

    fn exchange() -> OneShot {
        let request = Request {
            method: http::Method::POST,
            url: "https://pg.example.com".to_owned(),
            headers: Vec::new(),
            body: bytes::Bytes::new(),
            timeout_ms: 1,
            write_within_ms: None,
        };
        OneShot::new(request, |_| Outcome::NotFound)
    }

    fn failed(sent: Sent) -> Input {
        Input::Failed(SendError {
            sent,
            detail: "cut".to_owned(),
        })
    }

    #[test]
    fn only_what_surely_never_left_is_not_sent() {
        for (sent, is_not_sent) in [(Sent::No, true), (Sent::Perhaps, false)] {
            let mut exchange = exchange();
            assert!(matches!(exchange.step(Input::Start), Step::Send(_)));
            let Step::Done(outcome) = exchange.step(failed(sent)) else {
                panic!("not over")
            };
            assert_eq!(matches!(outcome, Outcome::NotSent { .. }), is_not_sent);
            assert_eq!(matches!(outcome, Outcome::Unknown(_)), !is_not_sent);
        }
    }

    #[test]
    fn a_request_is_handed_out_once() {
        let mut exchange = exchange();
        assert!(matches!(exchange.step(Input::Start), Step::Send(_)));
        for _ in 0..2 {
            let step = exchange.step(Input::Start);
            assert!(matches!(step, Step::Done(Outcome::Unknown(_))));
        }
    }
}
