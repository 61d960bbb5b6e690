//! The search index and retention.

use std::time::Duration;

use naru_engine::index::Looks;
use naru_engine::{Engine, Fault};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const INDEX_BATCH: u32 = 500;
/// How often marked rows are looked for. What is found twice is indexed: two of these and the work
/// make the second that the index may be behind.
const INDEX_LOOK_EVERY: Duration = Duration::from_millis(400);
/// How long a result waits for others: one unit for many is less work than one for each.
const INDEX_GATHER: Duration = Duration::from_millis(100);
const ALIGN_EVERY: Duration = Duration::from_secs(10);
const SWEEP_EVERY: Duration = Duration::from_mins(1);
const RECONCILE_EVERY: Duration = Duration::from_mins(1);

/// Fills the search index: a second behind the commit at most.
pub(crate) async fn index(engine: Engine, stop: CancellationToken) {
    if let Err(fault) = index_all(&engine, &stop).await {
        tracing::warn!(%fault, "can't index what was left");
    }
    let mut looks = Looks::default();
    let mut look_at = Instant::now();
    while !stop.is_cancelled() {
        let done = index_once(&engine, &mut looks, &mut look_at).await;
        if let Err(fault) = done {
            tracing::warn!(%fault, "can't index");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = engine.wakers().search().notified() => {}
            () = tokio::time::sleep_until(look_at) => {}
        }
        tokio::time::sleep(INDEX_GATHER).await;
    }
}

/// What was left by the process before.
async fn index_all(engine: &Engine, stop: &CancellationToken) -> Result<(), Fault> {
    let batch = INDEX_BATCH as usize;
    while !stop.is_cancelled() && engine.index_changed(INDEX_BATCH).await? >= batch {}
    Ok(())
}

async fn index_once(
    engine: &Engine,
    looks: &mut Looks,
    look_at: &mut Instant,
) -> Result<(), Fault> {
    engine.index_results().await?;
    if Instant::now() < *look_at {
        return Ok(());
    }
    engine.index_left(looks, INDEX_BATCH).await?;
    *look_at = Instant::now() + INDEX_LOOK_EVERY;
    Ok(())
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
