//! `cargo xtask flame`: draws where a charge's time goes. Needs Linux's `perf`.

use anyhow::Result;

use crate::{process, root};

/// The picture in the repository.
const SVG: &str = "docs/performance/charge.svg";

/// Arguments of `cargo xtask flame`.
#[derive(clap::Args)]
pub struct Args {
    /// For how long samples are taken.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// Builds, with symbols, and draws. The next `cargo build` strips the binary again.
pub fn run(args: &Args) -> Result<()> {
    let words = ["rustc", "--release", "-p", "naru-server", "--bin", "naru"];
    let mut naru = process::cargo(&words);
    process::run(naru.args(["--", "-C", "strip=none"]))?;
    let build = ["build", "--release", "-p", "naru-bench"];
    process::run(&mut process::cargo(&build))?;
    let target = process::target_dir()?;
    let data = target.join("bench/flame");
    process::fresh_dir(&data)?;
    let binaries = target.join("release");
    let mut flame = std::process::Command::new(binaries.join("naru-bench"));
    flame.arg("flame").arg("--naru").arg(binaries.join("naru"));
    flame.arg("--directory").arg(&data);
    flame.arg("--svg").arg(root::dir().join(SVG));
    flame.args(["--seconds", &args.seconds.to_string()]);
    let drawn = process::run(&mut flame);
    std::fs::remove_dir_all(&data)?;
    drawn
}
