//! Instructions of the money path, counted by callgrind.
//!
//! Times and rates vary with the machine's mood; how many instructions a request takes hardly
//! does. So the counts are kept in the repository, a run compares itself with them, and who makes
//! a request dearer sees it and says why. Requests go one after the other on one connection; what
//! the server does behind them (index, webhooks) is counted with them, the PG is a process of its
//! own and is not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args as ClapArgs;

use crate::http::Connection;
use crate::load::Make;
use crate::naru::{Naru, Process, Setup};
use crate::pin::Halves;
use crate::workloads::{self, PAYMENTS};

/// Requests before counting begins: caches are filled, statements are prepared.
const WARM_UP: u64 = 50;
/// Requests that are counted.
const COUNTED: u64 = 400;
/// Until what the server does behind its answers is done.
const REST: Duration = Duration::from_secs(5);
/// How much more a request may take than what is kept, in per cent.
const GROWTH_MAX: u64 = 5;

/// How to count.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The binary.
    #[arg(long)]
    naru: PathBuf,
    /// A fresh directory for data.
    #[arg(long)]
    directory: PathBuf,
    /// The file of the kept counts.
    #[arg(long)]
    kept: PathBuf,
    /// Keep what is counted now.
    #[arg(long)]
    update: bool,
}

/// Instructions of one request, by the workload's name.
type Counts = BTreeMap<String, u64>;

/// Counts, and compares or keeps.
pub async fn run(arguments: &Args) -> Result<()> {
    let counts = counted(arguments).await?;
    if arguments.update {
        let text = serde_json::to_string_pretty(&counts)?;
        std::fs::write(&arguments.kept, text + "\n")?;
        println!("{}\nkept", table(&counts, &counts));
        return Ok(());
    }
    let kept = std::fs::read_to_string(&arguments.kept)
        .with_context(|| format!("reading {}", arguments.kept.display()))?;
    let kept: Counts = serde_json::from_str(&kept)?;
    println!("{}", table(&counts, &kept));
    let dearer = dearer(&counts, &kept);
    ensure!(
        dearer.is_empty(),
        "more than {GROWTH_MAX} % dearer than what is kept: {}\nhint: look at why; if it is worth \
         it, keep the new counts with `cargo xtask instructions --update` and say so in the commit",
        dearer.join(", ")
    );
    Ok(())
}

fn table(counts: &Counts, kept: &Counts) -> String {
    let lines = counts.iter().map(|(name, count)| {
        let kept = kept.get(name).map_or_else(String::new, u64::to_string);
        format!("| {name} | {count} | {kept} |")
    });
    let head = ["| one | instructions | kept |", "| --- | ---: | ---: |"];
    let all: Vec<String> = head.map(str::to_owned).into_iter().chain(lines).collect();
    all.join("\n")
}

/// What has grown too much, or is new, or is missing.
fn dearer(counts: &Counts, kept: &Counts) -> Vec<String> {
    let grown = counts.iter().filter(|(name, count)| {
        let most = kept
            .get(*name)
            .map(|kept| kept.saturating_mul(100 + GROWTH_MAX) / 100);
        most.is_none_or(|most| **count > most)
    });
    let missing = kept.keys().filter(|name| !counts.contains_key(*name));
    grown
        .map(|(name, _)| name)
        .chain(missing)
        .cloned()
        .collect()
}

