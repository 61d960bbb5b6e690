//! Our own descriptions: a sentence per operation, and what OpenAPI demands of a response.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::operations::error_names;
use crate::document;

/// Sentences by operation id.
pub type Sentences = BTreeMap<String, String>;

/// Reads `spec/descriptions-v2.toml`.
pub fn load(path: &Path) -> Result<Sentences> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is not a table of sentences", path.display()))
}

/// Adds the sentences and a description for every response.
pub fn operations(doc: &mut Value, sentences: &Sentences) -> Result<()> {
    let schemas = document::schemas(doc)?.clone();
    let mut unknown: Vec<&String> = sentences.keys().collect();
    let paths = doc["paths"]
        .as_object_mut()
        .context("the document has no paths")?;
    for item in paths.values_mut() {
        for op in item
            .as_object_mut()
            .into_iter()
            .flat_map(|item| item.values_mut())
        {
            let id = op["operationId"].as_str().unwrap_or_default().to_owned();
            if let Some(sentence) = sentences.get(&id) {
                op["summary"] = json!(sentence);
                unknown.retain(|known| **known != id);
            }
            let responses = op["responses"].as_object_mut();
            for (status, response) in responses.into_iter().flatten() {
                let number: u64 = status.parse().unwrap_or_default();
                let names = error_names(&schemas, response, number);
                response["description"] = json!(sentence_for(number, &names));
            }
        }
    }
    if !unknown.is_empty() {
        bail!("spec/descriptions-v2.toml describes unknown operations: {unknown:?}");
    }
    Ok(())
}

fn sentence_for(status: u64, names: &[String]) -> String {
    if status < 400 {
        "Success".to_owned()
    } else if names.is_empty() {
        "Refused".to_owned()
    } else {
        format!("Refused: {}", names.join(", "))
    }
}
