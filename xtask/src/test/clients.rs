//! The tests of `tests/clients`: official SDKs against our server, run by Node.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::{CLOSING_LINES, Outcome, browser};
use crate::{process, root};

const NODE_MAJOR_MIN: u32 = 18;

/// Runs them; `None` if there are none.
pub fn run(vars: &[(&str, String)]) -> Result<Option<Outcome>> {
    let dir = root::path("tests/clients");
    if !dir.join("package.json").exists() || !has_tests(&dir)? {
        return Ok(None);
    }
    check_node()?;
    if !is_installed(&dir) {
        let mut install = process::command("npm", &["ci", "--no-audit", "--no-fund"]);
        process::run(install.current_dir(&dir))?;
    }
    let chromium = browser::find_or_install()?;
    let mut node = process::command("node", &["--test"]);
    node.current_dir(&dir)
        .env("NARU_TEST_CHROMIUM", chromium)
        .envs(vars.iter().map(|(k, v)| (k, v)));
    let shown = process::run_shown(&mut node, CLOSING_LINES)?;
    Ok(Some(Outcome {
        name: "client tests",
        shown,
    }))
}

fn check_node() -> Result<()> {
    let version = process::output(&mut process::command("node", &["--version"]))
        .context("the client tests need Node\nhint: install the package `nodejs`, 18 or later")?;
    let major = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .next()
        .unwrap_or_default();
    let is_new_enough = major.parse::<u32>().is_ok_and(|m| m >= NODE_MAJOR_MIN);
    ensure!(
        is_new_enough,
        "Node {NODE_MAJOR_MIN} or later is needed, found {}",
        version.trim()
    );
    Ok(())
}

/// npm leaves a copy of the lock file in what it installs.
fn is_installed(dir: &Path) -> bool {
    let changed = |path: &str| dir.join(path).metadata().and_then(|m| m.modified()).ok();
    match (
        changed("package-lock.json"),
        changed("node_modules/.package-lock.json"),
    ) {
        (Some(lock), Some(installed)) => installed >= lock,
        _ => false,
    }
}

fn has_tests(dir: &Path) -> Result<bool> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_test = [".test.js", ".test.mjs", ".test.cjs"]
            .iter()
            .any(|end| name.ends_with(end));
        let is_dir = entry.file_type()?.is_dir() && name != "node_modules";
        if is_test || is_dir && has_tests(&entry.path())? {
            return Ok(true);
        }
    }
    Ok(false)
}
