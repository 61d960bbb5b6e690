//! Licences, origins, duplicates and the written reasons of dependencies.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use super::metadata::Graph;
use super::{Finding, SourceFile};

const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Packages that occur in several versions because two of our dependencies disagree. A new one
/// needs a look before it joins the list; one that is gone leaves it.
const DUPLICATES: &[&str] = &[
    "base64",
    "bit-set",
    "bit-vec",
    "cipher",
    "crypto-common",
    "fallible-iterator",
    "getrandom",
    "hashbrown",
    "inout",
    "rand",
    "rand_core",
    "syn",
    "synstructure",
    "tower-http",
];

const PAGE: &str = "docs/dependencies.md";

/// What is wrong with the dependencies.
pub fn check(graph: &Graph, files: &[SourceFile]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for package in graph.foreign() {
        let name = format!("{} {}", package.name, package.version);
        let source = package.source.as_deref().unwrap_or_default();
        if !source.starts_with("registry+") && !source.starts_with("sparse+") {
            findings.push(Finding::new(&name, 0, format!("comes from {source}")));
        }
        match &package.license {
            None => findings.push(Finding::new(&name, 0, "states no licence")),
            Some(licence) if !is_allowed(licence) => {
                findings.push(Finding::new(
                    &name,
                    0,
                    format!("has the licence `{licence}`"),
                ));
            }
            Some(_) => {}
        }
    }
    findings.extend(duplicates(graph));
    findings.extend(reasons(files)?);
    Ok(findings)
}

fn duplicates(graph: &Graph) -> Vec<Finding> {
    let found = graph.duplicates();
    let known = DUPLICATES.iter();
    let gone = known
        .filter(|name| !found.contains_key(**name))
        .map(|name| {
            Finding::new(
                name,
                0,
                "has one version now: take it off the list of duplicates",
            )
        });
    let new = found
        .iter()
        .filter(|(name, _)| !DUPLICATES.contains(*name))
        .map(|(name, versions)| {
            Finding::new(name, 0, format!("occurs in several versions: {versions:?}"))
        });
    gone.chain(new).collect()
}

/// Evaluates a licence expression; `/` is an old way to write OR.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    either(&mut rest) && rest.is_empty()
}

fn either(rest: &mut &[&str]) -> bool {
    let mut allowed = both(rest);
    while rest.first() == Some(&"OR") {
        *rest = &rest[1..];
        allowed |= both(rest);
    }
    allowed
}

fn both(rest: &mut &[&str]) -> bool {
    let mut allowed = term(rest);
    while rest.first() == Some(&"AND") {
        *rest = &rest[1..];
        allowed &= term(rest);
    }
    allowed
}

fn term(rest: &mut &[&str]) -> bool {
    let Some((first, after)) = rest.split_first() else {
        return false;
    };
    *rest = after;
    if *first == "(" {
        let allowed = either(rest);
        let is_closed = rest.first() == Some(&")");
        *rest = rest.get(1..).unwrap_or_default();
        return allowed && is_closed;
    }
    if rest.first() == Some(&"WITH") {
        *rest = rest.get(2..).unwrap_or_default();
        return false; // An exception has to be read before it is allowed.
    }
    LICENCES.contains(first)
}

/// Every dependency that the workspace names has a line in the page, and the reverse.
fn reasons(files: &[SourceFile]) -> Result<Vec<Finding>> {
    let text = |path: &str| {
        let file = files.iter().find(|f| f.path == path);
        file.and_then(|f| f.text.as_deref())
            .with_context(|| format!("there is no {path}"))
    };
    let manifest: toml::Table = toml::from_str(text("Cargo.toml")?)?;
    let named = manifest
        .get("workspace")
        .and_then(|w| w.get("dependencies"))
        .and_then(toml::Value::as_table)
        .context("Cargo.toml has no workspace.dependencies")?;
    let used: BTreeSet<&str> = named
        .iter()
        .filter(|(_, v)| v.get("path").is_none())
        .map(|(k, _)| k.as_str())
        .collect();
    let explained: BTreeSet<&str> = text(PAGE)?
        .lines()
        .filter_map(|l| l.strip_prefix("| `")?.split('`').next())
        .collect();
    let missing = used
        .difference(&explained)
        .map(|name| format!("`{name}` has no line"));
    let stale = explained
        .difference(&used)
        .map(|name| format!("`{name}` is no dependency"));
    Ok(missing
        .chain(stale)
        .map(|what| Finding::new(PAGE, 0, what))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::super::metadata::Package;
    use super::*;

    #[test]
    fn licence_expressions_are_evaluated() {
        for fine in [
            "MIT",
            "MIT/GPL-3.0",
            "(MIT OR GPL-3.0) AND Unicode-3.0",
            "Apache-2.0 / MIT",
        ] {
            assert!(is_allowed(fine), "{fine}");
        }
        let exception = "Apache-2.0 WITH LLVM-exception OR MIT";
        assert!(is_allowed(exception));
        for not in ["GPL-3.0", "MIT AND GPL-3.0", "", "(MIT", "MIT MIT"] {
            assert!(!is_allowed(not), "{not}");
        }
    }

    #[test]
    fn a_dependency_from_elsewhere_is_found() {
        let mut package = Package::own("a", &[]);
        package.source = Some("git+https://example.invalid/a".to_owned());
        package.license = None;
        let files = [
            SourceFile::sample("Cargo.toml", "[workspace.dependencies]\nb = \"1\"\n"),
            SourceFile::sample(PAGE, "| `c` | x | y |\n"),
        ];
        let found = check(
            &Graph {
                packages: vec![package],
            },
            &files,
        )
        .unwrap();
        let text: Vec<String> = found.iter().map(ToString::to_string).collect();
        for expected in [
            "a 0.1.0: comes from git+https://example.invalid/a",
            "a 0.1.0: states no licence",
            "docs/dependencies.md: `b` has no line",
            "docs/dependencies.md: `c` is no dependency",
        ] {
            assert!(text.iter().any(|t| t == expected), "{expected}");
        }
    }
}
