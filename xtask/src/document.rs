//! Reading OpenAPI documents: references, operations, what is reached from where.
//!
//! Shared by the commands that write, read and filter `spec/`. It knows the shape of a document
//! and nothing of either edition. Keys are always visited in alphabetical order, whatever feature
//! of `serde_json` another crate switches on, so that generated files never depend on the build.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

/// A JSON object.
pub type Object = Map<String, Value>;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
const SCHEMA_PREFIX: &str = "#/components/schemas/";

/// One operation where it stands in the document.
pub struct OperationRef<'a> {
    /// Lower-case HTTP method.
    pub method: &'a str,
    /// Path template.
    pub path: &'a str,
    /// The operation object.
    pub body: &'a Object,
}

impl OperationRef<'_> {
    /// The operation's id, empty if it has none.
    pub fn id(&self) -> &str {
        self.body
            .get("operationId")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// The same value with every object's keys in alphabetical order.
pub fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut pairs: Vec<(String, Value)> = map.into_iter().collect();
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(pairs.into_iter().map(|(k, v)| (k, sorted(v))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// Every operation, by path and method.
pub fn operations(doc: &Value) -> Vec<OperationRef<'_>> {
    let mut found = Vec::new();
    for (path, item) in doc
        .get("paths")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        for method in METHODS {
            if let Some(body) = item.get(method).and_then(Value::as_object) {
                found.push(OperationRef { method, path, body });
            }
        }
    }
    found
}

/// The schemas of the document.
pub fn schemas(doc: &Value) -> Result<&Object> {
    doc.pointer("/components/schemas")
        .and_then(Value::as_object)
        .context("the document has no components.schemas")
}

/// A reference to the schema `name`.
pub fn reference(name: &str) -> Value {
    serde_json::json!({ "$ref": pointer_to(name) })
}

/// Where the schema `name` stands.
pub fn pointer_to(name: &str) -> String {
    format!("{SCHEMA_PREFIX}{name}")
}

/// The name of the schema that `value` refers to, if it is a reference.
pub fn ref_name(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str().map(local_name)
}

/// The schema name at the end of a reference or of a discriminator mapping.
pub fn local_name(reference: &str) -> &str {
    reference.strip_prefix(SCHEMA_PREFIX).unwrap_or(reference)
}

/// Adds the names of all schemas that `value` refers to directly.
pub fn collect_refs(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            if let Some(name) = ref_name(value) {
                into.insert(name.to_owned());
            }
            map.values().for_each(|v| collect_refs(v, into));
        }
        Value::Array(items) => items.iter().for_each(|v| collect_refs(v, into)),
        _ => {}
    }
}

/// All schemas that `roots` reach, themselves included.
pub fn reach(schemas: &Object, roots: BTreeSet<String>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut stack: Vec<String> = roots.into_iter().collect();
    while let Some(name) = stack.pop() {
        if let Some(schema) = schemas.get(&name)
            && seen.insert(name)
        {
            let mut next = BTreeSet::new();
            collect_refs(schema, &mut next);
            stack.extend(next);
        }
    }
    seen
}

/// The schemas that requests reach, and those that answers reach.
pub struct Directions {
    /// Reached from parameters and bodies.
    pub requests: BTreeSet<String>,
    /// Reached from responses of any status.
    pub answers: BTreeSet<String>,
}

/// Computes [`Directions`] of a document.
pub fn directions(doc: &Value) -> Result<Directions> {
    let (mut requests, mut answers) = (BTreeSet::new(), BTreeSet::new());
    for op in operations(doc) {
        for key in ["parameters", "requestBody"] {
            if let Some(value) = op.body.get(key) {
                collect_refs(value, &mut requests);
            }
        }
        if let Some(value) = op.body.get("responses") {
            collect_refs(value, &mut answers);
        }
    }
    let schemas = schemas(doc)?;
    Ok(Directions {
        requests: reach(schemas, requests),
        answers: reach(schemas, answers),
    })
}

/// The strings of the array under `key`, empty if there is none.
pub fn strings<'a>(object: &'a Object, key: &str) -> Vec<&'a str> {
    object
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// The object under `key`.
pub fn child<'a>(object: &'a Object, key: &str) -> Option<&'a Object> {
    object.get(key).and_then(Value::as_object)
}
