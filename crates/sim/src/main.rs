//! `naru-sim`: runs seeds, and repeats one that failed.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::expect_used,
    reason = "a command line tool for tests"
)]

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::ScopedJoinHandle;
use std::time::Instant;

use clap::Parser;
use naru_sim::{Mistake, Options, Report, run};

/// Runs the deterministic simulator of Naru. Exit code 1: a seed failed, and the command that
/// repeats it was printed.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// How many seeds to run
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// One seed alone, every step printed to standard error
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// A bug to switch on: the run should fail then. `--mistake list` prints them
    #[arg(long)]
    mistake: Option<String>,
    /// Threads, each with seeds of its own
    #[arg(long, default_value_t = 2)]
    threads: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let named = arguments.mistake.as_deref();
    let mistake = named.and_then(Mistake::of_name);
    if named.is_some() && mistake.is_none() {
        let names: Vec<_> = Mistake::ALL.into_iter().map(Mistake::name).collect();
        println!("mistakes: {}", names.join(", "));
        return ExitCode::from(2);
    }
    let options = Options {
        mistake,
        is_loud: arguments.seed.is_some(),
        ..Options::default()
    };
    if let Some(seed) = arguments.seed {
        let report = run(seed, options);
        println!("{report:#?}");
        return ended(report.findings.is_empty());
    }
    let began = Instant::now();
    let reports: Vec<Report> = run_all(&arguments, options);
    let failed = reports.iter().filter(|report| !report.findings.is_empty());
    let failed = failed.count();
    let sum = |of: fn(&Report) -> u64| reports.iter().map(of).sum::<u64>();
    println!(
        "{} seeds, {} failed, {} steps, {} crashes, {} calls, {:.1} s",
        reports.len(),
        failed,
        sum(|report| report.steps),
        sum(|report| report.crashes),
        reports.iter().map(|report| report.calls).sum::<usize>(),
        began.elapsed().as_secs_f64()
    );
    ended(failed == 0)
}

fn ended(is_well: bool) -> ExitCode {
    if is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Says what does not fit, and how to see it again.
fn tell(report: &Report, mistake: Option<Mistake>) {
    println!("seed {} failed:", report.seed);
    for finding in &report.findings {
        println!("  {finding}");
    }
    let switched = mistake.map_or(String::new(), |m| format!(" --mistake {}", m.name()));
    println!(
        "repeat it: cargo run --release -p naru-sim -- --seed {}{switched}",
        report.seed
    );
}

/// Each run is one thread; several runs at once are several threads.
fn run_all(arguments: &Arguments, options: Options) -> Vec<Report> {
    let threads = arguments.threads.max(1);
    let until = arguments.from.saturating_add(arguments.seeds);
    let done = AtomicU64::new(0);
    let is_watched = std::io::stderr().is_terminal();
    let one = |seed| {
        let report = run(seed, options);
        if !report.findings.is_empty() {
            tell(&report, options.mistake);
        }
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if is_watched && done.is_multiple_of(10) {
            eprint!("\r{done} of {} seeds", arguments.seeds);
        }
        report
    };
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..threads)
            .map(|thread| {
                scope.spawn(move || {
                    (arguments.from + thread..until)
                        .step_by(usize::try_from(threads).unwrap_or(1))
                        .map(one)
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let of_thread = |run: ScopedJoinHandle<'_, _>| run.join().expect("a run does not panic");
        runs.into_iter().flat_map(of_thread).collect()
    })
}
