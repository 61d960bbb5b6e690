//! Reduces a reference document to structure.
//!
//! An allow list: only the keys named here are copied, so a title, a description, an example or a
//! vendor extension can't pass by being overlooked. Two extensions are read and written under
//! names of our own: the status of an error type and the mark "query or body".

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::document::{self, Object};

const STATUS_THEIRS: &str = "x-portone-status-code";
const QUERY_OR_BODY_THEIRS: &str = "x-portone-query-or-body";

/// Copies the structure of `doc`.
pub fn document(doc: &Value) -> Result<Value> {
    let mut paths = Object::new();
    for op in document::operations(doc) {
        let item = paths.entry(op.path).or_insert_with(|| json!({}));
        item[op.method] = operation(op.body)?;
    }
    let mut schemas = Object::new();
    for (name, value) in document::schemas(doc)? {
        schemas.insert(name.clone(), schema(value)?);
    }
    Ok(json!({ "paths": paths, "components": { "schemas": schemas } }))
}

fn operation(op: &Object) -> Result<Value> {
    let mut out = json!({});
    for key in ["operationId", "security"] {
        if let Some(value) = op.get(key) {
            out[key] = value.clone();
        }
    }
    let mut query_or_body = false;
    let mut parameters = Vec::new();
    for raw in op
        .get("parameters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        query_or_body |= raw.get(QUERY_OR_BODY_THEIRS).is_some();
        parameters.push(parameter(raw)?);
    }
    if !parameters.is_empty() {
        out["parameters"] = Value::Array(parameters);
    }
    if let Some(body) = op.get("requestBody") {
        query_or_body |= body.get(QUERY_OR_BODY_THEIRS).is_some();
        out["requestBody"] = json!({
            "required": body.get("required").and_then(Value::as_bool).unwrap_or(false),
            "content": content(body.get("content"))?,
        });
    }
    if query_or_body {
        out["x-naru-query-or-body"] = json!(true);
    }
    let mut responses = Object::new();
    for (status, raw) in document::child(op, "responses").into_iter().flatten() {
        let mut response = json!({});
        if raw.get("content").is_some() {
            response["content"] = content(raw.get("content"))?;
        }
        responses.insert(status.clone(), response);
    }
    out["responses"] = Value::Object(responses);
    Ok(out)
}

fn parameter(raw: &Value) -> Result<Value> {
    let mut out = json!({
        "name": raw["name"],
        "in": raw["in"],
        "required": raw.get("required").and_then(Value::as_bool).unwrap_or(false),
    });
    match (raw.get("schema"), raw.get("content")) {
        (Some(value), None) => out["schema"] = schema(value)?,
        (None, Some(_)) => out["content"] = content(raw.get("content"))?,
        _ => bail!(
            "parameter {} has neither a schema nor a content",
            raw["name"]
        ),
    }
    Ok(out)
}

fn content(raw: Option<&Value>) -> Result<Value> {
    let mut out = Object::new();
    for (media, body) in raw.and_then(Value::as_object).into_iter().flatten() {
        out.insert(media.clone(), json!({ "schema": schema(&body["schema"])? }));
    }
    Ok(Value::Object(out))
}

/// Copies the structure of one schema.
pub fn schema(raw: &Value) -> Result<Value> {
    if let Some(name) = document::ref_name(raw) {
        return Ok(document::reference(name));
    }
    let mut out = Object::new();
    for key in ["type", "format", "enum", "required"] {
        if let Some(value) = raw.get(key) {
            out.insert(key.to_owned(), value.clone());
        }
    }
    if let Some(status) = raw.get(STATUS_THEIRS) {
        out.insert("x-naru-status".to_owned(), status.clone());
    }
    for key in ["items", "additionalProperties"] {
        if let Some(value) = raw.get(key) {
            out.insert(key.to_owned(), schema(value)?);
        }
    }
    if let Some(properties) = raw.get("properties").and_then(Value::as_object) {
        let mut copied = Object::new();
        for (name, value) in properties {
            copied.insert(name.clone(), schema(value)?);
        }
        out.insert("properties".to_owned(), Value::Object(copied));
    }
    if let Some(tag) = raw.get("discriminator") {
        let kept = json!({ "propertyName": tag["propertyName"], "mapping": tag["mapping"] });
        out.insert("discriminator".to_owned(), kept);
        let variants: Vec<Value> = raw["oneOf"].as_array().cloned().unwrap_or_default();
        let names = variants
            .iter()
            .filter_map(document::ref_name)
            .map(document::reference);
        out.insert("oneOf".to_owned(), names.collect());
    }
    dedup_required(&mut out);
    Ok(Value::Object(out))
}

/// One schema of the reference names a field twice, which JSON Schema forbids.
fn dedup_required(schema: &mut Object) {
    if let Some(Value::Array(names)) = schema.get_mut("required") {
        let mut seen = Vec::new();
        names.retain(|name| {
            let fresh = !seen.contains(name);
            seen.push(name.clone());
            fresh
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_and_extensions_do_not_pass() {
        let raw = json!({
            "title": "t", "description": "d", "x-portone-title": "x", "x-portone-status-code": 404,
            "type": "object", "required": ["a", "a"],
            "properties": { "description": { "type": "string", "example": "e" }, "a": {} },
        });
        let expected = json!({
            "type": "object", "required": ["a"], "x-naru-status": 404,
            "properties": { "description": { "type": "string" }, "a": {} },
        });
        assert_eq!(schema(&raw).unwrap(), expected);
    }
}
