//! Which documented answers the tests have brought about.
//!
//! The contract-checking client of `naru-testkit` notes each answer in a file. Every operation
//! that Naru serves must have been seen to succeed and to give each refusal the document lists for
//! it, but for those that `spec/unseen-v2.txt` names, each under the reason why no test can (or
//! does yet) bring it about. A name there that was seen is refused too: the list only shrinks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::root;

/// Name of the variable with the path of the file.
pub const VARIABLE: &str = "NARU_SEEN_ANSWERS";

type Answers = BTreeSet<(String, String)>;

/// Begins a run: the file, empty.
pub fn begin() -> Result<PathBuf> {
    super::empty_file("seen-answers.txt")
}

/// Ends a run: what is wrong, a line each.
pub fn end(path: &Path) -> Result<Vec<String>> {
    let read =
        |path: PathBuf| std::fs::read_to_string(&path).with_context(|| path.display().to_string());
    let document: Value = serde_json::from_str(&read(root::path("spec/v2.openapi.json"))?)?;
    let unserved = read(root::path("spec/unimplemented-v2.txt"))?;
    Ok(compare(
        &documented(&document, &unserved),
        &listed(&read(path.to_path_buf())?),
        &listed(&read(root::path("spec/unseen-v2.txt"))?),
    ))
}

fn compare(documented: &Answers, seen: &Answers, excused: &Answers) -> Vec<String> {
    let say = |pairs: Vec<&(String, String)>, what: &str| {
        let mut by_operation: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (operation, answer) in pairs {
            by_operation.entry(operation).or_default().push(answer);
        }
        let line = |(operation, answers): (&str, Vec<&str>)| {
            format!("{operation} {}: {what}", answers.join(" "))
        };
        by_operation.into_iter().map(line).collect::<Vec<_>>()
    };
    let missing = documented
        .iter()
        .filter(|pair| !seen.contains(pair) && !excused.contains(pair));
    let stale = excused
        .iter()
        .filter(|pair| seen.contains(pair) || !documented.contains(pair));
    let mut lines = say(missing.collect(), "documented, seen by no test");
    lines.extend(say(
        stale.collect(),
        "in spec/unseen-v2.txt, but seen or not documented",
    ));
    lines
}

/// What the document says of the operations that are served: "200" and the types of refusals.
fn documented(document: &Value, unserved: &str) -> Answers {
    let unserved: BTreeSet<&str> = unserved
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_whitespace().nth(2))
        .collect();
    let mut answers = Answers::new();
    let paths = document["paths"].as_object().into_iter().flatten();
    for (_, methods) in paths {
        for (_, operation) in methods.as_object().into_iter().flatten() {
            let Some(id) = operation["operationId"].as_str() else {
                continue;
            };
            if unserved.contains(id) {
                continue;
            }
            let responses = operation["responses"].as_object().into_iter().flatten();
            for (status, response) in responses {
                let schema = &response["content"]["application/json"]["schema"];
                let mut names = types(document, schema);
                if status == "200" {
                    names = vec!["200".to_owned()];
                }
                answers.extend(names.into_iter().map(|name| (id.to_owned(), name)));
            }
        }
    }
    answers
}

/// The names of the refusals in a schema: those of its discriminator.
fn types(document: &Value, schema: &Value) -> Vec<String> {
    let name = schema["$ref"].as_str().and_then(|it| it.rsplit('/').next());
    let schema = name.map_or(schema, |name| &document["components"]["schemas"][name]);
    let mapping = schema["discriminator"]["mapping"].as_object();
    let keys = mapping.into_iter().flatten().map(|(name, _)| name.clone());
    keys.collect()
}

/// Lines of an operation and answers of it; a line that begins with `#` is a comment.
fn listed(text: &str) -> Answers {
    let mut answers = Answers::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        if let Some(operation) = words.next() {
            answers.extend(words.map(|answer| (operation.to_owned(), answer.to_owned())));
        }
    }
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        serde_json::json!({
            "components": {"schemas": {
                "AError": {"discriminator": {"mapping": {"NO": "", "BUSY": ""}}},
            }},
            "paths": {"/a": {
                "get": {"operationId": "a", "responses": {
                    "200": {},
                    "400": {"content": {"application/json":
                        {"schema": {"$ref": "#/components/schemas/AError"}}}},
                }},
                "post": {"operationId": "b", "responses": {"200": {}}},
            }},
        })
    }

    #[test]
    fn what_no_test_saw_is_named_unless_it_is_excused() {
        let documented = documented(&document(), "POST /a b");
        let lines =
            |seen: &str, excused: &str| compare(&documented, &listed(seen), &listed(excused));
        assert_eq!(lines("a 200\na NO\na BUSY", ""), Vec::<String>::new());
        assert_eq!(lines("a 200\na NO", "# why\na BUSY"), Vec::<String>::new());
        assert_eq!(
            lines("a NO", ""),
            ["a 200 BUSY: documented, seen by no test"]
        );
    }

    #[test]
    fn an_excuse_that_is_not_needed_is_named() {
        let documented = documented(&document(), "POST /a b");
        let found = compare(
            &documented,
            &listed("a 200\na NO\na BUSY"),
            &listed("a NO NEVER\nb 200"),
        );
        let words = "in spec/unseen-v2.txt, but seen or not documented";
        assert_eq!(
            found,
            [format!("a NEVER NO: {words}"), format!("b 200: {words}")]
        );
    }
}
