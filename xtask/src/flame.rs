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

/// Builds, with symbols and frame pointers in a target directory of its own, and draws.
pub fn run(args: &Args) -> Result<()> {
    let target = process::target_dir()?;
    let own = target.join("flame");
    let build = ["build", "--release", "-p", "naru-server"];
    let mut naru = process::cargo(&build);
    naru.env("CARGO_TARGET_DIR", &own);
    naru.env("CARGO_PROFILE_RELEASE_STRIP", "none");
    naru.env("RUSTFLAGS", "-C force-frame-pointers=yes");
    naru.env("CFLAGS", "-fno-omit-frame-pointer");
    process::run(&mut naru)?;
    let build = ["build", "--release", "-p", "naru-bench"];
    process::run(&mut process::cargo(&build))?;
    let data = target.join("bench/flame");
    process::fresh_dir(&data)?;
    let mut flame = std::process::Command::new(target.join("release/naru-bench"));
    flame
        .arg("flame")
        .arg("--naru")
        .arg(own.join("release/naru"));
    flame.arg("--directory").arg(&data);
    flame.arg("--svg").arg(root::dir().join(SVG));
    flame.args(["--seconds", &args.seconds.to_string()]);
    let drawn = process::run(&mut flame);
    std::fs::remove_dir_all(&data)?;
    drawn
}
