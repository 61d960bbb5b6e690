//! `cargo xtask contract`: our documents against the references.
//!
//! Runs specdiff for both editions of V2 and for V1, against our whole document and against the one
//! that the server serves. A row that `spec/deviations.md` does not explain fails the command; so
//! does an explained row that no longer occurs. In the served documents, operations that
//! `spec/unimplemented-v2.txt` and `spec/unimplemented-v1.txt` list may be missing, no others.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::spec::{keep_reached, nameless};
use crate::{document, process, root};

/// A face's documents.
struct Face {
    /// The references.
    editions: &'static [&'static str],
    /// Ours.
    document: &'static str,
    /// The operations that it has and the server has not.
    unimplemented: &'static str,
}

const FACES: [Face; 2] = [
    Face {
        editions: &["v2.openapi.json", "v2-2024.openapi.json"],
        document: "spec/v2.openapi.json",
        unimplemented: "spec/unimplemented-v2.txt",
    },
    Face {
        editions: &["v1.openapi.json"],
        document: "spec/v1.openapi.json",
        unimplemented: "spec/unimplemented-v1.txt",
    },
];

const MISSING: &str = ": operation missing";

/// Arguments of `cargo xtask contract`.
#[derive(clap::Args)]
pub struct Args {
    /// The directory with specdiff.
    #[arg(long)]
    tools: PathBuf,
    /// The directory with the reference documents [default: TOOLS/../specs].
    #[arg(long)]
    specs: Option<PathBuf>,
}

/// Compares and fails on what is not explained.
pub fn run(args: &Args) -> Result<()> {
    let specs = args
        .specs
        .clone()
        .unwrap_or_else(|| args.tools.join("../specs"));
    let mut found = BTreeSet::new();
    for face in &FACES {
        found.extend(shortfalls(args, &specs, face)?);
    }
    let explained = explained(&std::fs::read_to_string(root::path("spec/deviations.md"))?);
    let new: Vec<&String> = found.difference(&explained).collect();
    let stale: Vec<&String> = explained.difference(&found).collect();
    ensure!(
        new.is_empty(),
        "not explained in spec/deviations.md:\n{}",
        lines(&new)
    );
    ensure!(
        stale.is_empty(),
        "explained in spec/deviations.md but gone:\n{}",
        lines(&stale)
    );
    Ok(())
}

/// The rows of one face, but for operations that it does not serve yet.
fn shortfalls(args: &Args, specs: &Path, face: &Face) -> Result<BTreeSet<String>> {
    let whole = root::path(face.document);
    let text = std::fs::read_to_string(root::path(face.unimplemented))?;
    let missing = Missing::read(&text);
    let served = std::env::temp_dir().join(format!("naru-served-{}.json", std::process::id()));
    std::fs::write(
        &served,
        serde_json::to_vec(&served_document(&whole, &missing)?)?,
    )?;
    let mut rows = BTreeSet::new();
    let compared = face
        .editions
        .iter()
        .flat_map(|edition| [(edition, &whole), (edition, &served)])
        .try_for_each(|(edition, ours)| {
            let printed = compare(args, &specs.join(edition), ours)?;
            rows.extend(printed.into_iter().filter(|row| !missing.explains(row)));
            anyhow::Ok(())
        });
    std::fs::remove_file(&served)?;
    compared?;
    Ok(rows)
}

fn lines(rows: &[&String]) -> String {
    rows.iter()
        .map(|row| row.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

/// What specdiff prints.
fn compare(args: &Args, reference: &Path, ours: &Path) -> Result<Vec<String>> {
    let mut specdiff = process::command(&args.tools.join("specdiff").to_string_lossy(), &[]);
    specdiff.arg(reference).arg(ours).args(["--max", "1000000"]);
    let text = process::output(&mut specdiff)?;
    let mut printed: Vec<String> = text.lines().map(str::to_owned).collect();
    let summary = printed.pop().context("specdiff printed nothing")?;
    println!(
        "{} against {}: {summary}",
        reference.display(),
        ours.display()
    );
    Ok(printed)
}

/// The operations not served yet.
struct Missing {
    ids: BTreeSet<String>,
    /// `METHOD /path` without parameter names.
    labels: BTreeSet<String>,
}

impl Missing {
    fn read(text: &str) -> Self {
        let mut missing = Self {
            ids: BTreeSet::new(),
            labels: BTreeSet::new(),
        };
        for line in text.lines().filter(|l| !l.starts_with('#')) {
            if let Some((label, id)) = line.rsplit_once(' ') {
                missing.ids.insert(id.to_owned());
                missing.labels.insert(nameless(label));
            }
        }
        missing
    }

    fn explains(&self, row: &str) -> bool {
        row.strip_suffix(MISSING)
            .is_some_and(|label| self.labels.contains(&nameless(label)))
    }
}

fn served_document(whole: &Path, missing: &Missing) -> Result<Value> {
    let mut doc: Value = serde_json::from_str(&std::fs::read_to_string(whole)?)?;
    let left_out: Vec<(String, String)> = document::operations(&doc)
        .iter()
        .filter(|op| missing.ids.contains(op.id()))
        .map(|op| (op.path.to_owned(), op.method.to_owned()))
        .collect();
    for (path, method) in left_out {
        if let Some(item) = doc["paths"][path.as_str()].as_object_mut() {
            item.remove(&method);
        }
    }
    // The document of V1 keeps its schemas elsewhere, and the server serves all of them.
    if doc.get("components").is_some() {
        keep_reached(&mut doc)?;
    }
    Ok(doc)
}

/// The rows in the fenced `specdiff` blocks.
fn explained(page: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut rows = BTreeSet::new();
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line == "```specdiff";
        } else if inside && !line.trim().is_empty() {
            rows.insert(line.to_owned());
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explained_rows_are_read_from_their_fence_only() {
        let page = "text\n```specdiff\nGET /a: operation missing\n```\n```\nGET /b\n```\n";
        assert_eq!(
            explained(page),
            BTreeSet::from(["GET /a: operation missing".to_owned()])
        );
    }

    #[test]
    fn an_unimplemented_operation_explains_its_own_row_only() {
        let missing = Missing::read("# comment\nGET /payments/{paymentId} getPayment\n");
        assert!(missing.explains("GET /payments/{id}: operation missing"));
        assert!(!missing.explains("POST /payments/{id}: operation missing"));
        assert!(!missing.explains("GET /payments/{id} 200.amount: missing"));
    }
}
