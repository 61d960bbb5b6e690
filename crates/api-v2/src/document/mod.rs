//! The contract as this server serves it: `GET /openapi.json` for programs, `GET /docs` for
//! people.
//!
//! The page is made of the document and of nothing else, so it can't say what the server does not
//! serve. It is rendered once, carries its own style, runs no script and asks no other host for
//! anything. Invariant: every text of the document is escaped.

mod page;
mod types;
mod words;

use std::sync::OnceLock;

use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use sha2::{Digest as _, Sha256};

use crate::render;

const STYLE: &str = include_str!("page.css");

/// The document.
pub(crate) async fn openapi() -> Response {
    let text = Bytes::from_static(naru_wire_v2::served_document());
    render::json(StatusCode::OK, text, false)
}

/// The page.
pub(crate) async fn docs() -> Response {
    static PAGE: OnceLock<(Bytes, String)> = OnceLock::new();
    let (page, policy) = PAGE.get_or_init(|| {
        let document = naru_wire_v2::served_document_for(None);
        (page::render(&document, STYLE).into(), policy(STYLE))
    });
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, policy.as_str()),
    ];
    (StatusCode::OK, headers, page.clone()).into_response()
}

/// Nothing but this very style sheet.
fn policy(style: &str) -> String {
    let hash = BASE64.encode(Sha256::digest(style.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}
