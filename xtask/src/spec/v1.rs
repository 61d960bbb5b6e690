//! `cargo xtask spec-v1`: writes `spec/v1.openapi.json` from the reference document of V1.
//!
//! An allow list, as for V2: names, types, required, enum values and statuses are facts and pass,
//! every other key of the reference is dropped. What the reference has wrong about its own wire is
//! mended here, each time for a reason that `spec/deviations.md` gives.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::describe;
use crate::{document, root};

/// Arguments of `cargo xtask spec-v1`.
#[derive(clap::Args)]
pub struct Args {
    /// The reference document.
    #[arg(long)]
    from: PathBuf,
}

/// Lists that the reference shows as arrays and that are pages.
const PAGED_SCHEDULES: [&str; 3] = [
    "/subscribe/payments/schedule",
    "/subscribe/payments/schedule/customers/{customer_uid}",
    "/subscribe/customers/{customer_uid}/schedules",
];

/// Writes `spec/v1.openapi.json`.
pub fn run(args: &Args) -> Result<()> {
    let text = std::fs::read_to_string(&args.from)
        .with_context(|| format!("reading {}", args.from.display()))?;
    let theirs: Value = serde_json::from_str(&text)?;
    let mut ours = reduced(&theirs)?;
    unique_ids(&mut ours);
    mend(&mut ours)?;
    let sentences = describe::load(&root::path("spec/descriptions-v1.toml"))?;
    summaries(&mut ours, sentences)?;
    let out = root::path("spec/v1.openapi.json");
    let mut text = serde_json::to_string_pretty(&document::sorted(ours))?;
    text.push('\n');
    std::fs::write(&out, text).with_context(|| format!("writing {}", out.display()))?;
    println!("wrote {}", out.display());
    Ok(())
}

fn reduced(theirs: &Value) -> Result<Value> {
    let mut paths = Map::new();
    for op in document::operations(theirs) {
        let item = paths.entry(op.path).or_insert_with(|| json!({}));
        item[op.method] = operation(op.body);
    }
    let definitions = theirs["definitions"]
        .as_object()
        .context("the document has no definitions")?;
    let definitions: Map<_, _> = definitions
        .iter()
        .map(|(name, value)| (name.clone(), schema(value)))
        .collect();
    Ok(json!({
        "swagger": "2.0",
        "info": {
            "title": "Naru V1 API",
            "version": "1",
            "description": "The REST API of V1 that Naru serves. It is compatible with PortOne's \
                public REST API V1; Naru is not affiliated with PortOne or any payment gateway.",
            "license": { "name": "Apache-2.0" },
        },
        "securityDefinitions": {
            "token": { "type": "apiKey", "in": "header", "name": "Authorization" },
        },
        "paths": paths,
        "definitions": definitions,
    }))
}

fn kept(raw: &Value, keys: &[&str]) -> Map<String, Value> {
    let found = keys.iter().filter_map(|key| {
        let value = raw.get(*key)?;
        Some(((*key).to_owned(), value.clone()))
    });
    found.collect()
}

fn operation(op: &document::Object) -> Value {
    let raw = Value::Object(op.clone());
    let mut out = kept(&raw, &["operationId", "consumes", "produces"]);
    let parameters = raw["parameters"].as_array().into_iter().flatten();
    let parameters: Vec<Value> = parameters.map(parameter).collect();
    out.insert("parameters".to_owned(), parameters.into());
    let mut responses = Map::new();
    for (status, response) in raw["responses"].as_object().into_iter().flatten() {
        let sentence = if status.starts_with('2') {
            "Success"
        } else {
            "Refused"
        };
        let mut made = json!({ "description": sentence });
        if let Some(value) = response.get("schema") {
            made["schema"] = schema(value);
        }
        responses.insert(status.clone(), made);
    }
    out.insert("responses".to_owned(), Value::Object(responses));
    Value::Object(out)
}

fn parameter(raw: &Value) -> Value {
    let mut out = kept(raw, &["name", "in", "type", "format", "collectionFormat"]);
    if raw["required"] == true {
        out.insert("required".to_owned(), json!(true));
    }
    out.extend(enumeration(raw));
    for key in ["items", "schema"] {
        if let Some(value) = raw.get(key) {
            out.insert(key.to_owned(), schema(value));
        }
    }
    Value::Object(out)
}

/// An enum whose values are names; the reference also puts sentences there.
fn enumeration(raw: &Value) -> Option<(String, Value)> {
    let values = raw["enum"].as_array()?;
    let is_name = |value: &Value| value.as_str().is_none_or(str::is_ascii);
    values
        .iter()
        .all(is_name)
        .then(|| ("enum".to_owned(), json!(values)))
}

