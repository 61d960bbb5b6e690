//! The ids in a path. They are decoded after routing, so a `%2F` in one stays part of it.

use axum::extract::{FromRequestParts as _, RawPathParams};
use http::request::Parts;
use naru_engine::Fault;

/// The ids of the path, in order.
pub(super) async fn ids(parts: &mut Parts) -> Result<Vec<String>, Fault> {
    let params = RawPathParams::from_request_parts(parts, &())
        .await
        .map_err(|_| Fault::invalid("the path is not percent-encoded UTF-8"))?;
    Ok(params.iter().map(|(_, value)| value.to_owned()).collect())
}
