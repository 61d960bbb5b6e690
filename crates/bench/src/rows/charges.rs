//! Charges by card, beside the group commit of as many writers; and what they need of memory.

use anyhow::Result;

use super::number;
use crate::run::Bench;
use crate::shop::Shop;
use crate::workloads;

const CONNECTIONS: usize = 64;

impl Bench<'_> {
    /// The row.
    pub async fn row_charges(&mut self, simulator: &str) -> Result<()> {
        let shop = self.open_shop("charges", simulator, None).await?;
        let (idle, _) = shop.naru.process.memory_kib()?;
        self.report.figures.insert("memory idle, KiB", idle);
        self.warm_up(&shop).await?;
        let mut memory = Vec::new();
        for round in 0..self.arguments.rounds {
            let units = self.units(&[]).await?;
            let load = self.round_load(CONNECTIONS);
            let (make, _) = workloads::charges(&shop.naru, &format!("r{round}"), u64::MAX);
            let (charged, processor_us) = shop.run(load, make).await?;
            let rates = (charged.rate(), number(&units, "rate")?);
            self.report.round("charges", rates)?;
            self.report
                .figures
                .insert("charge: CPU on the node, µs", processor_us);
            memory.push(shop.naru.process.memory_kib()?.0);
        }
        let (_, most) = shop.naru.process.memory_kib()?;
        self.report.figures.insert("memory under load, KiB", most);
        if let ([_, second, ..], Some(last)) = (memory.as_slice(), memory.last()) {
            self.report.round("memory-flat", (*last, *second))?;
        }
        Ok(())
    }

    /// A moment of charges before they count.
    pub async fn warm_up(&self, shop: &Shop) -> Result<()> {
        let load = crate::load::Load {
            time: crate::run::WARM_UP,
            ..self.round_load(CONNECTIONS)
        };
        let (make, _) = workloads::charges(&shop.naru, "warm", u64::MAX);
        shop.run(load, make).await.map(drop)
    }
}
