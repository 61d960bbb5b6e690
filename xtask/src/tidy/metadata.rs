//! What `cargo metadata` says.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde::Deserialize;

use crate::process;

/// The packages of the workspace and all they depend on.
#[derive(Deserialize)]
pub struct Graph {
    /// All packages.
    pub packages: Vec<Package>,
}

/// One package.
#[derive(Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence expression.
    pub license: Option<String>,
    /// Where it comes from; `None` for a path.
    pub source: Option<String>,
    /// What it asks for.
    pub dependencies: Vec<Dependency>,
}

/// One thing a package asks for.
#[derive(Deserialize)]
pub struct Dependency {
    /// The package's name.
    pub name: String,
    /// `None` for a normal dependency, else `dev` or `build`.
    pub kind: Option<String>,
}

/// Reads the graph for the platform at hand.
pub fn load() -> Result<Graph> {
    let version = process::output(&mut process::command("rustc", &["-vV"]))?;
    let host = version
        .lines()
        .find_map(|l| l.strip_prefix("host: "))
        .unwrap_or_default();
    let args = [
        "metadata",
        "--format-version",
        "1",
        "--filter-platform",
        host,
    ];
    Ok(serde_json::from_str(&process::output(
        &mut process::cargo(&args),
    )?)?)
}

impl Graph {
    /// The workspace's own packages.
    pub fn own(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|p| p.source.is_none())
    }

    /// Packages of others.
    pub fn foreign(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|p| p.source.is_some())
    }

    /// Packages of others that occur in several versions.
    pub fn duplicates(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for package in self.foreign() {
            versions
                .entry(&package.name)
                .or_default()
                .insert(&package.version);
        }
        versions.retain(|_, found| found.len() > 1);
        versions
    }
}

#[cfg(test)]
impl Package {
    /// A package of the workspace.
    pub fn own(name: &str, dependencies: &[&str]) -> Self {
        let normal = |name: &&str| Dependency {
            name: (*name).to_owned(),
            kind: None,
        };
        Self {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            license: Some("Apache-2.0".to_owned()),
            source: None,
            dependencies: dependencies.iter().map(normal).collect(),
        }
    }
}
