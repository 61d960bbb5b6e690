//! The search index and retention.

use std::time::Duration;

use naru_engine::{Engine, Fault};
use tokio_util::sync::CancellationToken;

const INDEX_BATCH: u32 = 200;
const INDEX_EVERY: Duration = Duration::from_millis(500);
/// How long a change waits for others: batches make fewer commits than single changes.
const INDEX_GATHER: Duration = Duration::from_millis(50);
const ALIGN_EVERY: Duration = Duration::from_secs(10);
const SWEEP_EVERY: Duration = Duration::from_mins(1);
const RECONCILE_EVERY: Duration = Duration::from_mins(1);

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

/// Compares lines again that are due for it, deletes those that do not count, sees to it that the
/// comparison has its jobs and a journal that is to be filled its own, and sets the gauges of what
/// was found.
pub(crate) async fn reconcile(engine: Engine, is_comparing: bool, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(fault) = reconcile_once(&engine, is_comparing).await {
            tracing::warn!(%fault, "can't see to reconciliation");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(RECONCILE_EVERY) => {}
        }
    }
}

async fn reconcile_once(engine: &Engine, is_comparing: bool) -> Result<(), Fault> {
    engine.ensure_journal_fill().await?;
    if is_comparing {
        engine.ensure_comparisons().await?;
        engine.wakers().compare().notify_one();
    }
    engine.measure_differences().await?;
    engine.rematch_due().await?;
    engine.sweep_settlements().await?;
    Ok(())
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
        if let Err(fault) = engine.sweep_payment_sessions().await {
            tracing::warn!(%fault, "can't sweep payment sessions");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(SWEEP_EVERY) => {}
        }
    }
}
