//! `/load`: how many calls of KG Inicis's interface are under way, and were at most.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use crate::answer;
use crate::simulator::Simulator;

/// `GET /load`.
pub(crate) async fn show(State(sim): State<Arc<Simulator>>) -> Response {
    answer::json(StatusCode::OK, &json!({ "operations": sim.load.all() }))
}

/// `DELETE /load`.
pub(crate) async fn reset(State(sim): State<Arc<Simulator>>) -> Response {
    sim.load.reset();
    show(State(sim)).await
}
