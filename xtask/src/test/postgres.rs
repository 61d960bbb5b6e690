//! Finds PostgreSQL's server programs, or installs them.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::packages;
use crate::process;

/// The directory with `initdb`, `postgres` and `pg_ctl`.
pub fn find_or_install() -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    let missing = "PostgreSQL's server programs (initdb, postgres, pg_ctl) were not found\n\
        hint: install the package `postgresql`";
    packages::install(&["postgresql"], missing)?;
    match find() {
        Some(found) => Ok(found),
        None => bail!("{missing}"),
    }
}

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    places.extend(debian_versions());
    let config = process::output(&mut process::command("pg_config", &["--bindir"]));
    places.extend(config.ok().map(|dir| PathBuf::from(dir.trim())));
    places.into_iter().find(|dir| is_complete(dir))
}

/// Debian keeps them out of PATH, one directory per version; the newest first.
fn debian_versions() -> Vec<PathBuf> {
    let entries = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(|e| Some((e.file_name().to_str()?.parse().ok()?, e.path().join("bin"))))
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, dir)| dir).collect()
}

fn is_complete(dir: &Path) -> bool {
    ["initdb", "postgres", "pg_ctl"]
        .iter()
        .all(|program| dir.join(program).exists())
}
