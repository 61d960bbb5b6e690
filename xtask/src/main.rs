//! Developer commands: `cargo xtask --help` lists them.
//!
//! A thin dispatcher; each command is a module of its own.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool prints"
)]

mod document;
mod generate;
mod root;
mod spec;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Developer commands of Naru")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the wire types from spec/ (--check: fail if they are stale).
    Generate(generate::Args),
    /// Write spec/v2.openapi.json from reference documents, structure only.
    Spec(spec::Args),
}

fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Generate(args) => generate::run(&args),
        Command::Spec(args) => spec::run(&args),
    }
}
