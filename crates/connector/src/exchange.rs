//! Requests, answers, and the exchange that makes one operation of them.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

use crate::Outcome;

/// A request to a PG. Its body is never printed.
#[derive(Clone)]
pub struct Request {
    /// GET or POST.
    pub method: http::Method,
    /// Absolute URL.
    pub url: String,
    /// Headers in lower case, content type included.
    pub headers: Vec<(&'static str, String)>,
    /// The bytes, exactly as signed.
    pub body: Bytes,
    /// How long the answer may take, in milliseconds, connecting included.
    pub timeout_ms: u32,
    /// How soon it must be written, in milliseconds, waiting for a turn and connecting included
    /// (design 2a.2). Later it is not written, which is [`Sent::No`]. Exchanges leave it out: the
    /// sender's deadline is the engine's.
    pub write_within_ms: Option<u32>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} ({} bytes)",
            self.method,
            self.url,
            self.body.len()
        )
    }
}

/// An answer of a PG. Its body is never printed.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body; a longer one than the transport allows is a [`SendError`].
    pub body: Bytes,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.status, self.body.len())
    }
}

/// Whether a request can have reached the PG.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Surely not: no byte was written. Only then may it be sent again blindly.
    No,
    /// Perhaps.
    Perhaps,
}

/// A request that got no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct SendError {
    /// Whether the PG can have seen it.
    pub sent: Sent,
    /// What happened, without any content of the request.
    pub detail: String,
}

/// What the engine tells an exchange.
#[derive(Debug)]
pub enum Input {
    /// Begin.
    Start,
    /// The last request was answered.
    Answered(Answer),
    /// The last request was not answered.
    Failed(SendError),
}

/// What an exchange wants next. `O` is what it ends in: an [`Outcome`] at a PG.
#[derive(Debug)]
pub enum Step<O = Outcome> {
    /// Send this and come back.
    Send(Request),
    /// It is over.
    Done(O),
}

/// One operation under way. A pure state machine: same inputs, same steps.
pub trait Exchange<O = Outcome>: Send {
    /// Takes what happened and says what to do next.
    fn step(&mut self, input: Input) -> Step<O>;
}

/// The future of a transport.
pub type TransportFuture<'a> = Pin<Box<dyn Future<Output = Result<Answer, SendError>> + Send + 'a>>;

/// The one way to the outside. Implemented by `egress`, and by fakes in tests.
pub trait Transport: Send + Sync {
    /// Sends a request and waits for the whole answer, at most `timeout_ms`.
    fn send(&self, request: Request) -> TransportFuture<'_>;
}
