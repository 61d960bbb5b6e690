//! A server as a merchant uses it: with a live receiver of its webhooks. After a load, each payment
//! must have led to a webhook there, or the run fails.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::load::{Load, Make, Measured};
use crate::naru::Naru;
use crate::receivers::{Heard, Receivers};
use crate::run::Bench;

/// How long webhooks may take after the last answer.
const PATIENCE: Duration = Duration::from_mins(2);
/// Until what the server does behind its answers is done: the index is a second behind.
const REST: Duration = Duration::from_millis(1_500);

/// The version of its webhooks.
pub const VERSION: &str = "2024-04-25";

/// The server and its receiver.
pub struct Shop {
    /// The server.
    pub naru: Naru,
    /// Where its webhooks go.
    pub url: String,
    /// What arrived there.
    pub heard: Arc<Heard>,
}

impl Bench<'_> {
    /// Opens one with a directory of its own.
    pub async fn open_shop(
        &self,
        directory: &str,
        simulator: &str,
        database: Option<&str>,
    ) -> Result<Shop> {
        let naru = self.serve(directory, simulator, database).await?;
        let (url, heard) = Receivers::one().await?;
        self.set_endpoint((directory, &naru.store), (&url, VERSION))
            .await?;
        Ok(Shop { naru, url, heard })
    }

    /// Tells a server where webhooks of test payments go, in this version.
    pub async fn set_endpoint(
        &self,
        (directory, store): (&str, &str),
        to: (&str, &str),
    ) -> Result<()> {
        let data = self.arguments.directory.join(directory);
        set_endpoint(&self.arguments.naru, (&data, store), to).await
    }
}

/// The same for a server whose data are in this directory, by the command line of that binary.
pub async fn set_endpoint(
    naru: &Path,
    (data, store): (&Path, &str),
    (url, version): (&str, &str),
) -> Result<()> {
    let set = tokio::process::Command::new(naru)
        .args(["webhooks", "set", "--store", store, "--url", url])
        .args(["--version", version, "--data"])
        .arg(data)
        .output()
        .await?;
    let said = String::from_utf8_lossy(&set.stderr);
    ensure!(set.status.success(), "naru webhooks set: {said}");
    Ok(())
}

impl Shop {
    /// Runs a load whose answers are all 200, each of which makes a webhook; waits for those. Gives
    /// what was measured and the server's processor time for one answer, in microseconds, what it
    /// does behind its answers included.
    pub async fn run(&self, load: Load, make: Make) -> Result<(Measured, u64)> {
        self.heard.clear();
        let before = self.naru.process.processor_us()?;
        let measured = load.run_good(&self.naru.address, make).await?;
        self.settle(measured.answers).await?;
        let used = self.naru.process.processor_us()? - before;
        let each = used / measured.answers;
        Ok((measured, each))
    }

    /// Waits until so many webhooks have arrived and the rest is done.
    pub async fn settle(&self, webhooks: u64) -> Result<()> {
        self.heard.wait(webhooks, PATIENCE).await?;
        tokio::time::sleep(REST).await;
        let count = self.heard.count();
        ensure!(count == webhooks, "{count} webhooks of {webhooks} payments");
        Ok(())
    }
}
