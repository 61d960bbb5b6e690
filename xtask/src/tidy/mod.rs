//! `cargo xtask tidy`: the project's own rules, those that neither rustc nor clippy knows.
//!
//! One module per check. A check returns what is wrong and where; this module gathers the files,
//! runs them all and prints every finding, so that one run shows everything there is to mend.

mod bulk;
mod dependencies;
mod layers;
mod metadata;
mod sizes;
mod spec;
mod sql;
mod words;

use std::fmt;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::{generate, process, root};

/// Something that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    place: String,
    line: usize,
    what: String,
}

impl Finding {
    fn new(place: &str, line: usize, what: impl Into<String>) -> Self {
        Self {
            place: place.to_owned(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.place, self.what),
            line => write!(f, "{}:{line}: {}", self.place, self.what),
        }
    }
}

/// A file of the repository.
pub struct SourceFile {
    /// Path below the root, with forward slashes.
    path: String,
    /// Size in bytes.
    bytes: usize,
    /// Its text, `None` if it is not text.
    text: Option<String>,
}

impl SourceFile {
    #[cfg(test)]
    fn sample(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            bytes: text.len(),
            text: Some(text.to_owned()),
        }
    }

    fn is_generated(&self) -> bool {
        self.path.contains("/generated/")
    }

    fn has_extension(&self, extensions: &[&str]) -> bool {
        self.path
            .rsplit_once('.')
            .is_some_and(|(_, end)| extensions.contains(&end))
    }

    /// Lines with their numbers.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .as_deref()
            .unwrap_or_default()
            .lines()
            .enumerate()
            .map(|(i, l)| (i + 1, l))
    }
}

/// Runs every check.
pub fn run() -> Result<()> {
    let files = files()?;
    let graph = metadata::load()?;
    let mut findings = Vec::new();
    for file in &files {
        findings.extend(sizes::check(file));
        findings.extend(words::check(file));
        findings.extend(sql::check(file));
        findings.extend(bulk::check(file));
        findings.extend(spec::check(file));
    }
    findings.extend(layers::check(&graph));
    findings.extend(dependencies::check(&graph, &files)?);
    if let Err(error) = generate::check_fresh() {
        findings.push(Finding::new("generate", 0, error.to_string()));
    }
    for finding in &findings {
        println!("{finding}");
    }
    ensure!(findings.is_empty(), "tidy: {} findings", findings.len());
    println!("tidy: {} files, nothing to complain about", files.len());
    Ok(())
}

/// What git tracks, and what it would track.
fn files() -> Result<Vec<SourceFile>> {
    let list = [
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
    ];
    let names = process::output(&mut process::command("git", &list))?;
    let mut files = Vec::new();
    for name in names.split('\0').filter(|n| !n.is_empty()) {
        let path: PathBuf = root::path(name);
        // A file that was deleted but not committed is still listed.
        if let Ok(bytes) = std::fs::read(&path) {
            let size = bytes.len();
            let text = String::from_utf8(bytes).ok();
            files.push(SourceFile {
                path: name.to_owned(),
                bytes: size,
                text,
            });
        }
    }
    Ok(files)
}
