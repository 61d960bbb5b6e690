//! Forgets the ids of old units.
//!
//! A unit is retried for seconds, by the process that made it; its id is kept for days. It must
//! not be in anybody's way: small steps, errors only logged.
//!
//! Invariant: deleting an id that is still needed could at worst turn the answer to a late retry
//! into a conflict, because the unit's own inserts and versions stand against a second run.

use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::failure::Failure;
use crate::pool::Pool;

const EVERY: Duration = Duration::from_mins(10);
const ROWS_PER_STEP: u64 = 5_000;

/// Three days, in the database's clock, which also wrote `recorded_at`.
const SQL: &str = "DELETE FROM units WHERE id IN (\
     SELECT id FROM units WHERE recorded_at < \
     (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT - 259200000000 \
     ORDER BY recorded_at LIMIT 5000 FOR UPDATE SKIP LOCKED)";

pub(crate) async fn forget_old_units(pool: Pool) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick comes at once, and start-up has better things to do.
    ticks.tick().await;
    loop {
        ticks.tick().await;
        if let Err(failure) = forget(&pool).await {
            tracing::warn!(error = failure.text(), "old unit ids were not deleted");
        }
    }
}

pub(crate) async fn forget(pool: &Pool) -> Result<(), Failure> {
    loop {
        let lease = pool.lease().await?;
        let deleted = lease.client()?.execute(SQL, &[]).await?;
        lease.give_back();
        if deleted < ROWS_PER_STEP {
            return Ok(());
        }
    }
}