fn schema(raw: &Value) -> Value {
    if raw.get("$ref").is_some() {
        return json!({ "$ref": raw["$ref"] });
    }
    let mut out = kept(raw, &["type", "format"]);
    out.extend(enumeration(raw));
    if let Some(items) = raw.get("items") {
        out.insert("items".to_owned(), schema(items));
    }
    if let Some(parts) = raw["allOf"].as_array() {
        out.insert("allOf".to_owned(), parts.iter().map(schema).collect());
    }
    if let Some(properties) = raw["properties"].as_object() {
        let copied = properties
            .iter()
            .map(|(name, one)| (name.clone(), schema(one)));
        out.insert("properties".to_owned(), Value::Object(copied.collect()));
        // Some name fields that do not exist.
        let names = document::strings(raw.as_object().unwrap_or(&Map::new()), "required")
            .into_iter()
            .filter(|name| properties.contains_key(*name))
            .map(str::to_owned)
            .collect::<Vec<_>>();
        if !names.is_empty() {
            out.insert("required".to_owned(), json!(names));
        }
    }
    Value::Object(out)
}

/// Two pairs of operations share an id.
fn unique_ids(doc: &mut Value) {
    for (path, id) in [
        (
            "/payments/{imp_uid}/naver/ship-exchanged",
            "naverShipExchangedProductOrder",
        ),
        (
            "/subscribe/payments/schedule/customers/{customer_uid}",
            "findSchedulesByCustomerOfPayments",
        ),
    ] {
        for item in doc["paths"][path].as_object_mut().into_iter().flatten() {
            item.1["operationId"] = json!(id);
        }
    }
}

fn mend(doc: &mut Value) -> Result<()> {
    let list =
        json!({ "type": "array", "items": { "$ref": "#/definitions/ScheduleResultAnnotation" } });
    let page = json!({
        "type": "object",
        "required": ["total", "previous", "next", "list"],
        "properties": {
            "total": { "type": "integer" }, "previous": { "type": "integer" },
            "next": { "type": "integer" }, "list": list,
        },
    });
    doc["definitions"]["PagedScheduleAnnotation"] = page;
    doc["definitions"]["PagedScheduleResponse"] = json!({ "allOf": [
        { "$ref": "#/definitions/ResponseAnnotation" },
        { "properties": { "response": { "$ref": "#/definitions/PagedScheduleAnnotation" } } },
    ] });
    for path in PAGED_SCHEDULES {
        doc["paths"][path]["get"]["responses"]["200"]["schema"] =
            json!({ "$ref": "#/definitions/PagedScheduleResponse" });
    }
    doc["paths"]["/payments/prepare/{merchant_uid}"]["get"]["responses"]["404"] =
        json!({ "description": "Refused" });
    let onetime = doc["paths"]["/subscribe/payments/onetime"]["post"].clone();
    let mut foreign = onetime
        .as_object()
        .context("the reference has no onetime")?
        .clone();
    foreign.insert("operationId".to_owned(), json!("foreign"));
    doc["paths"]["/subscribe/payments/foreign"] = json!({ "post": foreign });
    doc["paths"]["/vbanks/holder"] = json!({ "get": vbank_holder() });
    // Older clients read it, and the wire still has it.
    doc["definitions"]["CertificationAnnotation"]["properties"]["birth"] =
        json!({ "type": "integer" });
    optional_fields(doc);
    Ok(())
}

/// The reference has its answer and not its path.
fn vbank_holder() -> Value {
    let text = |name| json!({ "name": name, "in": "query", "type": "string", "required": true });
    json!({
        "operationId": "vbankHolder",
        "produces": ["application/json"],
        "parameters": [text("bank_code"), text("bank_num")],
        "responses": {
            "200": {
                "description": "Success",
                "schema": { "$ref": "#/definitions/VbankHolderResponse" },
            },
            "400": { "description": "Refused" },
            "401": { "description": "Refused" },
            "404": { "description": "Refused" },
        },
    })
}

/// Clients older than these fields leave them out, and so they are not required.
fn optional_fields(doc: &mut Value) {
    let items = doc["paths"].as_object_mut().into_iter().flatten();
    for operation in items.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten()) {
        let parameters = operation.1["parameters"].as_array_mut();
        for parameter in parameters.into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap_or_default();
            if parameter["in"] == "formData"
                && matches!(name, "channel_key" | "name")
                && let Some(parameter) = parameter.as_object_mut()
            {
                parameter.remove("required");
            }
        }
    }
}

fn summaries(doc: &mut Value, mut sentences: describe::Sentences) -> Result<()> {
    let items = doc["paths"].as_object_mut().into_iter().flatten();
    for operation in items.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten()) {
        let id = operation.1["operationId"].as_str().unwrap_or_default();
        let sentence = sentences
            .remove(id)
            .with_context(|| format!("spec/descriptions-v1.toml has no sentence for `{id}`"))?;
        operation.1["summary"] = json!(sentence);
    }
    anyhow::ensure!(
        sentences.is_empty(),
        "spec/descriptions-v1.toml describes unknown operations: {:?}",
        sentences.keys()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_does_not_pass_and_fields_that_do_not_exist_are_not_required() {
        let raw = json!({
            "title": "t", "description": "d", "required": ["a", "gone"],
            "properties": { "a": { "type": "string", "maxLength": "3", "example": "e" } },
        });
        let expected = json!({
            "required": ["a"], "properties": { "a": { "type": "string" } },
        });
        assert_eq!(schema(&raw), expected);
    }
}
