//! Holds answers against `spec/v1.openapi.json`: the envelope, its payload with no field that the
//! contract does not know, statuses. What does not apply is null on this face, so null fits every
//! type.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../../../spec/v1.openapi.json");
    serde_json::from_str(text).expect("a document")
});

/// Statuses of every operation.
const GENERAL: [u16; 5] = [401, 413, 429, 500, 503];

/// Panics where an answer is outside the contract.
pub fn check(method: &str, path: &str, status: u16, body: &Value) {
    let at = format!("{method} {path} {status}: {body}");
    let keys: Vec<&String> = body.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["code", "message", "response"], "{at}");
    assert!(body["code"].is_i64(), "{at}");
    let is_success = body["code"] == 0;
    assert_eq!(is_success, body["message"].is_null(), "{at}");
    assert_eq!(is_success, !body["response"].is_null(), "{at}");
    let Some(operation) = operation(method, path) else {
        assert!(matches!(status, 401 | 404), "no such operation: {at}");
        return;
    };
    let listed = &operation["responses"][status.to_string()];
    // A log-in without fields is 400, which the contract forgets.
    let is_log_in = path == "/users/getToken" && status == 400;
    assert!(
        !listed.is_null() || GENERAL.contains(&status) || is_log_in,
        "a status outside the contract: {at}"
    );
    if is_success {
        let schema = payload(&listed["schema"], &body["response"]);
        let schema = schema.unwrap_or_else(|| panic!("no payload in the contract: {at}"));
        let problems: Vec<String> = validator(&schema)
            .iter_errors(&body["response"])
            .map(|error| format!("{error} at `{}`", error.instance_path()))
            .collect();
        assert!(problems.is_empty(), "{at}\n{}", problems.join("\n"));
    }
}

fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let path = format!("/{}", path.trim_matches('/'));
    let wanted: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let segments: Vec<&str> = template.split('/').collect();
        let is_short = template.contains("/find") && wanted.len() + 1 == segments.len();
        if wanted.len() != segments.len() && !is_short {
            return None;
        }
        let mut literals = 0;
        for (found, segment) in wanted.iter().zip(&segments) {
            if found == segment {
                literals += 1;
            } else if !segment.starts_with('{') {
                return None;
            }
        }
        Some(literals)
    };
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    paths
        .iter()
        .filter_map(|(template, item)| {
            let operation = item.get(method.to_lowercase())?;
            Some((fits(template)?, operation))
        })
        .max_by_key(|(literals, _)| *literals)
        .map(|(_, operation)| operation)
}

/// The schema of `response` in an envelope. A super billing key is a billing key as well.
fn payload(schema: &Value, response: &Value) -> Option<Value> {
    let first = response.get(0).unwrap_or(response);
    if first.get("channelGroupId").is_some() {
        let one = json!({ "$ref": "#/definitions/SuperBillingKeyAnnotation" });
        return Some(if response.is_array() {
            json!({ "type": "array", "items": one })
        } else {
            one
        });
    }
    // Written as if the answer named its own type, which it does not.
    let named = &schema["properties"]["CustomerResponse"];
    let schema = if named.is_null() { schema } else { named };
    let name = schema["$ref"].as_str()?.rsplit('/').next()?;
    let envelope = &DOCUMENT["definitions"][name];
    let parts = envelope["allOf"].as_array().into_iter().flatten();
    let mut all = std::iter::once(envelope).chain(parts);
    all.find_map(|part| part["properties"].get("response"))
        .cloned()
}

fn validator(schema: &Value) -> Validator {
    let definitions = DOCUMENT["definitions"].as_object().expect("definitions");
    let definitions: Map<_, _> = definitions
        .iter()
        .map(|(name, one)| (name.clone(), strict(one)))
        .collect();
    let mut whole = strict(schema);
    whole["definitions"] = Value::Object(definitions);
    jsonschema::options().build(&whole).expect("a schema")
}

/// The schema with null allowed everywhere, and no room for unknown fields.
fn strict(schema: &Value) -> Value {
    let mut made = schema.clone();
    if let Some(kind) = schema["type"].as_str() {
        made["type"] = json!([kind, "null"]);
    }
    if let Some(properties) = schema["properties"].as_object() {
        let strict: Map<_, _> = properties
            .iter()
            .map(|(name, one)| (name.clone(), strict(one)))
            .collect();
        made["properties"] = Value::Object(strict);
        made["additionalProperties"] = json!(false);
    }
    if schema.get("items").is_some() {
        made["items"] = strict(&schema["items"]);
    }
    made
}
