//! A token where one is needed, then the call.

use naru_connector::tax::TaxOutcome;
use naru_connector::{Answer, Exchange, Input, Request, Sent, Step};

use super::token;

/// Makes an outcome of an answer.
pub(super) type Reader = Box<dyn FnOnce(&Answer) -> TaxOutcome + Send>;

/// One or two requests. Until the call itself is written nothing can have happened.
pub(super) struct Conversation(State);

enum State {
    New(Option<Request>, Request, Reader),
    TokenAsked(Request, Reader),
    Called(Reader),
    Over,
}

impl Conversation {
    /// An exchange that asks for a token, makes the call with it, and reads its answer.
    pub(super) fn new(token: Option<Request>, call: Request, read: Reader) -> Self {
        Self(State::New(token, call, read))
    }
}

impl Exchange<TaxOutcome> for Conversation {
    fn step(&mut self, input: Input) -> Step<TaxOutcome> {
        match (std::mem::replace(&mut self.0, State::Over), input) {
            (State::New(None, call, read), Input::Start) => {
                self.0 = State::Called(read);
                Step::Send(call)
            }
            (State::New(Some(token), call, read), Input::Start) => {
                self.0 = State::TokenAsked(call, read);
                Step::Send(token)
            }
            (State::TokenAsked(mut call, read), Input::Answered(answer)) => {
                match token::read(&answer) {
                    Ok(token) => {
                        call.headers
                            .push(("authorization", format!("Bearer {token}")));
                        self.0 = State::Called(read);
                        Step::Send(call)
                    }
                    Err((code, message)) => Step::Done(TaxOutcome::NotSent {
                        reason: format!("no session token: [{code}] {message}"),
                    }),
                }
            }
            (State::TokenAsked(..), Input::Failed(error)) => Step::Done(TaxOutcome::NotSent {
                reason: format!("no session token: {}", error.detail),
            }),
            (State::Called(read), Input::Answered(answer)) => Step::Done(read(&answer)),
            (State::Called(_), Input::Failed(error)) => Step::Done(match error.sent {
                Sent::No => TaxOutcome::NotSent {
                    reason: error.detail,
                },
                Sent::Perhaps => TaxOutcome::Unknown {
                    reason: error.detail,
                },
            }),
            (
                State::New(..) | State::TokenAsked(..) | State::Called(_) | State::Over,
                Input::Start | Input::Answered(_) | Input::Failed(_),
            ) => Step::Done(TaxOutcome::Unknown {
                reason: "the exchange was driven out of order".to_owned(),
            }),
        }
    }
}
