//! The document that the server serves: what `spec/` says, cut down to what is implemented.
//!
//! `spec/unimplemented-v2.txt` names the operations that are left out; a schema that only they
//! reach is left out too.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::Operation;

const WHOLE: &str = include_str!("../../../spec/v2.openapi.json");
const UNIMPLEMENTED: &str = include_str!("../../../spec/unimplemented-v2.txt");
const SCHEMA_PREFIX: &str = "#/components/schemas/";

/// Whether the server implements the operation.
pub fn is_served(operation: Operation) -> bool {
    static MISSING: OnceLock<BTreeSet<&str>> = OnceLock::new();
    !MISSING
        .get_or_init(|| unimplemented().collect())
        .contains(operation.id())
}

/// The served document as JSON text, without the address of a server.
pub fn served_document() -> &'static [u8] {
    static TEXT: OnceLock<Vec<u8>> = OnceLock::new();
    TEXT.get_or_init(|| served_document_for(None).to_string().into_bytes())
}

/// The served document, with the address of the server if it is given.
pub fn served_document_for(server_url: Option<&str>) -> Value {
    // The text is part of the program and a test reads it, so it does parse.
    let mut doc: Value = serde_json::from_str(WHOLE).unwrap_or_default();
    let missing: BTreeSet<&str> = unimplemented().collect();
    if let Some(paths) = doc.get_mut("paths").and_then(Value::as_object_mut) {
        for item in paths.values_mut().filter_map(Value::as_object_mut) {
            item.retain(|_, op| {
                op["operationId"]
                    .as_str()
                    .is_none_or(|id| !missing.contains(id))
            });
        }
        paths.retain(|_, item| item.as_object().is_some_and(|item| !item.is_empty()));
    }
    let reached = reached(&doc);
    if let Some(Value::Object(schemas)) = doc.pointer_mut("/components/schemas") {
        schemas.retain(|name, _| reached.contains(name));
    }
    if let Some(url) = server_url {
        doc["servers"] = json!([{ "url": url }]);
    }
    doc
}

/// The last word of each line that is not a comment.
fn unimplemented() -> impl Iterator<Item = &'static str> {
    UNIMPLEMENTED
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_whitespace().last())
}

fn reached(doc: &Value) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut stack = Vec::new();
    references(&doc["paths"], &mut stack);
    while let Some(name) = stack.pop() {
        if !seen.contains(&name) {
            references(&doc["components"]["schemas"][&name], &mut stack);
            seen.insert(name);
        }
    }
    seen
}

fn references(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            if let Some(target) = map.get("$ref").and_then(Value::as_str) {
                into.extend(target.strip_prefix(SCHEMA_PREFIX).map(str::to_owned));
            }
            map.values().for_each(|v| references(v, into));
        }
        Value::Array(items) => items.iter().for_each(|v| references(v, into)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_served_document_has_what_is_implemented_and_nothing_else() {
        let doc = served_document_for(Some("http://127.0.0.1:8080"));
        assert!(doc["paths"]["/payments/{paymentId}/cancel"]["post"].is_object());
        assert!(doc["paths"]["/platform"].is_null());
        assert!(doc["components"]["schemas"]["PaidPayment"].is_object());
        assert!(doc["components"]["schemas"]["PlatformPartner"].is_null());
        assert_eq!(doc["servers"][0]["url"], "http://127.0.0.1:8080");
    }

    #[test]
    fn every_unimplemented_line_names_an_operation() {
        for id in unimplemented() {
            let op = Operation::by_id(id).unwrap_or_else(|| panic!("no operation `{id}`"));
            let line = format!("{} {} {id}", op.method(), op.path());
            assert!(
                UNIMPLEMENTED.lines().any(|l| l == line),
                "`{line}` is written otherwise"
            );
        }
    }
}
