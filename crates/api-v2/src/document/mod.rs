//! The contract as this server serves it: `GET /openapi.json` for programs, `GET /docs` for people.

use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::StatusCode;

use crate::render;

/// The document.
pub(crate) async fn openapi() -> Response {
    let text = Bytes::from_static(naru_wire_v2::served_document());
    render::json(StatusCode::OK, text, false)
}

/// The page.
pub(crate) async fn docs() -> Response {
    StatusCode::NOT_FOUND.into_response()
}
