//! Developer commands: `cargo xtask --help` lists them.
//!
//! A thin dispatcher; each command is a module of its own.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool prints"
)]

mod bench;
mod ci;
mod contract;
mod document;
mod flame;
mod generate;
mod instructions;
mod process;
mod root;
mod spec;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Developer commands of Naru")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure the release build against ceilings of the same run (docs/performance.md).
    Bench(bench::Args),
    /// Everything that must hold before a change goes in: format, clippy, tidy, all tests.
    Ci,
    /// Compare our API documents with the references (needs specdiff).
    Contract(contract::Args),
    /// Draw where a charge's time goes, as docs/performance/charge.svg (needs perf).
    Flame(flame::Args),
    /// Write the wire types from spec/ (--check: fail if they are stale).
    Generate(generate::Args),
    /// Count the instructions of the money path and compare them with those kept (needs valgrind).
    Instructions(instructions::Args),
    /// Requests from the documents that a sandbox serves, by schemathesis (tests/schemathesis).
    Schemathesis(test::schemathesis::Args),
    /// Write spec/v2.openapi.json from reference documents, structure only.
    Spec(spec::Args),
    /// Write spec/v1.openapi.json from the reference document of V1, structure only.
    SpecV1(spec::v1::Args),
    /// Run all tests, with a PostgreSQL cluster and the binary they need (-- FILTERS).
    Test(test::Args),
    /// Check the project's own rules: sizes, words, layers, dependencies, SQL, spec.
    Tidy,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Bench(args) => bench::run(&args),
        Command::Ci => ci::run(),
        Command::Contract(args) => contract::run(&args),
        Command::Flame(args) => flame::run(&args),
        Command::Generate(args) => generate::run(&args),
        Command::Instructions(args) => instructions::run(&args),
        Command::Schemathesis(args) => test::run_schemathesis(&args),
        Command::Spec(args) => spec::run(&args),
        Command::SpecV1(args) => spec::v1::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Tidy => tidy::run(),
    };
    // By hand: a backtrace, which anyhow adds on its own, hides the sentence that matters.
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
