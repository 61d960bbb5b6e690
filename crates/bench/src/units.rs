//! The ceiling of charges by units: those of their intents, as the engine makes them, straight into
//! the store; as many writers as there are, or so many units per second whether or not those
//! before are on disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Args as ClapArgs;
use naru_bench::captured;
use naru_store::{Commit, Store};
use serde_json::json;
use tokio::task::JoinSet;

use crate::pace::{percentile, turns};
use crate::store::open;
use crate::unit_shape::Shapes;

/// Where to measure.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// A new SQLite file, or a PostgreSQL URL.
    to: String,
    /// For how long, in seconds.
    #[arg(long)]
    seconds: u64,
    /// Writers, each with one unit at a time.
    #[arg(long, default_value_t = 64)]
    writers: u64,
    /// Units per second instead, from when each is due.
    #[arg(long)]
    rate: Option<u64>,
}

/// Prints one JSON object: the rate, and the median and 99th percentile of one commit's time.
pub async fn run(arguments: &Args) -> Result<()> {
    let [intent, _] = captured::charge().await?;
    let shapes = Shapes::of(captured::PAYMENT, &[intent])?;
    let source = Arc::new(Source {
        later_us: shapes.age_us(),
        shapes,
        next: AtomicU64::new(0),
    });
    let store = open(&arguments.to).await?;
    let time = Duration::from_secs(arguments.seconds);
    let began = Instant::now();
    let mut times = match arguments.rate {
        Some(rate) => paced(&store, &source, (rate, time)).await?,
        None => closed(&store, &source, (arguments.writers, began + time)).await?,
    };
    let elapsed_us = u64::try_from(began.elapsed().as_micros())?;
    store.close().await;
    times.sort_unstable();
    let count = u64::try_from(times.len())?;
    let rate = count * 1_000_000 / elapsed_us.max(1);
    let (p50_us, p99_us) = (percentile(&times, 50), percentile(&times, 99));
    println!(
        "{}",
        json!({"rate": rate, "p50_us": p50_us, "p99_us": p99_us})
    );
    Ok(())
}

/// Units of their own for all who ask.
struct Source {
    shapes: Shapes,
    later_us: i64,
    next: AtomicU64,
}

impl Source {
    fn unit(&self) -> Result<Commit> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut units = self.shapes.units(number, self.later_us);
        units.pop().context("no unit")
    }
}

async fn closed(
    store: &Arc<dyn Store>,
    source: &Arc<Source>,
    (writers, end): (u64, Instant),
) -> Result<Vec<u64>> {
    let mut tasks = JoinSet::new();
    for _ in 0..writers {
        let (store, source) = (Arc::clone(store), Arc::clone(source));
        tasks.spawn(async move {
            let mut times = Vec::new();
            while Instant::now() < end {
                let unit = source.unit()?;
                let began = Instant::now();
                store.commit(unit).await?;
                times.push(u64::try_from(began.elapsed().as_micros())?);
            }
            anyhow::Ok(times)
        });
    }
    let mut all = Vec::new();
    while let Some(done) = tasks.join_next().await {
        all.extend(done??);
    }
    Ok(all)
}

async fn paced(
    store: &Arc<dyn Store>,
    source: &Arc<Source>,
    (rate, time): (u64, Duration),
) -> Result<Vec<u64>> {
    let mut turns = turns(rate, time);
    let mut tasks = JoinSet::new();
    while let Some(due) = turns.recv().await {
        let (store, source) = (Arc::clone(store), Arc::clone(source));
        tasks.spawn(async move {
            store.commit(source.unit()?).await?;
            anyhow::Ok(u64::try_from(due.elapsed().as_micros())?)
        });
    }
    let mut all = Vec::new();
    while let Some(done) = tasks.join_next().await {
        all.push(done??);
    }
    Ok(all)
}
