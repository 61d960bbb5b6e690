//! Charges at half of the rate that the server can do, beside commits at the rate of their units:
//! what one charge takes more than its disk, the PG's time taken off.

use std::time::Duration;

use anyhow::Result;

use super::number;
use crate::pace::{self, percentile};
use crate::relay;
use crate::run::Bench;
use crate::workloads;

const CONNECTIONS: usize = 64;
/// Units of a charge: its intent, its result.
const UNITS: u64 = 2;

impl Bench<'_> {
    /// The row.
    pub async fn row_half_load(&mut self, simulator: &str) -> Result<()> {
        let (relayed, times) = relay::before(simulator).await?;
        let shop = self.open_shop("half-load", &relayed, None).await?;
        self.warm_up(&shop).await?;
        let mut note = String::new();
        for round in 0..self.arguments.rounds {
            let load = self.round_load(CONNECTIONS);
            let (make, _) = workloads::charges(&shop.naru, &format!("full{round}"), u64::MAX);
            let (full, _) = shop.run(load, make).await?;
            let half = (full.rate() / 2).max(1);
            let rate = (half * UNITS).to_string();
            let commits = self.units(&["--rate", &rate]).await?;
            times.take();
            shop.heard.clear();
            let (make, _) = workloads::charges(&shop.naru, &format!("half{round}"), u64::MAX);
            let time = Duration::from_secs(self.arguments.round_seconds);
            let charged = pace::run(&shop.naru.address, (half, time), &make).await?;
            // The median, not the 99th: what is taken off is what the PG takes on any day.
            let pg = percentile(&times.take(), 50);
            shop.settle(u64::try_from(charged.len())?).await?;
            let p99 = percentile(&charged, 99);
            let seen = p99.saturating_sub(pg);
            self.report
                .round("half-load", (seen, number(&commits, "p99_us")?))?;
            let p50 = percentile(&charged, 50);
            note = format!("last round: {half}/s, p50 {p50} µs, p99 {p99} µs, the PG's {pg} µs");
        }
        self.report.note("half-load", note)
    }
}
