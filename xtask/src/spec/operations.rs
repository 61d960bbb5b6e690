//! Merges the operations of two editions.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};

use crate::document::{self, Object};

/// The merged `paths` object.
pub fn merge(first: &Value, later: &Value) -> Result<Value> {
    let mut paths = first["paths"].clone();
    let known: BTreeMap<String, String> = document::operations(first)
        .iter()
        .map(|op| (nameless(op.path), op.path.to_owned()))
        .collect();
    for op in document::operations(later) {
        // The same path under other parameter names is the same path.
        let path = known
            .get(&nameless(op.path))
            .map_or(op.path, String::as_str);
        let slot = &mut paths[path][op.method];
        *slot = match slot.as_object() {
            None => Value::Object(op.body.clone()),
            Some(ours) => {
                operation(ours, op.body).with_context(|| format!("{} {path}", op.method))?
            }
        };
    }
    Ok(paths)
}

/// A path without the names of its parameters.
pub fn nameless(path: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => inside = true,
            '}' => inside = false,
            _ if inside => continue,
            _ => {}
        }
        out.push(c);
    }
    out
}

fn operation(a: &Object, b: &Object) -> Result<Value> {
    let mut out = a.clone();
    ensure!(
        a.get("security") == b.get("security"),
        "the editions differ in security"
    );
    let parameters = parameters(a, b)?;
    if !parameters.is_empty() {
        out.insert("parameters".to_owned(), Value::Array(parameters));
    }
    if let Some(body) = body(a.get("requestBody"), b.get("requestBody"))? {
        out.insert("requestBody".to_owned(), body);
    }
    if let Some(mark) = b.get("x-naru-query-or-body") {
        out.insert("x-naru-query-or-body".to_owned(), mark.clone());
    }
    let mut responses = document::child(a, "responses").cloned().unwrap_or_default();
    for (status, theirs) in document::child(b, "responses").into_iter().flatten() {
        let ours = responses
            .entry(status.as_str())
            .or_insert_with(|| theirs.clone());
        ensure!(
            ours == theirs,
            "the editions answer {status} with different bodies"
        );
    }
    out.insert("responses".to_owned(), Value::Object(responses));
    Ok(Value::Object(out))
}

fn parameters(a: &Object, b: &Object) -> Result<Vec<Value>> {
    let list = |op: &Object| -> Vec<Value> {
        op.get("parameters")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let (ours, theirs) = (list(a), list(b));
    let is_same = |x: &Value, y: &Value| x["in"] == y["in"] && x["name"] == y["name"];
    let mut out = Vec::new();
    for own in &ours {
        let mut merged = own.clone();
        let other = theirs.iter().find(|p| is_same(p, own));
        if let Some(other) = other {
            ensure!(
                own.get("schema") == other.get("schema")
                    && own.get("content") == other.get("content"),
                "parameter {} differs",
                own["name"]
            );
        }
        let needed = other.is_some_and(|p| p["required"] == true) || own["in"] == "path";
        merged["required"] = json!(own["required"] == true && needed);
        out.push(merged);
    }
    for other in theirs {
        if other["in"] != "path" && !ours.iter().any(|p| is_same(p, &other)) {
            let mut optional = other;
            optional["required"] = json!(false);
            out.push(optional);
        }
    }
    Ok(out)
}

fn body(a: Option<&Value>, b: Option<&Value>) -> Result<Option<Value>> {
    let (mut merged, required) = match (a, b) {
        (None, None) => return Ok(None),
        (Some(only), None) | (None, Some(only)) => (only.clone(), false),
        (Some(x), Some(y)) => {
            ensure!(
                x["content"] == y["content"],
                "the editions' bodies have different types"
            );
            (x.clone(), x["required"] == true && y["required"] == true)
        }
    };
    merged["required"] = json!(required);
    Ok(Some(merged))
}

/// The types an error answer of this status can have, by tag value.
pub fn error_names(schemas: &Object, response: &Value, status: u64) -> Vec<String> {
    let union = response
        .pointer("/content/application~1json/schema")
        .and_then(document::ref_name)
        .and_then(|name| schemas.get(name));
    let empty = Map::new();
    let mapping = union
        .and_then(|u| u.pointer("/discriminator/mapping"))
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let status_of = |target: &Value| -> Option<u64> {
        schemas
            .get(document::local_name(target.as_str()?))?
            .get("x-naru-status")?
            .as_u64()
    };
    mapping
        .iter()
        .filter(|(_, target)| status_of(target) == Some(status))
        .map(|(name, _)| name.clone())
        .collect()
}
