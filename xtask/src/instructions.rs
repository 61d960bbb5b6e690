//! `cargo xtask instructions`: counts what one request of the money path takes, and compares it
//! with what is kept in `crates/bench/instructions.json`. Needs valgrind.

use anyhow::Result;

use crate::{process, root};

/// The counts that somebody has looked at.
const KEPT: &str = "crates/bench/instructions.json";

/// Arguments of `cargo xtask instructions`.
#[derive(clap::Args)]
pub struct Args {
    /// Keep what is counted now.
    #[arg(long)]
    update: bool,
}

/// Builds and counts.
pub fn run(args: &Args) -> Result<()> {
    let build = [
        "build",
        "--release",
        "-p",
        "naru-server",
        "-p",
        "naru-bench",
    ];
    process::run(&mut process::cargo(&build))?;
    let target = process::target_dir()?;
    let data = target.join("bench/instructions");
    process::fresh_dir(&data)?;
    let binaries = target.join("release");
    let mut count = std::process::Command::new(binaries.join("naru-bench"));
    count.arg("count").arg("--naru").arg(binaries.join("naru"));
    count.arg("--directory").arg(&data);
    count.arg("--kept").arg(root::dir().join(KEPT));
    if args.update {
        count.arg("--update");
    }
    let counted = process::run(&mut count);
    std::fs::remove_dir_all(&data)?;
    counted
}
