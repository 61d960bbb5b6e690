//! Prepares each edition for the merge: structure only, reached schemas only, names settled.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::decisions::{Decisions, Namespace};
use super::reduce;
use crate::document::{self, Object};

/// Reduces a reference and drops the schemas that no operation reaches.
pub fn prepare(doc: &Value, index: usize, decisions: &Decisions) -> Result<Value> {
    let mut doc = reduce::document(doc)?;
    keep_reached(&mut doc)?;
    let mut names = BTreeMap::new();
    for name in document::schemas(&doc)?.keys() {
        let later = if index > 0 {
            decisions.renamed(name)
        } else {
            None
        };
        let settled = rust_name(later.unwrap_or(name));
        if settled != *name {
            names.insert(name.clone(), settled);
        }
    }
    rename(&mut doc, &names)?;
    Ok(doc)
}

/// A schema name that is also a type name: `Map_Stat` and `requestX` occur in the reference.
fn rust_name(name: &str) -> String {
    name.split('_')
        .map(|part| {
            let mut chars = part.chars();
            chars.next().map_or_else(String::new, |first| {
                first.to_uppercase().collect::<String>() + chars.as_str()
            })
        })
        .collect()
}

/// Drops the schemas that no operation reaches.
pub fn keep_reached(doc: &mut Value) -> Result<()> {
    let reached = document::directions(doc)?;
    let schemas = doc
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
        .context("the document has no components.schemas")?;
    schemas.retain(|name, _| reached.requests.contains(name) || reached.answers.contains(name));
    Ok(())
}

/// Gives later editions' schemas and operations other names where a namespace says so.
pub fn apply_namespaces(editions: &mut [Value], decisions: &Decisions) -> Result<()> {
    let Some((first, later)) = editions.split_first_mut() else {
        return Ok(());
    };
    for doc in later {
        for entry in decisions.namespaces() {
            apply_namespace(first, doc, entry, decisions)?;
        }
    }
    Ok(())
}

fn apply_namespace(
    first: &Value,
    doc: &mut Value,
    entry: &Namespace,
    decisions: &Decisions,
) -> Result<()> {
    let taken: BTreeSet<String> = document::operations(first)
        .iter()
        .map(|op| op.id().to_owned())
        .collect();
    let (mut inside, mut outside) = (BTreeSet::new(), BTreeSet::new());
    let mut moved = Vec::new();
    for op in document::operations(doc) {
        let whole = Value::Object(op.body.clone());
        if op.path.starts_with(&entry.path) {
            document::collect_refs(&whole, &mut inside);
            if taken.contains(op.id()) {
                moved.push((op.path.to_owned(), op.method.to_owned(), op.id().to_owned()));
            }
        } else {
            document::collect_refs(&whole, &mut outside);
        }
    }
    let schemas = document::schemas(doc)?;
    let inside = document::reach(schemas, inside);
    let outside = document::reach(schemas, outside);
    let names = differing(document::schemas(first)?, schemas, &inside, entry);
    for name in names.keys() {
        ensure!(
            !outside.contains(name),
            "schema {name} differs between editions and is used outside {} too",
            entry.path
        );
        decisions.use_namespace(entry);
    }
    for (path, method, id) in moved {
        doc["paths"][path.as_str()][method.as_str()]["operationId"] =
            Value::String(id.replace(&entry.from, &entry.to));
    }
    rename(doc, &names)
}

/// The schemas of the namespace that the first edition has in another shape, themselves or
/// through what they refer to, with their new names.
fn differing(
    first: &Object,
    schemas: &Object,
    inside: &BTreeSet<String>,
    entry: &Namespace,
) -> BTreeMap<String, String> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let before = names.len();
        for name in inside
            .iter()
            .filter(|n| n.contains(&entry.from) && first.contains_key(*n))
        {
            let (Some(theirs), Some(ours)) = (schemas.get(name), first.get(name)) else {
                continue;
            };
            let mut refs = BTreeSet::new();
            document::collect_refs(theirs, &mut refs);
            if theirs != ours || refs.iter().any(|r| names.contains_key(r)) {
                names.insert(name.clone(), name.replace(&entry.from, &entry.to));
            }
        }
        if names.len() == before {
            return names;
        }
    }
}

/// Renames schemas, in their definitions, references and mappings.
fn rename(doc: &mut Value, names: &BTreeMap<String, String>) -> Result<()> {
    let schemas = doc
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
        .context("the document has no components.schemas")?;
    for (from, to) in names {
        ensure!(
            !schemas.contains_key(to),
            "{from} can't become {to}: the name is taken"
        );
        if let Some(schema) = schemas.remove(from) {
            schemas.insert(to.clone(), schema);
        }
    }
    rename_refs(doc, names);
    *doc = document::sorted(std::mem::take(doc));
    Ok(())
}

fn rename_refs(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::String(text) if text.starts_with('#') => {
            if let Some(to) = names.get(document::local_name(text)) {
                *text = document::pointer_to(to);
            }
        }
        Value::Object(map) => map.values_mut().for_each(|v| rename_refs(v, names)),
        Value::Array(items) => items.iter_mut().for_each(|v| rename_refs(v, names)),
        _ => {}
    }
}
