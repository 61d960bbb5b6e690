//! The search index and retention.

use std::time::Duration;

use naru_engine::Engine;
use tokio_util::sync::CancellationToken;

const INDEX_BATCH: u32 = 200;
const INDEX_EVERY: Duration = Duration::from_millis(500);
/// How long a change waits for others: batches make fewer commits than single changes.
const INDEX_GATHER: Duration = Duration::from_millis(50);
const ALIGN_EVERY: Duration = Duration::from_secs(10);
const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// Fills the search index: a second behind the commit at most.
pub(crate) async fn index(engine: Engine, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let done = engine
            .index_changed(INDEX_BATCH)
            .await
            .unwrap_or_else(|fault| {
                tracing::warn!(%fault, "can't index");
                0
            });
        if done == 0 {
            tokio::select! {
                () = stop.cancelled() => {}
                () = engine.wakers().search().notified() => {}
                () = tokio::time::sleep(INDEX_EVERY) => {}
            }
        }
        tokio::time::sleep(INDEX_GATHER).await;
    }
}

/// Keeps this node's clock in step with the store's.
pub(crate) async fn align(engine: Engine, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(fault) = engine.align_clock().await {
            tracing::warn!(%fault, "can't read the store's clock");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(ALIGN_EVERY) => {}
        }
    }
}

/// Deletes what is kept for a time only.
pub(crate) async fn sweep(engine: Engine, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(fault) = engine.sweep_expired().await {
            tracing::warn!(%fault, "can't sweep");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(SWEEP_EVERY) => {}
        }
    }
}
