//! Charges on PostgreSQL, beside pgbench that runs the same two transactions: the units that the
//! engine commits, as SQL, two round trips each, prepared, from as many clients.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use naru_bench::captured;

use crate::pg::Server;
use crate::run::Bench;
use crate::store::open;
use crate::unit_shape::Shapes;
use crate::workloads;

const CLIENTS: usize = 32;
/// Its clients begin cold in each round, ours do not: enough for that not to count.
const SECONDS_MIN: u64 = 5;
const OURS: &str = "naru_bench_charges";
const ITS: &str = "naru_bench_pgbench";

impl Bench<'_> {
    /// The row.
    pub async fn row_postgres(&mut self, simulator: &str) -> Result<()> {
        let Some(url) = self.needs_postgres() else {
            return Ok(());
        };
        let server = Server::open(url).await?;
        let ours = server.fresh(OURS).await?;
        let its = server.fresh(ITS).await?;
        // Opening brings the tables.
        open(&its).await?.close().await;
        let units = captured::charge().await?;
        let script = self.arguments.directory.join("charge.sql");
        std::fs::write(&script, Shapes::of(captured::PAYMENT, &units)?.script())?;
        let shop = self.open_shop("postgres", simulator, Some(&ours)).await?;
        self.warm_up(&shop).await?;
        Server::analyze(&ours).await?;
        let idle_us = server.idle_us().await?;
        let mut made = 0;
        self.pgbench(&its, &mut made).await?;
        Server::analyze(&its).await?;
        for round in 0..self.arguments.rounds {
            let base = self.pgbench(&its, &mut made).await?;
            let (make, _) = workloads::charges(&shop.naru, &format!("r{round}"), u64::MAX);
            let before = (server.processor_us().await?, Instant::now());
            let [wal, size] = [server.wal_bytes().await?, server.size_bytes(OURS).await?];
            let units = Server::rows(&ours, "units").await?;
            let (charged, on_node) = shop.run(self.round_load(CLIENTS), make).await?;
            let count = charged.answers;
            let on_database = server.each_us(before, idle_us, count).await?;
            let wal = (server.wal_bytes().await? - wal) / count;
            let size = server.size_bytes(OURS).await?.saturating_sub(size) / count;
            let units = (Server::rows(&ours, "units").await? - units) * 100 / count;
            self.report.round("postgres", (charged.rate(), base))?;
            self.report.figures.extend([
                ("charge on PostgreSQL: CPU on the node, µs", on_node),
                ("charge on PostgreSQL: CPU on the database, µs", on_database),
                ("charge on PostgreSQL: units, hundredths", units),
                ("charge on PostgreSQL: WAL, bytes", wal),
                ("charge on PostgreSQL: size of the database, bytes", size),
            ]);
        }
        // Every transaction of the script did what a charge does: inserted, then updated.
        let whole = Server::rows(&its, "payments WHERE version = 2").await?;
        ensure!(
            whole == made,
            "{whole} payments of {made} that pgbench made"
        );
        drop(shop);
        server.drop(OURS).await?;
        server.drop(ITS).await
    }

    /// One round of pgbench; its transactions per second, each a charge.
    async fn pgbench(&self, url: &str, made: &mut u64) -> Result<u64> {
        let script = self.arguments.directory.join("charge.sql");
        let clients = CLIENTS.to_string();
        let seconds = self.arguments.round_seconds.max(SECONDS_MIN).to_string();
        let done = tokio::process::Command::new("pgbench")
            .args(["-n", "-M", "prepared", "-c", &clients, "-j", "1", "-T", &seconds])
            // Keys rise from where the round before ended.
            .args(["-D", &format!("k={made}"), "-f"])
            .arg(&script)
            .arg(url)
            .output()
            .await
            .context("starting pgbench, which comes with PostgreSQL")?;
        let said = String::from_utf8_lossy(&done.stdout);
        let errors = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success(), "pgbench: {errors}");
        let failed = said.lines().find(|line| line.contains("number of failed"));
        ensure!(
            failed.is_none_or(|line| line.contains(": 0 ")),
            "pgbench: {failed:?}"
        );
        let count = field(&said, "number of transactions actually processed:")?;
        *made += count;
        field(&said, "tps =")
    }
}

/// The whole number behind these words.
fn field(said: &str, words: &str) -> Result<u64> {
    let found = said.lines().find_map(|line| line.strip_prefix(words));
    let text = found.with_context(|| format!("pgbench did not say `{words}`: {said}"))?;
    let digits: String = text
        .trim()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    Ok(digits.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pgbench_says_is_read() {
        let said = "number of transactions actually processed: 120\n\
                    tps = 59.9 (without initial connection time)\n";
        assert_eq!(field(said, "tps =").unwrap(), 59);
        assert_eq!(
            field(said, "number of transactions actually processed:").unwrap(),
            120
        );
        assert!(field(said, "latency").is_err());
    }
}
