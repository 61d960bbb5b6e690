//! A connector's own work: one card approval begun, its request built, its answer read; beside the
//! processor time of a charge, which it is part of.

use std::time::{Duration, Instant};

use anyhow::Result;
use naru_bench::inicis::Approval;

use crate::run::Bench;
use crate::workloads;

const CONNECTIONS: usize = 64;
/// How long the connector is measured in one round.
const TIME: Duration = Duration::from_millis(500);
/// Between looks at the clock.
const BATCH: u32 = 100;

impl Bench<'_> {
    /// The row.
    pub async fn row_connector(&mut self, simulator: &str) -> Result<()> {
        let approval = Approval::record().await?;
        let shop = self.open_shop("connector", simulator, None).await?;
        self.warm_up(&shop).await?;
        for round in 0..self.arguments.rounds {
            let (make, _) = workloads::charges(&shop.naru, &format!("r{round}"), u64::MAX);
            let (_, processor_us) = shop.run(self.round_load(CONNECTIONS), make).await?;
            let took_ns = took_ns(&approval)?;
            self.report
                .round("connector", (took_ns, processor_us * 1_000))?;
        }
        Ok(())
    }
}

/// One exchange, in nanoseconds: the fastest batch, since nothing makes it faster than it is.
fn took_ns(approval: &Approval) -> Result<u64> {
    let end = Instant::now() + TIME;
    let mut best = u64::MAX;
    while Instant::now() < end {
        let began = Instant::now();
        for _ in 0..BATCH {
            approval.run()?;
        }
        let each = began.elapsed().as_nanos() / u128::from(BATCH);
        best = best.min(u64::try_from(each)?);
    }
    Ok(best)
}
