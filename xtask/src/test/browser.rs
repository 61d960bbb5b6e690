//! Finds a Chromium for the tests in a browser, or installs one with Korean letters.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::packages;

/// The program.
pub fn find_or_install() -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    let missing = "no Chromium was found\nhint: install the packages `chromium` and `fonts-nanum`";
    packages::install(&["chromium", "fonts-nanum"], missing)?;
    match find() {
        Some(found) => Ok(found),
        None => bail!("{missing}"),
    }
}

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .flat_map(|dir| {
            ["chromium", "chromium-browser", "google-chrome"].map(|name| dir.join(name))
        })
        .find(|program| program.exists())
}
