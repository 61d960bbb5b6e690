//! `/metrics`: what the `metrics` facade collected, as Prometheus text.
//!
//! Names and labels are the instrumented code's; no label may hold an id. Installed once per
//! process.

use std::time::Duration;

use axum::Router;
use axum::response::IntoResponse as _;
use axum::routing::get;
use http::header;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::failure::Failure;
use crate::lifecycle::Shutdown;

/// Upper bounds of duration histograms, in seconds: from a read of the store to a PG's patience.
const BUCKETS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];
/// How often histograms are drained.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Starts collecting.
pub fn install(shutdown: &Shutdown) -> Result<PrometheusHandle, Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(format!("metrics can't be collected: {error}"))
    };
    let handle = PrometheusBuilder::new()
        .set_buckets(BUCKETS)
        .map_err(|error| failed(&error))?
        .install_recorder()
        .map_err(|error| failed(&error))?;
    let upkeep = handle.clone();
    let stopping = shutdown.clone();
    shutdown.spawn(async move {
        let mut ticks = tokio::time::interval(UPKEEP_INTERVAL);
        loop {
            tokio::select! {
                _ = ticks.tick() => upkeep.run_upkeep(),
                () = stopping.soft() => return,
            }
        }
    });
    Ok(handle)
}

/// `/metrics`.
pub fn router(handle: PrometheusHandle) -> Router {
    let render = move || async move {
        (
            [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
            handle.render(),
        )
            .into_response()
    };
    Router::new().route("/metrics", get(render))
}
