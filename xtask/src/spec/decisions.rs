//! The table of decisions, `spec/merge-v2.toml`: what the merge can't settle by rule.
//!
//! Every entry has a reason and must be used; an entry that no conflict needs any more is an
//! error, so the table can't outlive the facts it was written for.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

/// The decisions, with a record of which were used.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Decisions {
    #[serde(default)]
    namespace: Vec<Namespace>,
    #[serde(default)]
    rename: Vec<Rename>,
    #[serde(default)]
    property: Vec<Property>,
    #[serde(default)]
    format: Vec<Format>,
    #[serde(default)]
    mapping: Vec<Mapping>,
    #[serde(default)]
    object_and_union: Vec<ObjectAndUnion>,
    #[serde(default)]
    general_error: Vec<GeneralError>,
    #[serde(skip)]
    used: RefCell<BTreeSet<String>>,
}

/// Schemas and operations below `path` take another name where the first edition has the name for
/// something else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Namespace {
    /// Path prefix of the operations meant.
    pub path: String,
    /// The part of the name that changes.
    pub from: String,
    /// What it becomes.
    pub to: String,
    reason: String,
}

/// A later edition's schema under the first edition's name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rename {
    from: String,
    to: String,
    reason: String,
}

/// A property whose type differs: the first edition's type stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Property {
    schema: String,
    name: String,
    /// The later edition's schema is merged into the first's, so that it lacks nothing.
    #[serde(default)]
    fold: bool,
    reason: String,
}

/// A format that one edition states and the other leaves out: the stated one stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Format {
    format: String,
    reason: String,
}

/// A tag value that means another schema in a later edition: the first edition's stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mapping {
    union: String,
    value: String,
    reason: String,
}

/// A tagged union in the first edition and an object in a later one: the union, whose every
/// variant has the object's fields, with the object's fields also stated beside it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectAndUnion {
    schema: String,
    reason: String,
}

/// An error type that every operation may answer although the contract lists it nowhere.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GeneralError {
    name: String,
    status: u16,
    reason: String,
}

/// Reads the table.
pub fn load(path: &Path) -> Result<Decisions> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let table: Decisions = toml::from_str(&text)
        .with_context(|| format!("{} is not a decision table", path.display()))?;
    for (key, reason) in table.reasons() {
        ensure!(
            !reason.trim().is_empty(),
            "{}: {key} has no reason",
            path.display()
        );
    }
    Ok(table)
}

impl Decisions {
    /// The namespaces, in order.
    pub fn namespaces(&self) -> &[Namespace] {
        &self.namespace
    }

    /// Records that the namespace `entry` was needed.
    pub fn use_namespace(&self, entry: &Namespace) {
        self.mark(&format!("namespace {}", entry.path));
    }

    /// The first edition's name for a later edition's schema.
    pub fn renamed(&self, name: &str) -> Option<&str> {
        let found = self.rename.iter().find(|r| r.from == name)?;
        self.mark(&format!("rename {name}"));
        Some(&found.to)
    }

    /// Whether the first edition's type stands for the property, and whether to fold.
    pub fn property(&self, schema: &str, property: &str) -> Option<bool> {
        let found = self
            .property
            .iter()
            .find(|p| p.schema == schema && p.name == property)?;
        self.mark(&format!("property {schema}.{property}"));
        Some(found.fold)
    }

    /// Whether a missing format may be read as `format`.
    pub fn format(&self, format: &str) -> bool {
        let found = self.format.iter().any(|f| f.format == format);
        self.mark(&format!("format {format}"));
        found
    }

    /// Whether the first edition's schema stands for the tag value.
    pub fn mapping(&self, union: &str, value: &str) -> bool {
        let found = self
            .mapping
            .iter()
            .any(|m| m.union == union && m.value == value);
        self.mark(&format!("mapping {union}.{value}"));
        found
    }

    /// Whether `schema` is merged as union and object at once.
    pub fn object_and_union(&self, schema: &str) -> bool {
        let found = self.object_and_union.iter().any(|o| o.schema == schema);
        self.mark(&format!("object-and-union {schema}"));
        found
    }

    /// The general errors as they stand in the document.
    pub fn general_errors(&self) -> Value {
        let table: BTreeMap<&str, u16> = self
            .general_error
            .iter()
            .map(|e| (e.name.as_str(), e.status))
            .collect();
        json!(table)
    }

    /// Fails if an entry was never needed.
    pub fn check_all_used(&self) -> Result<()> {
        let used = self.used.borrow();
        for (key, _) in self.reasons() {
            let always = key.starts_with("general-error ");
            ensure!(
                always || used.contains(&key),
                "spec/merge-v2.toml: {key} is not needed"
            );
        }
        Ok(())
    }

    fn mark(&self, key: &str) {
        self.used.borrow_mut().insert(key.to_owned());
    }

    fn reasons(&self) -> Vec<(String, &str)> {
        let mut all: Vec<(String, &str)> = Vec::new();
        all.extend(
            self.namespace
                .iter()
                .map(|n| (format!("namespace {}", n.path), &*n.reason)),
        );
        all.extend(
            self.rename
                .iter()
                .map(|r| (format!("rename {}", r.from), &*r.reason)),
        );
        all.extend(
            self.property
                .iter()
                .map(|p| (format!("property {}.{}", p.schema, p.name), &*p.reason)),
        );
        all.extend(
            self.format
                .iter()
                .map(|f| (format!("format {}", f.format), &*f.reason)),
        );
        all.extend(
            self.mapping
                .iter()
                .map(|m| (format!("mapping {}.{}", m.union, m.value), &*m.reason)),
        );
        all.extend(
            self.object_and_union
                .iter()
                .map(|o| (format!("object-and-union {}", o.schema), &*o.reason)),
        );
        all.extend(
            self.general_error
                .iter()
                .map(|e| (format!("general-error {}", e.name), &*e.reason)),
        );
        all
    }
}
