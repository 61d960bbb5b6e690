//! Where a charge's time goes, as a picture: `perf` samples the stacks of a server under a load of
//! charges, and what it saw is folded and drawn (docs/performance.md).
//!
//! Needs Linux's `perf`, and a server that was not stripped (`cargo xtask flame` builds one).
//! Stacks are unwound by the tables that panics use, so nothing else is built differently.

mod draw;
mod fold;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::Args as ClapArgs;
use tokio::process::Command;

use crate::load::Load;
use crate::naru::{Naru, Process, Setup};
use crate::pin::Halves;
use crate::receivers::Receivers;
use crate::shop::{VERSION, set_endpoint};
use crate::workloads;

/// Samples per second: no round number, so that it does not beat with timers; few, since each
/// comes with a copy of its stack.
const SAMPLES: &str = "499";
const CONNECTIONS: usize = 64;
const WARM_UP: Duration = Duration::from_secs(3);
/// How much longer the load runs than the samples are taken.
const MARGIN: Duration = Duration::from_secs(3);

/// What to draw.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The binary, with symbols.
    #[arg(long)]
    naru: PathBuf,
    /// A fresh directory for data.
    #[arg(long)]
    directory: PathBuf,
    /// For how long samples are taken.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// The picture.
    #[arg(long)]
    svg: PathBuf,
}

/// Loads the server, samples it, draws.
pub async fn run(arguments: &Args) -> Result<()> {
    let halves = Halves::find()?;
    let simulator = arguments.directory.join("simulator");
    let simulator = simulator.to_string_lossy().into_owned();
    let words = ["pg-sim", "--listen", "127.0.0.1:0", "--data", &simulator];
    let mut pgs = Process::start(&arguments.naru, &words, &halves.load)?;
    let url = pgs.line("http://").await?;
    let data = arguments.directory.join("naru");
    let naru = Naru::start(&Setup {
        binary: &arguments.naru,
        directory: data.clone(),
        simulator: &url,
        database: None,
        cores: &halves.server,
        under: &[],
    })
    .await?;
    let (url, _heard) = Receivers::one().await?;
    set_endpoint(&arguments.naru, (&data, &naru.store), (&url, VERSION)).await?;
    let load = |time| Load {
        connections: CONNECTIONS,
        time,
    };
    let (warm, _) = workloads::charges(&naru, "warm", u64::MAX);
    load(WARM_UP).run_good(&naru.address, warm).await?;
    println!("sampling for {} s", arguments.seconds);
    let (charges, _) = workloads::charges(&naru, "drawn", u64::MAX);
    let time = Duration::from_secs(arguments.seconds) + MARGIN;
    let (charged, stacks) = tokio::try_join!(
        load(time).run_good(&naru.address, charges),
        sample(arguments, naru.process.id()?)
    )?;
    let folded = fold::fold(&stacks);
    ensure!(folded.total() > 0, "perf saw nothing");
    if let Some(directory) = arguments.svg.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let title = format!("charges, {} per second, one core", charged.rate());
    std::fs::write(&arguments.svg, draw::svg(&folded, &title)?)?;
    println!("{}", fold::table(&folded));
    println!("{} samples, {}", folded.total(), arguments.svg.display());
    Ok(())
}

/// What `perf script` says of the samples.
async fn sample(arguments: &Args, pid: u32) -> Result<String> {
    let file = arguments.directory.join("perf.data");
    let seconds = arguments.seconds.to_string();
    let recorded = Command::new("perf")
        .args([
            "record",
            "-F",
            SAMPLES,
            "--call-graph",
            "dwarf,16384",
            "-p",
            &pid.to_string(),
            "-o",
        ])
        .arg(&file)
        .args(["--", "sleep", &seconds])
        .output()
        .await
        .context("starting perf")?;
    let said = String::from_utf8_lossy(&recorded.stderr);
    ensure!(recorded.status.success(), "perf record: {said}");
    let script = Command::new("perf")
        .args(["script", "--no-inline", "-F", "comm,ip,sym", "-i"])
        .arg(&file)
        .output()
        .await?;
    let said = String::from_utf8_lossy(&script.stderr);
    ensure!(script.status.success(), "perf script: {said}");
    Ok(String::from_utf8_lossy(&script.stdout).into_owned())
}
