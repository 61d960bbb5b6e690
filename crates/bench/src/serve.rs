//! The ceiling of reads and of what is posted: axum, one route, one document that is written anew
//! for each answer. What is posted is read whole and not looked at.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde_json::Value;

/// Prints its address and serves until it is killed.
pub async fn run(document: &Path) -> Result<()> {
    let document: Value = serde_json::from_slice(&std::fs::read(document)?)?;
    let router = Router::new()
        .route("/", get(answer).post(taken))
        .with_state(Arc::new(document));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

async fn answer(State(document): State<Arc<Value>>) -> Response {
    match serde_json::to_vec(document.as_ref()) {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn taken(document: State<Arc<Value>>, _posted: Bytes) -> Response {
    answer(document).await
}
