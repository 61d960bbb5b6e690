//! Puts the parts together. Thin: what a part does is the part's own.

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::health::{self, Health};
use crate::http::catch_panics;
use crate::metrics;

/// The page at the root of the private listener.
const INDEX: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
    <title>Naru</title>\n<h1>Naru</h1>\n<p>The private listener. The console is not built yet.\n\
    <ul>\n<li><a href=\"/health\">health</a>\n<li><a href=\"/metrics\">metrics</a>\n</ul>\n";

/// The private listener: administration behind its guard, health, metrics, the index page.
pub fn private_router(health: Health, metrics: PrometheusHandle, admin: Router) -> Router {
    let router = Router::new()
        .route("/", get(|| async { Html(INDEX) }))
        .merge(health::router(health))
        .merge(metrics::router(metrics))
        .merge(admin);
    catch_panics(router)
}
