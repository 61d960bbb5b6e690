//! Measures `naru`: rates as ratios to ceilings of the same run, start-up time, memory, size.
//! `cargo xtask bench` builds and starts it; `docs/performance.md` and
//! `docs/benchmarks.md` say how to read it.
//!
//! The server and its ceilings run on one half of the cores, load and simulated PGs on the other.
//! Nothing here passes or fails by the clock.
#![expect(clippy::print_stdout, reason = "a command line tool prints")]

mod count;
mod flame;
mod http;
mod lists;
mod load;
mod markdown;
mod naru;
mod pace;
mod pattern;
mod pg;
mod pin;
mod post;
mod receivers;
mod relay;
mod report;
mod rows;
mod run;
mod schedules;
mod seed;
mod serve;
mod shop;
mod store;
mod targets;
mod unit_shape;
mod units;
mod workloads;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "naru-bench", about = "Measures naru; see `cargo xtask bench`")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure everything.
    Run(run::Args),
    /// Count instructions, and compare them with those that are kept.
    Count(count::Args),
    /// Draw where a charge's time goes.
    Flame(flame::Args),
    /// The ceiling of reads: an axum server that answers one JSON document.
    #[command(hide = true)]
    Serve {
        /// The document.
        document: PathBuf,
    },
    /// The ceiling of charges and cancels: their units, straight into the store.
    #[command(hide = true)]
    Store(store::Args),
    /// The ceiling of charges by units: those of their intents, straight into the store.
    #[command(hide = true)]
    Units(units::Args),
    /// The ceiling of webhooks: a bare HTTP client that posts to the same receivers.
    #[command(hide = true)]
    Post(post::Args),
}

fn main() -> anyhow::Result<()> {
    // The store for PostgreSQL may be asked for TLS; whoever was first has installed it.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let command = Cli::parse().command;
    if let Command::Run(_) | Command::Flame(_) = command {
        // From the first thread on we are the load; what is measured is started elsewhere.
        pin::to(&pin::Halves::find()?.load)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match command {
            Command::Run(arguments) => run::run(&arguments).await,
            Command::Count(arguments) => count::run(&arguments).await,
            Command::Flame(arguments) => flame::run(&arguments).await,
            Command::Serve { document } => serve::run(&document).await,
            Command::Store(arguments) => store::run(&arguments).await,
            Command::Units(arguments) => units::run(&arguments).await,
            Command::Post(arguments) => post::run(&arguments).await,
        }
    })
}
