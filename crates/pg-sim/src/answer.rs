//! Answers of the HTTP side: JSON, plain text, and the connection that is cut.
//!
//! Only shapes responses; decides nothing. A cut connection is a body that fails before its
//! first byte: hyper then closes the connection without having flushed the head, so the caller
//! sees no byte at all.

use std::io;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// A JSON answer.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => with_type(status, "application/json;charset=UTF-8", body),
        Err(error) => {
            tracing::error!(%error, "an answer has no JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// An answer of a given content type.
pub(crate) fn with_type(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Body>,
) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// No answer: the connection is closed without a byte.
pub(crate) fn cut() -> Response {
    let failure = io::Error::new(io::ErrorKind::ConnectionAborted, "cut by the simulator");
    let body = futures_util::stream::iter([Err::<Bytes, _>(failure)]);
    Response::new(Body::from_stream(body))
}

/// The answer when the books can't be written any more.
pub(crate) fn books_failed() -> Response {
    with_type(
        StatusCode::INTERNAL_SERVER_ERROR,
        "text/plain",
        "the books can't be written\n",
    )
}

/// Text as it stands in a page.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Digits in groups of three.
pub(crate) fn grouped(amount: u64) -> String {
    let digits = amount.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
