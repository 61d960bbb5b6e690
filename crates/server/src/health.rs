//! `/health`: whether the process lives, and whether it should get requests.
//!
//! Liveness looks at nothing, since restarting a server does not mend its database. Readiness asks
//! the probe that the wiring gives (the store) within a bound, and is off while stopping.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use serde::Serialize;

use crate::lifecycle::Shutdown;

/// How long a probe may take.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// What a probe found: nothing, or what is wrong in words without secrets.
pub type ProbeFuture = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// What readiness depends on.
#[derive(Clone)]
pub struct Health {
    probe: Arc<dyn Fn() -> ProbeFuture + Send + Sync>,
    shutdown: Shutdown,
}

impl Health {
    /// Readiness by a probe.
    pub fn new(
        probe: impl Fn() -> ProbeFuture + Send + Sync + 'static,
        shutdown: Shutdown,
    ) -> Self {
        Self {
            probe: Arc::new(probe),
            shutdown,
        }
    }

    async fn ready(&self) -> Result<(), String> {
        if self.shutdown.has_begun() {
            return Err("the server is stopping".to_owned());
        }
        tokio::time::timeout(PROBE_TIMEOUT, (self.probe)())
            .await
            .unwrap_or_else(|_| Err("the store did not answer in time".to_owned()))
    }
}

#[derive(Serialize)]
struct Report<'a> {
    status: &'static str,
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a str>,
}

/// `/health`, `/health/live`, `/health/ready`.
pub fn router(health: Health) -> Router {
    Router::new()
        .route("/health", get(ready))
        .route("/health/ready", get(ready))
        .route("/health/live", get(live))
        .with_state(health)
}

async fn live() -> Response {
    answer(StatusCode::OK, "live", None)
}

async fn ready(State(health): State<Health>) -> Response {
    match health.ready().await {
        Ok(()) => answer(StatusCode::OK, "ready", None),
        Err(problem) => answer(StatusCode::SERVICE_UNAVAILABLE, "not ready", Some(&problem)),
    }
}

fn answer(status: StatusCode, word: &'static str, problem: Option<&str>) -> Response {
    let report = Report {
        status: word,
        version: env!("CARGO_PKG_VERSION"),
        problem,
    };
    match serde_json::to_string(&report) {
        Ok(body) => (status, [(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
