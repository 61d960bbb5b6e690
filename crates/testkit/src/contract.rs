//! Holding an answer against `spec/v2.openapi.json`: status, error type and every field.
//!
//! Stricter than a client would be: a field that the schema does not know is refused, and so is a
//! null. A schema is compiled once for each operation and status.

use std::collections::{BTreeSet, HashMap};
use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use naru_wire_v2::{ErrorType, Operation};
use serde_json::{Map, Value, json};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../spec/v2.openapi.json")).expect("the document")
});

/// An answer to a request.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Method of the request.
    pub method: &'a str,
    /// Path of the request, without its query.
    pub path: &'a str,
    /// HTTP status.
    pub status: u16,
    /// Content type.
    pub content_type: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// Whether the test means to bring it about: only then is it noted as seen.
    pub is_meant: bool,
}

/// Says what is wrong with an answer.
pub fn check(seen: &Seen<'_>) -> Result<(), String> {
    let path = format!("/{}", seen.path.trim_start_matches('/'));
    if path == "/docs" && seen.status == 200 {
        return Ok(());
    }
    if let Some(operation) = operation(seen.method, &path)
        && seen.status == 200
        && declares(operation, seen.content_type)
    {
        record(seen, operation, "200");
        return Ok(());
    }
    if seen.content_type != "application/json" {
        return Err(format!("content type `{}`", seen.content_type));
    }
    let body: Value = serde_json::from_slice(seen.body).map_err(|error| error.to_string())?;
    if !body.is_object() {
        return Err("not an object".to_owned());
    }
    if path == "/openapi.json" && seen.status == 200 {
        return Ok(());
    }
    if let Some(place) = null_in(&body) {
        return Err(format!("null at {place}"));
    }
    match operation(seen.method, &path) {
        Some(operation) => {
            check_operation(operation, seen.status, &body)?;
            let answer = body["type"].as_str().filter(|_| seen.status != 200);
            record(seen, operation, answer.unwrap_or("200"));
            Ok(())
        }
        None => match (seen.status, body["type"].as_str()) {
            (404, Some("NOT_FOUND")) | (405, Some("METHOD_NOT_ALLOWED")) => Ok(()),
            _ => Err("no such operation in the contract".to_owned()),
        },
    }
}

/// Notes an answer that the contract allows in the file that `NARU_SEEN_ANSWERS` names, so that
/// `cargo xtask test` can say which documented answers no test has brought about.
fn record(seen: &Seen<'_>, operation: Operation, answer: &str) {
    type Known = Mutex<BTreeSet<(&'static str, String)>>;
    static KNOWN: LazyLock<Known> = LazyLock::new(Mutex::default);
    static FILE: LazyLock<Option<std::fs::File>> = LazyLock::new(|| {
        let path = std::env::var_os("NARU_SEEN_ANSWERS")?;
        let mut file = std::fs::OpenOptions::new();
        file.create(true).append(true);
        Some(file.open(path).expect("the file of answers"))
    });
    if !seen.is_meant {
        return;
    }
    let Some(mut file) = FILE.as_ref() else {
        return;
    };
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if known.insert((operation.id(), answer.to_owned())) {
        let line = format!("{} {answer}\n", operation.id());
        file.write_all(line.as_bytes()).expect("a line");
    }
}

/// Whether the contract's success of an operation is something else than JSON: of this content
/// type, or without a content at all, where an empty object does no harm.
fn declares(operation: Operation, content_type: &str) -> bool {
    let method = operation.method().to_lowercase();
    let content = &DOCUMENT["paths"][operation.path()][&method]["responses"]["200"]["content"];
    let bare = content_type.split(';').next().unwrap_or_default();
    match content.as_object() {
        None => bare == "application/json",
        Some(kinds) => bare != "application/json" && kinds.contains_key(bare),
    }
}

fn null_in(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Object(map) => map
            .iter()
            .find_map(|(name, value)| Some(format!(".{name}{}", null_in(value)?))),
        Value::Array(items) => items
            .iter()
            .find_map(|item| Some(format!("[]{}", null_in(item)?))),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// The operation of a path; literal segments win over ids.
fn operation(method: &str, path: &str) -> Option<Operation> {
    let fits = |template: &str| {
        let mut segments = path.split('/');
        let mut literals = 0;
        for wanted in template.split('/') {
            let found = segments.next()?;
            if wanted == found {
                literals += 1;
            } else if !wanted.starts_with('{') {
                return None;
            }
        }
        segments.next().is_none().then_some(literals)
    };
    Operation::ALL
        .iter()
        .copied()
        .filter(|operation| operation.method() == method && naru_wire_v2::is_served(*operation))
        .filter_map(|operation| Some((fits(operation.path())?, operation)))
        .max_by_key(|(literals, _)| *literals)
        .map(|(_, operation)| operation)
}

fn check_operation(operation: Operation, status: u16, body: &Value) -> Result<(), String> {
    if status == 200 {
        return validate(operation, status, body);
    }
    let name = body["type"].as_str().ok_or("an error without `type`")?;
    if !body["message"].is_string() {
        return Err("an error without `message`".to_owned());
    }
    let general = ErrorType::ALL
        .iter()
        .find(|error| error.is_general() && error.wire_name() == name);
    if let Some(general) = general {
        return same_status(general.status(), status);
    }
    let error = ErrorType::by_wire_name(operation, name)
        .ok_or_else(|| format!("`{}` does not list `{name}`", operation.id()))?;
    same_status(error.status(), status)?;
    validate(operation, status, body)
}

fn same_status(expected: u16, found: u16) -> Result<(), String> {
    if expected == found {
        Ok(())
    } else {
        Err(format!("status {found} instead of {expected}"))
    }
}

fn validate(operation: Operation, status: u16, body: &Value) -> Result<(), String> {
    let validator = validator(operation, status)?;
    let problems: Vec<String> = validator
        .iter_errors(body)
        .map(|error| format!("{error} at `{}`", error.instance_path()))
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("; "))
    }
}

