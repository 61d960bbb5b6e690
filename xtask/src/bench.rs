//! `cargo xtask bench`: builds what is measured and what measures, and runs it.
//!
//! The load is a program of its own (`crates/bench`), built with the same profile: it must not be
//! slower than what it drives, and this one is built without optimisation.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;

use crate::{process, root};

/// The profile, which the report names.
const PROFILE: &str = "release";
/// Names a PostgreSQL database to measure instead of SQLite.
const POSTGRES_VARIABLE: &str = "NARU_BENCH_POSTGRES";

/// Arguments of `cargo xtask bench`.
#[derive(clap::Args)]
pub struct Args {
    /// Seconds for each workload.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Connections.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Only `payments`, `lists` or `schedules`; several may be named.
    #[arg(long)]
    only: Vec<String>,
    /// Payments of the long list.
    #[arg(long, default_value_t = 1_000_000)]
    payments: u64,
    /// Schedules due at once.
    #[arg(long, default_value_t = 100_000)]
    schedules: u64,
}

/// Builds and measures.
pub fn run(args: &Args) -> Result<()> {
    let build = [
        "build",
        "--profile",
        PROFILE,
        "-p",
        "naru-server",
        "-p",
        "naru-bench",
    ];
    process::run(&mut process::cargo(&build))?;
    let target = process::target_dir()?;
    let data = target.join("bench/data");
    process::fresh_dir(&data)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let report = target.join(format!("bench/{now}.json"));
    let mut bench = std::process::Command::new(target.join(PROFILE).join("naru-bench"));
    bench.arg("run").args(["--profile", PROFILE]);
    bench.arg("--naru").arg(target.join(PROFILE).join("naru"));
    bench.arg("--directory").arg(&data);
    bench.arg("--report").arg(report);
    bench.args(["--seconds", &args.seconds.to_string()]);
    bench.args(["--connections", &args.connections.to_string()]);
    bench.args(["--payments", &args.payments.to_string()]);
    bench.args(["--schedules", &args.schedules.to_string()]);
    for part in &args.only {
        bench.args(["--only", part]);
    }
    if let Ok(url) = std::env::var(POSTGRES_VARIABLE) {
        bench.args(["--database", &url]);
    }
    bench.current_dir(root::dir());
    let measured = process::run(&mut bench);
    // A few hundred megabytes that nobody looks at.
    std::fs::remove_dir_all(&data)?;
    measured
}
