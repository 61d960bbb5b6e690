//! Answers to requests that the server turns away before an operation sees them.

use axum::response::Response;
use http::header::{HeaderValue, RETRY_AFTER};

use crate::envelope::refusal;
use crate::messages;

/// 503: too much is under way. To be tried again after so many seconds.
pub fn unavailable(retry_after_s: u32) -> Response {
    after(refusal(503, -1, messages::OUR_FAULT), retry_after_s)
}

/// 429: the caller's address has asked too often. To be tried again after so many seconds.
pub fn too_many_requests(retry_after_s: u32) -> Response {
    after(refusal(429, -1, messages::TOO_MANY), retry_after_s)
}

pub(crate) fn after(mut response: Response, retry_after_s: u32) -> Response {
    let seconds = HeaderValue::from(retry_after_s);
    response.headers_mut().insert(RETRY_AFTER, seconds);
    response
}
