//! `cargo xtask bench`: builds what is measured and what measures, and runs it.
//!
//! The load is a program of its own (`crates/bench`), built with the same profile: it must not be
//! slower than what it drives, and this one is built without optimisation.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;

use crate::{process, root};

/// The profile, which the report names.
const PROFILE: &str = "release";
/// Names a PostgreSQL server, as one who may create databases in it.
const POSTGRES_VARIABLE: &str = "NARU_BENCH_POSTGRES";

/// Arguments of `cargo xtask bench`.
#[derive(clap::Args)]
pub struct Args {
    /// Rounds of each row: the server and its ceiling in turns. The medians count.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Seconds of each half of a round.
    #[arg(long, default_value_t = 2)]
    round_seconds: u64,
    /// Seconds for each workload of `payments`.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Connections of `payments` and `schedules`; each row has its own.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Only this part; several may be named: `payments`, `reads`, `charges`, `half-load`,
    /// `cancels`, `lists`, `schedules`, `webhooks`, `faces`, `postgres`, `nodes`, `connector`,
    /// `million`.
    #[arg(long)]
    only: Vec<String>,
    /// `payments` and `schedules` on the server that `NARU_BENCH_POSTGRES` names.
    #[arg(long)]
    in_postgres: bool,
    /// Payments of the long list.
    #[arg(long, default_value_t = 1_000_000)]
    payments: u64,
    /// Schedules due at once.
    #[arg(long, default_value_t = 100_000)]
    schedules: u64,
    /// Webhooks pending at once.
    #[arg(long, default_value_t = 100_000)]
    webhooks: u64,
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
    for (name, value) in [
        ("--rounds", u64::from(args.rounds)),
        ("--round-seconds", args.round_seconds),
        ("--seconds", args.seconds),
        ("--payments", args.payments),
        ("--schedules", args.schedules),
        ("--webhooks", args.webhooks),
    ] {
        bench.args([name, &value.to_string()]);
    }
    bench.args(["--connections", &args.connections.to_string()]);
    for part in &args.only {
        bench.args(["--only", part]);
    }
    if let Ok(url) = std::env::var(POSTGRES_VARIABLE) {
        bench.args(["--postgres", &url]);
        if args.in_postgres {
            bench.args(["--database", &url]);
        }
    }
    bench.current_dir(root::dir());
    let measured = process::run(&mut bench);
    // A few hundred megabytes that nobody looks at.
    std::fs::remove_dir_all(&data)?;
    measured
}