async fn counted(arguments: &Args) -> Result<Counts> {
    let halves = Halves::find()?;
    let simulator = arguments.directory.join("simulator");
    let simulator = simulator.to_string_lossy().into_owned();
    let words = ["pg-sim", "--listen", "127.0.0.1:0", "--data", &simulator];
    let mut pgs = Process::start(&arguments.naru, &words, &halves.load)?;
    let url = pgs.line("http://").await?;
    let found = arguments.directory.join("callgrind");
    let out = format!("--callgrind-out-file={}", found.display());
    let valgrind = ["valgrind", "--tool=callgrind", "--instr-atstart=no", &out];
    let naru = Naru::start(&Setup {
        binary: &arguments.naru,
        under: &valgrind,
        directory: arguments.directory.join("naru"),
        simulator: &url,
        database: None,
        cores: &halves.server,
    })
    .await?;
    let counter = Counter {
        pid: naru.process.id()?,
        found,
    };
    let mut connection = Connection::open(&naru.address).await?;
    let charged = WARM_UP + COUNTED;
    // Reads and the list look at these.
    let (filling, _) = workloads::charges(&naru, "kept", PAYMENTS);
    ask(&mut connection, &filling, 0, PAYMENTS).await?;
    tokio::time::sleep(REST).await;
    let (charges, _) = workloads::charges(&naru, "spent", charged);
    let mut counts = Counts::new();
    for (name, make) in [
        ("read", workloads::reads(&naru, "kept")),
        // The same payments, none of which has changed.
        ("read again", workloads::reads(&naru, "kept")),
        ("list of ten", workloads::list(&naru)),
        ("charge", charges),
        ("cancel", workloads::cancels(&naru, "spent", charged)),
    ] {
        ask(&mut connection, &make, 0, WARM_UP).await?;
        tokio::time::sleep(REST).await;
        counter.control(&["--instr=on"])?;
        ask(&mut connection, &make, WARM_UP, COUNTED).await?;
        tokio::time::sleep(REST).await;
        counter.control(&["--instr=off"])?;
        counts.insert(name.to_owned(), counter.take()? / COUNTED);
    }
    Ok(counts)
}

async fn ask(connection: &mut Connection, make: &Make, from: u64, count: u64) -> Result<()> {
    for number in from..from + count {
        let request = make(0, number).context("no request is left")?;
        let answer = connection.call(&request).await?;
        ensure!(
            answer.status == 200,
            "a request was answered {}",
            answer.status
        );
    }
    Ok(())
}

/// The running callgrind.
struct Counter {
    pid: u32,
    found: PathBuf,
}

impl Counter {
    fn control(&self, words: &[&str]) -> Result<()> {
        let done = std::process::Command::new("callgrind_control")
            .args(words)
            .arg(self.pid.to_string())
            .output()
            .context("starting callgrind_control, which comes with valgrind")?;
        let said = String::from_utf8_lossy(&done.stdout);
        ensure!(done.status.success(), "callgrind_control: {said}");
        Ok(())
    }

    /// What was counted since the last time; counting begins at 0 again.
    fn take(&self) -> Result<u64> {
        self.control(&["--dump"])?;
        let mut last = None;
        for number in 1_u32.. {
            let file = PathBuf::from(format!("{}.{number}", self.found.display()));
            if !file.exists() {
                break;
            }
            last = Some(file);
        }
        totals(&last.context("callgrind wrote nothing")?)
    }
}

fn totals(file: &Path) -> Result<u64> {
    let text = std::fs::read_to_string(file)?;
    let Some(total) = text.lines().find_map(|line| line.strip_prefix("totals: ")) else {
        bail!("{} has no totals", file.display());
    };
    Ok(total.trim().parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_by_more_than_a_twentieth_is_named() {
        let counts = |pairs: &[(&str, u64)]| -> Counts {
            pairs
                .iter()
                .map(|(name, count)| ((*name).to_owned(), *count))
                .collect()
        };
        let kept = counts(&[("charge", 1_000), ("read", 100)]);
        assert!(dearer(&counts(&[("charge", 1_050), ("read", 90)]), &kept).is_empty());
        assert_eq!(
            dearer(&counts(&[("charge", 1_051), ("read", 100)]), &kept),
            ["charge"]
        );
        assert_eq!(dearer(&counts(&[("charge", 1_000)]), &kept), ["read"]);
        assert_eq!(
            dearer(&counts(&[("new", 1), ("charge", 1), ("read", 1)]), &kept),
            ["new"]
        );
    }
}
