//! Debian packages that tests need and a machine may lack.

use anyhow::{Result, bail};

use crate::process;

/// Installs packages, where that can be done; else says `missing`.
pub fn install(packages: &[&str], missing: &str) -> Result<()> {
    let is_root =
        process::output(&mut process::command("id", &["-u"])).is_ok_and(|uid| uid.trim() == "0");
    if !is_root || process::output(&mut process::command("apt-get", &["--version"])).is_err() {
        bail!("{missing}");
    }
    println!("installing {}", packages.join(", "));
    process::run(&mut process::command("apt-get", &["update"]))?;
    let mut install = process::command("apt-get", &["install", "--yes"]);
    let install = install.args(packages);
    process::run(install.env("DEBIAN_FRONTEND", "noninteractive"))
}
