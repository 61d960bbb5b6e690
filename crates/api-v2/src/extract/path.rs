//! The id in a path. It is decoded after routing, so a `%2F` in it stays part of it.

use axum::extract::{FromRequestParts as _, RawPathParams};
use http::request::Parts;
use naru_engine::Fault;

/// The first id of the path; nothing where the path has none.
pub(super) async fn id(parts: &mut Parts) -> Result<Option<String>, Fault> {
    let params = RawPathParams::from_request_parts(parts, &())
        .await
        .map_err(|_| Fault::invalid("the path is not percent-encoded UTF-8"))?;
    Ok(params.iter().next().map(|(_, value)| value.to_owned()))
}
