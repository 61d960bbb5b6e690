//! What a failure says about whether the request can have been seen, in words that hold nothing
//! of the request.
//!
//! Only failures that come from building the request, from connecting (name, address policy, TCP,
//! TLS) or from the sender's own deadline are [`Sent::No`]. A pooled connection that the peer has
//! closed is not among them: the request may have been read before the close.

use std::error::Error;
use std::io;

use naru_connector::{SendError, Sent};

use crate::Refused;
use crate::resolve::Unresolved;

/// The sender's own deadline had passed when the body could have been written. Without it the
/// request is none that anybody could act on.
#[derive(Debug, thiserror::Error)]
#[error("the request's own deadline had passed before it was sent")]
pub(crate) struct TooLate;

/// Nothing was written.
pub(crate) fn not_sent(detail: impl Into<String>) -> SendError {
    SendError {
        sent: Sent::No,
        detail: detail.into(),
    }
}

/// Something may have been written.
pub(crate) fn perhaps_sent(detail: impl Into<String>) -> SendError {
    SendError {
        sent: Sent::Perhaps,
        detail: detail.into(),
    }
}

/// Reads a client's error. `host` is named in the words; nothing else of the request is.
pub(crate) fn classify(error: &reqwest::Error, host: &str) -> SendError {
    if error.is_builder() {
        return not_sent("the request can't be built");
    }
    if let Some(late) = find::<TooLate>(error) {
        return not_sent(late.to_string());
    }
    if !error.is_connect() {
        return perhaps_sent(format!("{} `{host}`", loss_words(error)));
    }
    if let Some(refused) = find::<Refused>(error) {
        return not_sent(refused.to_string());
    }
    if let Some(unresolved) = find::<Unresolved>(error) {
        return not_sent(unresolved.to_string());
    }
    not_sent(format!("{} `{host}`", connect_words(error)))
}

fn connect_words(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "time-out while connecting to".to_owned();
    }
    if find::<rustls::Error>(error).is_some() {
        return "no TLS connection to".to_owned();
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => "connection refused by".to_owned(),
        Some(io::ErrorKind::Other) | None => "can't resolve or connect to".to_owned(),
        Some(kind) => format!("can't connect ({kind}) to"),
    }
}

fn loss_words(error: &reqwest::Error) -> &'static str {
    match find::<io::Error>(error).map(io::Error::kind) {
        _ if error.is_timeout() => "time-out waiting for",
        Some(io::ErrorKind::ConnectionReset) => "connection reset by",
        _ if error.is_body() || error.is_decode() => "the answer was cut short by",
        _ => "connection closed without a whole answer by",
    }
}

/// The first error of a type in the chain of sources. An `io::Error` hides the error inside it
/// from `source`, so it is opened by hand.
fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(current) = next {
        if let Some(found) = current.downcast_ref::<E>() {
            return Some(found);
        }
        next = match current
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => current.source(),
        };
    }
    None
}
