//! Reads of one payment, beside a bare server that answers as much.

use anyhow::Result;

use super::ask;
use crate::http::request;
use crate::run::{Bench, KEPT};
use crate::workloads::{self, PAYMENTS};

const CONNECTIONS: usize = 32;

impl Bench<'_> {
    /// The row.
    pub async fn row_reads(&mut self, simulator: &str) -> Result<()> {
        let shop = self.open_shop("reads", simulator, None).await?;
        let naru = &shop.naru;
        self.fill(naru).await?;
        shop.settle(PAYMENTS).await?;
        let path = format!("/payments/{KEPT}-0");
        let document = ask(&naru.address, &request("GET", &path, &naru.secret, "")).await?;
        let (_bare, address) = self.bare_server(&document).await?;
        let load = self.round_load(CONNECTIONS);
        let reads = workloads::reads(naru, KEPT);
        self.warm(&naru.address, &reads).await?;
        let before = naru.process.processor_us()?;
        let mut answers = 0;
        for _ in 0..self.arguments.rounds {
            let bare = load.run_good(&address, workloads::plain()).await?;
            let read = load.run_good(&naru.address, reads.clone()).await?;
            answers += read.answers;
            self.report.round("reads", (read.rate(), bare.rate()))?;
        }
        let used = naru.process.processor_us()? - before;
        self.report
            .figures
            .insert("read: CPU on the node, µs", used / answers.max(1));
        Ok(())
    }
}
