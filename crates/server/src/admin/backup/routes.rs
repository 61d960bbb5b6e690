//! The route of `naru backup`.

use std::path::PathBuf;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use naru_engine::Engine;

use super::types::{Backup, NewBackup};
use crate::admin::routes::{Answer, json, read, refused};

pub(crate) fn routes() -> Router<Engine> {
    Router::new().route("/backup", post(make))
}

async fn make(State(engine): State<Engine>, body: Bytes) -> Answer {
    let NewBackup { to } = read(&body).map_err(refused)?;
    let copied = engine.back_up(PathBuf::from(&to)).await;
    let bytes = copied.map_err(refused)?;
    Ok(json(&Backup { to, bytes }))
}
