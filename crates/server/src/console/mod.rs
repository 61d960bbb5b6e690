//! The console: pages for administrators on the private listener, under `/console`.
//!
//! Made on the server, without a script; nothing of a page comes from elsewhere. It moves no money
//! and shows no secret. What it changes is in the audit log (decision 0032).
//!
//! Invariants: without a session nothing is shown but the log-in; nothing changes without the
//! session's own form token and the browser's word that the form is ours ([`guard`]).

mod guard;
mod html;
mod pages;
mod words;

use std::net::IpAddr;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::StatusCode;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use naru_engine::Engine;

use crate::public;

/// Where the console begins, on the private listener.
pub const PATH: &str = "/console";
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";
const CSS: &str = include_str!("../pages/console.css");
/// Bytes of a form.
const FORM_BYTES_MAX: usize = 16 * 1024;

/// Everything below [`PATH`]. The caller behind a trusted proxy is the one that the proxy names.
pub fn router(engine: Engine, trusted_proxies: Vec<IpAddr>) -> Router {
    let pages = Router::new()
        .route("/console", get(pages::overview))
        .route(
            "/console/log-in",
            get(pages::log_in_page).post(pages::log_in),
        )
        .route("/console/log-out", post(pages::log_out))
        .route("/console/audit-log", get(pages::audit_log))
        .route("/console/administrators", get(pages::administrators))
        .route("/console/administrators/add", post(pages::add))
        .route("/console/administrators/remove", post(pages::remove))
        .route("/console/administrators/unlock", post(pages::unlock))
        .route(
            "/console/password",
            get(pages::password_page).post(pages::password),
        )
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .with_state(engine);
    let all = pages.layer(from_fn(private)).route(
        "/console/console.css",
        get(async || {
            let kind = [
                (CONTENT_TYPE, "text/css; charset=utf-8"),
                (CACHE_CONTROL, "no-cache"),
                (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
            (StatusCode::OK, kind, CSS).into_response()
        }),
    );
    public::behind(trusted_proxies, all)
}

/// Nobody keeps a page, frames it, or learns its address. With `no-referrer` browsers would not
/// say where a form comes from.
async fn private(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (CACHE_CONTROL, "private, no-store"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
