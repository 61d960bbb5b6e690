//! Puts the parts together. Thin: what a part does is the part's own.

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::health::{self, Health};
use crate::http::catch_panics;
use crate::metrics;

/// The page at the root of the private listener.
const PRIVATE_PAGE: &str = include_str!("pages/private.html");
/// The page at the root of the public listener.
const PUBLIC_PAGE: &str = include_str!("pages/public.html");
/// Nothing of a page comes from elsewhere, and nothing runs in it.
pub(crate) const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A page that is the same for everybody.
pub(crate) fn page(html: &'static str) -> Router {
    let answer = move || async move {
        let policy = [(http::header::CONTENT_SECURITY_POLICY, PAGE_POLICY)];
        (policy, Html(html))
    };
    Router::new().route("/", get(answer))
}

/// The page at the root of the public listener.
pub(crate) fn public_page() -> Router {
    page(PUBLIC_PAGE)
}

/// The private listener: administration behind its guard, health, metrics, the index page.
pub fn private_router(health: Health, metrics: PrometheusHandle, admin: Router) -> Router {
    let router = page(PRIVATE_PAGE)
        .merge(health::router(health))
        .merge(metrics::router(metrics))
        .merge(admin);
    catch_panics(router)
}
