//! `cargo xtask test`: sets up what the tests need, runs them all, takes it down again.
//!
//! Exports `NARU_TEST_POSTGRES` (a PostgreSQL cluster of this run; one that is already named there
//! is used instead), `NARU_BIN` (the binary under test), `NARU_TEST_CHROMIUM` (the browser of the
//! client tests), `NARU_SEEN_ANSWERS` (where the tests of the V2 face note the answers they got,
//! see [`answers`]) and `NARU_NOT_RUN` (where a test that needs what this machine does not give
//! notes its name). A failure anywhere is a failure of the whole, and the cluster is stopped in
//! every case.

mod answers;
mod browser;
mod clients;
mod cluster;
mod packages;
mod postgres;
pub mod schemathesis;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::process;

/// Name of the variable with the URL of the cluster.
const POSTGRES_VARIABLE: &str = "NARU_TEST_POSTGRES";
/// Name of the variable with the path of the file in which tests note that they did not run.
const NOT_RUN_VARIABLE: &str = "NARU_NOT_RUN";
const CLOSING_LINES: usize = 12;

const BUILD_BINARY: [&str; 4] = ["build", "--quiet", "--package", "naru-server"];

/// Arguments of `cargo xtask test`.
#[derive(clap::Args, Default)]
pub struct Args {
    /// Passed on to the test runner; the client tests are skipped then.
    #[arg(last = true)]
    filters: Vec<String>,
}

/// What a run of the tests found.
pub struct Outcome {
    name: &'static str,
    shown: process::Shown,
}

/// Runs all tests.
pub fn run(args: &Args) -> Result<()> {
    let binary = build(args)?;
    let cluster = match std::env::var(POSTGRES_VARIABLE) {
        Ok(_) => None,
        Err(_) => Some(cluster::Cluster::start(&postgres::find_or_install()?)?),
    };
    let url = cluster.as_ref().map(cluster::Cluster::url);
    let is_whole = args.filters.is_empty();
    let seen = is_whole.then(answers::begin).transpose()?;
    let not_run = empty_file("not-run.txt")?;
    let text = |path: &PathBuf| path.to_string_lossy().into_owned();
    let vars: Vec<(&str, String)> = [
        (POSTGRES_VARIABLE, url),
        ("NARU_BIN", binary.as_ref().map(text)),
        (answers::VARIABLE, seen.as_ref().map(text)),
        (NOT_RUN_VARIABLE, Some(text(&not_run))),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect();
    let mut outcomes = vec![rust(args, &vars)?];
    if let Some(path) = seen {
        // First, so that the log ends with a test runner's own words.
        outcomes.insert(0, documented_answers(&path)?);
    }
    if is_whole && let Some(outcome) = clients::run(&vars)? {
        outcomes.push(outcome);
    }
    drop(cluster);
    if is_whole && let Some(binary) = &binary {
        outcomes.extend(schemathesis::run(binary, &schemathesis::Args::default())?);
    }
    say_not_run(&not_run)?;
    close(&outcomes)
}

/// Runs schemathesis against both faces, and nothing else.
pub fn run_schemathesis(args: &schemathesis::Args) -> Result<()> {
    process::run(&mut process::cargo(&BUILD_BINARY))?;
    close(&schemathesis::run(&built_binary()?, args)?)
}

/// A file in the target directory, empty.
fn empty_file(name: &str) -> Result<PathBuf> {
    let path = process::target_dir()?.join(name);
    std::fs::write(&path, "").with_context(|| path.display().to_string())?;
    Ok(path)
}

/// A test runner does not show what a test says that passed.
fn say_not_run(path: &Path) -> Result<()> {
    let names = std::fs::read_to_string(path)?;
    for name in names.lines() {
        println!("not run: {name}");
    }
    Ok(())
}

/// Builds the binary and says where it is. For a whole run the tests are built along, in one go:
/// apart, the two would be built with other features of the same dependencies. Where only some
/// tests are asked for, they run even if the binary can't be built, without it.
fn build(args: &Args) -> Result<Option<PathBuf>> {
    if args.filters.is_empty() {
        let all = ["build", "--quiet", "--workspace", "--bins", "--tests"];
        process::run(&mut process::cargo(&all))?;
    } else if let Err(error) = process::run(&mut process::cargo(&BUILD_BINARY)) {
        println!("{error:#}\nNARU_BIN is not set");
        return Ok(None);
    }
    built_binary().map(Some)
}

fn built_binary() -> Result<PathBuf> {
    Ok(process::target_dir()?.join("debug/naru"))
}

fn documented_answers(seen: &Path) -> Result<Outcome> {
    let mut closing = answers::end(seen)?;
    let success = closing.is_empty();
    if success {
        closing.push("each was seen, or is excused in spec/unseen-v2.txt".to_owned());
    }
    Ok(Outcome {
        name: "documented answers",
        shown: process::Shown { success, closing },
    })
}

fn rust(args: &Args, vars: &[(&str, String)]) -> Result<Outcome> {
    let has_nextest = process::output(&mut process::cargo(&["nextest", "--version"])).is_ok();
    let mut command = if has_nextest {
        process::cargo(&["nextest", "run"])
    } else {
        process::cargo(&["test", "--no-fail-fast"])
    };
    // Without it cargo takes the default members only; with it, it ignores packages named beside.
    let names_packages = args
        .filters
        .iter()
        .any(|f| f.starts_with("-p") || f.starts_with("--package"));
    if !names_packages {
        command.arg("--workspace");
    }
    command
        .args(&args.filters)
        .envs(vars.iter().map(|(k, v)| (k, v)));
    let shown = process::run_shown(&mut command, CLOSING_LINES)?;
    Ok(Outcome {
        name: "Rust tests",
        shown,
    })
}

/// Repeats each runner's closing lines, so that they end the log.
fn close(outcomes: &[Outcome]) -> Result<()> {
    for outcome in outcomes {
        println!("\n--- {} ---", outcome.name);
        outcome
            .shown
            .closing
            .iter()
            .for_each(|line| println!("{line}"));
    }
    let failed: Vec<&str> = outcomes
        .iter()
        .filter(|o| !o.shown.success)
        .map(|o| o.name)
        .collect();
    ensure!(failed.is_empty(), "failed: {}", failed.join(", "));
    Ok(())
}
