//! `naru pg-sim`: the simulated PGs as a process of their own, for kill tests and the bench.
//!
//! Its address goes to standard output as the only line, and to `DIR/pg-sim.json`, so that a test
//! can start it on a free port and find it.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use naru_pg_sim::Simulator;

use crate::cli::PgSimArgs;
use crate::config::Limits;
use crate::lifecycle::{self, Shutdown};
use crate::output;

/// Where simulators keep their books under a data directory, here and in the sandbox.
pub const BOOKS_DIRECTORY: &str = "simulator";

/// Runs until a signal.
pub async fn run(arguments: PgSimArgs) -> anyhow::Result<()> {
    let simulator = Simulator::open(Some(arguments.data.join(BOOKS_DIRECTORY)))?;
    let bound = lifecycle::bind(arguments.listen).await?;
    let url = bound.url();
    write_file(&arguments.data, &url).context("can't write `pg-sim.json`")?;
    output::line(&url);
    tracing::info!(url, "the simulated PGs are listening");

    let shutdown = Shutdown::default();
    let stopping = shutdown.clone();
    let ended = shutdown.clone();
    shutdown.spawn(async move {
        let soft = async move { stopping.soft().await };
        if let Err(error) = naru_pg_sim::serve(bound.listener, simulator, soft).await {
            tracing::error!(%error, "the simulated PGs ended");
        }
        ended.begin();
    });
    shutdown.run(&Limits::default()).await?;
    Ok(())
}

fn write_file(directory: &Path, url: &str) -> anyhow::Result<()> {
    let draft = directory.join(".pg-sim.json.new");
    let mut file = std::fs::File::create(&draft)?;
    writeln!(
        file,
        "{}",
        serde_json::json!({"url": url, "pid": std::process::id()})
    )?;
    std::fs::rename(&draft, directory.join("pg-sim.json"))?;
    Ok(())
}
