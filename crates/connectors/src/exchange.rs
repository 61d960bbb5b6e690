//! The shape of exchanges: requests one after the other, each made of the answer before it.
//!
//! Reading an answer is the operation's part. Invariant: a request is handed out at most once,
//! and whatever is not a read answer ends as [`Outcome::Unknown`], unless nothing has surely left.

use naru_connector::{Answer, Exchange, Input, Outcome, Request, Sent, Step, Unknown};

/// What follows from an answer.
#[expect(
    clippy::large_enum_variant,
    reason = "one on the stack at a time, never in a collection"
)]
pub(crate) enum Next {
    /// One more request, and who reads its answer.
    Send(Request, Reader),
    /// The end.
    Done(Outcome),
}

/// Makes the next step of an answer.
pub(crate) type Reader = Box<dyn FnOnce(&Answer) -> Next + Send>;

/// Requests and answers, one after the other.
pub(crate) struct Exchanged(State);

enum State {
    New(Request, Reader),
    Sent { is_first: bool, read: Reader },
    Known(Box<Outcome>),
    Over,
}

impl Exchanged {
    /// An exchange of one request, whose answer is the end.
    pub(crate) fn new(
        request: Request,
        read: impl FnOnce(&Answer) -> Outcome + Send + 'static,
    ) -> Self {
        Self::begin(request, move |answer| Next::Done(read(answer)))
    }

    /// An exchange whose end is known: nothing is asked.
    pub(crate) fn known(outcome: Outcome) -> Self {
        Self(State::Known(Box::new(outcome)))
    }

    /// An exchange that may go on after the first answer.
    pub(crate) fn begin(
        request: Request,
        read: impl FnOnce(&Answer) -> Next + Send + 'static,
    ) -> Self {
        Self(State::New(request, Box::new(read)))
    }
}

/// An unclear outcome.
pub(crate) fn unknown(reason: impl Into<String>) -> Outcome {
    Outcome::Unknown(Unknown {
        reason: reason.into(),
    })
}

impl Exchange for Exchanged {
    fn step(&mut self, input: Input) -> Step {
        match (std::mem::replace(&mut self.0, State::Over), input) {
            (State::New(request, read), Input::Start) => {
                self.0 = State::Sent {
                    is_first: true,
                    read,
                };
                Step::Send(request)
            }
            (State::Sent { read, .. }, Input::Answered(answer)) => match read(&answer) {
                Next::Done(outcome) => Step::Done(outcome),
                Next::Send(request, read) => {
                    self.0 = State::Sent {
                        is_first: false,
                        read,
                    };
                    Step::Send(request)
                }
            },
            (State::Sent { is_first, .. }, Input::Failed(error)) => {
                Step::Done(match (error.sent, is_first) {
                    (Sent::No, true) => Outcome::NotSent {
                        reason: error.detail,
                    },
                    (Sent::No, false) | (Sent::Perhaps, _) => unknown(error.detail),
                })
            }
            (State::Known(outcome), Input::Start) => Step::Done(*outcome),
            (State::New(..) | State::Sent { .. } | State::Known(_) | State::Over, _) => {
                Step::Done(unknown("the exchange was driven out of order"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use naru_connector::SendError;

    use super::*;

    fn request() -> Request {
        Request {
            method: http::Method::POST,
            url: "https://pg.example.com".to_owned(),
            headers: Vec::new(),
            body: bytes::Bytes::new(),
            timeout_ms: 1,
            write_within_ms: None,
        }
    }

    fn exchange() -> Exchanged {
        Exchanged::new(request(), |_| Outcome::NotFound)
    }

    fn answer() -> Input {
        Input::Answered(Answer {
            status: 200,
            headers: Vec::new(),
            body: bytes::Bytes::new(),
        })
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

    #[test]
    fn a_later_request_that_never_left_is_unclear() {
        let two = || {
            Exchanged::begin(request(), |_| {
                Next::Send(request(), Box::new(|_| Next::Done(Outcome::NotFound)))
            })
        };
        let mut exchange = two();
        assert!(matches!(exchange.step(Input::Start), Step::Send(_)));
        assert!(matches!(exchange.step(answer()), Step::Send(_)));
        let step = exchange.step(failed(Sent::No));
        assert!(matches!(step, Step::Done(Outcome::Unknown(_))));
        let mut exchange = two();
        exchange.step(Input::Start);
        exchange.step(answer());
        assert!(matches!(
            exchange.step(answer()),
            Step::Done(Outcome::NotFound)
        ));
    }
}