type Validators = Mutex<HashMap<(Operation, u16), Arc<Validator>>>;

fn validator(operation: Operation, status: u16) -> Result<Arc<Validator>, String> {
    static KNOWN: LazyLock<Validators> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = known.get(&(operation, status)) {
        return Ok(Arc::clone(found));
    }
    let method = operation.method().to_lowercase();
    let response = &DOCUMENT["paths"][operation.path()][&method]["responses"][status.to_string()];
    let schema = &response["content"]["application/json"]["schema"];
    if schema.is_null() {
        return Err(format!("`{}` lists no {status}", operation.id()));
    }
    let mut whole = strict(schema);
    whole["components"] = json!({ "schemas": reached(schema) });
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&whole)
        .map_err(|error| format!("the schema: {error}"))?;
    let validator = Arc::new(validator);
    known.insert((operation, status), Arc::clone(&validator));
    Ok(validator)
}

/// The schemas that a schema needs, unknown fields refused.
fn reached(schema: &Value) -> Map<String, Value> {
    let schemas = &DOCUMENT["components"]["schemas"];
    let mut found = Map::new();
    let mut seen = BTreeSet::new();
    let mut open = Vec::new();
    references(schema, &mut open);
    while let Some(name) = open.pop() {
        if seen.insert(name.clone()) {
            references(&schemas[&name], &mut open);
            found.insert(name.clone(), strict(&schemas[&name]));
        }
    }
    found
}

fn references(schema: &Value, into: &mut Vec<String>) {
    match schema {
        Value::Object(map) => {
            let target = map.get("$ref").and_then(Value::as_str);
            into.extend(
                target
                    .and_then(|it| it.rsplit('/').next())
                    .map(str::to_owned),
            );
            map.values().for_each(|value| references(value, into));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, into)),
        _ => {}
    }
}

/// The schema without room for unknown fields. A union's fields are its variants'.
fn strict(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            let mut made: Map<String, Value> = map
                .iter()
                .map(|(name, value)| (name.clone(), strict(value)))
                .collect();
            let is_object = map.get("type").is_some_and(|kind| kind == "object");
            // A map says itself what its other fields are.
            let is_map = map
                .get("additionalProperties")
                .is_some_and(Value::is_object);
            if is_object && !is_map && !map.contains_key("oneOf") {
                made.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            Value::Object(made)
        }
        Value::Array(items) => Value::Array(items.iter().map(strict).collect()),
        other => other.clone(),
    }
}
