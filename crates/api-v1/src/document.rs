//! The contract of this face: `spec/v1.openapi.json`, cut down to what is served.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use http::header::{CONTENT_TYPE, HeaderName};
use serde_json::Value;

const WHOLE: &str = include_str!("../../../spec/v1.openapi.json");
const UNIMPLEMENTED: &str = include_str!("../../../spec/unimplemented-v1.txt");

/// The statuses that each operation lists.
static STATUSES: LazyLock<BTreeMap<String, BTreeSet<String>>> = LazyLock::new(|| {
    let operations = operations(&WHOLE_DOCUMENT).into_iter();
    let statuses = operations.map(|(id, _, _, operation)| {
        let responses = operation["responses"].as_object().into_iter().flatten();
        (id, responses.map(|(status, _)| status.clone()).collect())
    });
    statuses.collect()
});

// The text is part of the program and a test reads it, so it does parse.
static WHOLE_DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(WHOLE).unwrap_or_default());

static SERVED: LazyLock<String> = LazyLock::new(|| {
    let missing: BTreeSet<&str> = unimplemented().collect();
    let mut document = WHOLE_DOCUMENT.clone();
    if let Some(paths) = document["paths"].as_object_mut() {
        for item in paths.values_mut().filter_map(Value::as_object_mut) {
            item.retain(|_, operation| {
                let id = operation["operationId"].as_str().unwrap_or_default();
                !missing.contains(id)
            });
        }
        paths.retain(|_, item| item.as_object().is_some_and(|item| !item.is_empty()));
    }
    document.to_string()
});

/// Whether an operation lists a status.
pub(crate) fn lists(operation: &str, status: &str) -> bool {
    STATUSES
        .get(operation)
        .is_some_and(|statuses| statuses.contains(status))
}

/// Whether the contract has such a path, served or not, with its last part or without.
pub(crate) fn has_path(path: &str) -> bool {
    let wanted: Vec<&str> = path.split('/').collect();
    PATHS.iter().any(|segments| {
        wanted.len() == segments.len()
            && wanted
                .iter()
                .zip(segments)
                .all(|(found, segment)| segment.starts_with('{') || segment == found)
    })
}

/// Every path in its parts; those whose last part may be left out once more without it.
static PATHS: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for (template, _) in WHOLE_DOCUMENT["paths"].as_object().into_iter().flatten() {
        let segments: Vec<_> = template.split('/').map(str::to_owned).collect();
        if OPTIONAL_LAST.contains(&template.as_str()) {
            let all_but_last = segments.len().saturating_sub(1);
            all.push(segments.iter().take(all_but_last).cloned().collect());
        }
        all.push(segments);
    }
    all
});

/// Paths whose last part may be left out.
const OPTIONAL_LAST: [&str; 2] = [
    "/payments/find/{merchant_uid}/{payment_status}",
    "/payments/findAll/{merchant_uid}/{payment_status}",
];

/// The last word of each line that is not a comment.
fn unimplemented() -> impl Iterator<Item = &'static str> {
    UNIMPLEMENTED
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_whitespace().last())
}

/// Every operation: id, method, path, and the object.
fn operations(document: &Value) -> Vec<(String, String, String, &Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let id = operation["operationId"].as_str().unwrap_or_default();
            all.push((
                id.to_owned(),
                method.to_uppercase(),
                path.clone(),
                operation,
            ));
        }
    }
    all
}

/// `GET /v1/openapi.json`.
pub(crate) async fn openapi() -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "application/json")], SERVED.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes;

    #[test]
    fn the_routes_are_the_served_operations_and_no_others() {
        let missing: BTreeSet<&str> = unimplemented().collect();
        let mut written = BTreeSet::new();
        for (id, method, path, _) in operations(&WHOLE_DOCUMENT) {
            if !missing.contains(id.as_str()) {
                written.insert((id, method, path));
            }
        }
        let routed: BTreeSet<_> = routes::table()
            .iter()
            .map(|route| {
                let operation = route.operation;
                (
                    operation.id.to_owned(),
                    operation.method.to_owned(),
                    operation.path.to_owned(),
                )
            })
            .collect();
        assert_eq!(routed, written);
    }

    #[test]
    fn every_unimplemented_line_names_an_operation() {
        let whole = operations(&WHOLE_DOCUMENT);
        for line in UNIMPLEMENTED.lines().filter(|line| !line.starts_with('#')) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [method, path, id] = words.as_slice() else {
                panic!("`{line}` is not METHOD /path operationId");
            };
            let is_it = |one: &(String, String, String, &Value)| {
                (one.0.as_str(), one.1.as_str(), one.2.as_str()) == (*id, *method, *path)
            };
            assert!(whole.iter().any(is_it), "`{line}` names no operation");
        }
    }

    #[test]
    fn statuses_are_those_of_the_contract() {
        assert!(lists("getPaymentsByStatus", "400"));
        assert!(!lists("cancelPayment", "400"));
    }
}
