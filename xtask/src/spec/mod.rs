//! `cargo xtask spec`: writes `spec/v2.openapi.json` from reference documents.
//!
//! The reference is read, reduced to structure (names, types, required, enum values, tags,
//! statuses), merged by the rules below and written with descriptions of our own. Nothing of its
//! prose passes: [`reduce`] copies named keys and drops all others. The merge never guesses: a
//! conflict that no rule covers must be decided in `spec/merge-v2.toml`, else the command fails
//! and names it.
//!
//! Rules: a request valid in any edition stays valid (a request field is required only where every
//! edition requires it, enums are united); an answer satisfies every edition (a field required in
//! one is required); unions are united.

mod decisions;
mod describe;
mod editions;
mod merge;
mod operations;
mod reduce;
mod tags;
pub mod v1;

pub use editions::keep_reached;
pub use operations::nameless;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::document;
use crate::root;

/// Arguments of `cargo xtask spec`.
#[derive(clap::Args)]
pub struct Args {
    /// A reference document; the edition given first wins where a rule has to choose.
    #[arg(long = "from", required = true)]
    from: Vec<PathBuf>,
}

/// Writes `spec/v2.openapi.json`.
pub fn run(args: &Args) -> Result<()> {
    let spec = root::path("spec");
    let decisions = decisions::load(&spec.join("merge-v2.toml"))?;
    let sentences = describe::load(&spec.join("descriptions-v2.toml"))?;
    let mut editions = Vec::new();
    for (index, path) in args.from.iter().enumerate() {
        editions.push(editions::prepare(&read(path)?, index, &decisions)?);
    }
    editions::apply_namespaces(&mut editions, &decisions)?;
    let mut merged = editions.remove(0);
    for next in editions {
        merged = merge::editions(&merged, &next, &decisions)?;
    }
    decisions.check_all_used()?;
    let document = finish(merged, &decisions, &sentences)?;
    let out = spec.join("v2.openapi.json");
    let mut text = serde_json::to_string_pretty(&document::sorted(document))?;
    text.push('\n');
    std::fs::write(&out, text).with_context(|| format!("writing {}", out.display()))?;
    println!("wrote {}", out.display());
    Ok(())
}

fn read(path: &Path) -> Result<Value> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let doc: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
    ensure!(
        doc.get("paths").is_some(),
        "{} is not an OpenAPI document",
        path.display()
    );
    Ok(document::sorted(doc))
}

fn finish(
    merged: Value,
    decisions: &decisions::Decisions,
    sentences: &describe::Sentences,
) -> Result<Value> {
    let mut doc = merged;
    tags::state(&mut doc)?;
    describe::operations(&mut doc, sentences)?;
    doc["openapi"] = json!("3.0.3");
    doc["info"] = json!({
        "title": "Naru V2 API",
        "version": "2",
        "description": "The REST API that Naru serves. It is compatible with PortOne's public \
            REST API V2; Naru is not affiliated with PortOne or any payment gateway.",
        "license": { "name": "Apache-2.0" },
    });
    doc["components"]["securitySchemes"] = json!({
        "bearerJwt": { "type": "http", "scheme": "bearer" },
        "portOne": { "type": "http", "scheme": "portone" },
    });
    doc["x-naru-general-errors"] = decisions.general_errors();
    Ok(doc)
}
