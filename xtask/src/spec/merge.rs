//! Merges two prepared editions into one document.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};

use super::decisions::Decisions;
use super::operations;
use crate::document::{self, Directions, Object};

/// Merges `later` into `first`.
pub fn editions(first: &Value, later: &Value, decisions: &Decisions) -> Result<Value> {
    let (a, b) = (document::directions(first)?, document::directions(later)?);
    let reached = Directions {
        requests: a.requests.union(&b.requests).cloned().collect(),
        answers: a.answers.union(&b.answers).cloned().collect(),
    };
    let mut merge = Merge {
        first: document::schemas(first)?,
        later: document::schemas(later)?,
        reached,
        decisions,
        folds: Vec::new(),
    };
    let schemas = merge.schemas()?;
    let paths = operations::merge(first, later)?;
    let mut doc = json!({ "paths": paths, "components": { "schemas": schemas } });
    super::editions::keep_reached(&mut doc)?;
    check_ids(&doc)?;
    Ok(document::sorted(doc))
}

fn check_ids(doc: &Value) -> Result<()> {
    let mut seen = BTreeSet::new();
    for op in document::operations(doc) {
        ensure!(
            seen.insert(op.id().to_owned()),
            "two operations are called {}",
            op.id()
        );
    }
    Ok(())
}

struct Merge<'a> {
    first: &'a Object,
    later: &'a Object,
    reached: Directions,
    decisions: &'a Decisions,
    /// Schemas to fold: (into, the later edition's schema).
    folds: Vec<(String, String)>,
}

impl Merge<'_> {
    fn schemas(&mut self) -> Result<Object> {
        let mut out = Map::new();
        let names: BTreeSet<&String> = self.first.keys().chain(self.later.keys()).collect();
        for name in names {
            let merged = match (self.first.get(name), self.later.get(name)) {
                (Some(a), Some(b)) => self
                    .schema(name, a, b, &mut out)
                    .with_context(|| format!("schema {name}"))?,
                (Some(only), None) | (None, Some(only)) => only.clone(),
                (None, None) => continue,
            };
            // A union merged with an object has written its variants already.
            out.entry(name.as_str()).or_insert(merged);
        }
        for (into, from) in std::mem::take(&mut self.folds) {
            let a = out
                .get(&into)
                .cloned()
                .with_context(|| format!("no schema {into}"))?;
            let b = self
                .later
                .get(&from)
                .with_context(|| format!("no schema {from}"))?;
            let folded = self.object(&into, &a, b)?;
            out.insert(into, folded);
        }
        Ok(out)
    }

    fn schema(&mut self, name: &str, a: &Value, b: &Value, out: &mut Object) -> Result<Value> {
        if a == b {
            return Ok(a.clone());
        }
        match (kind(a), kind(b)) {
            ("enum", "enum") => Ok(unite_enums(a, b)),
            ("union", "union") => self.union(name, a, b),
            ("object", "object") => self.object(name, a, b),
            ("union", "object") if self.decisions.object_and_union(name) => {
                self.union_and_object(a, b, out)
            }
            (x, y) => bail!("{x} in the first edition, {y} in a later one: decide it"),
        }
    }

    fn union(&self, name: &str, a: &Value, b: &Value) -> Result<Value> {
        let tag = &a["discriminator"]["propertyName"];
        ensure!(
            *tag == b["discriminator"]["propertyName"],
            "the unions have different tags"
        );
        let mut mapping = mapping_of(a);
        for (value, target) in mapping_of(b) {
            let known = mapping.get(&value).cloned();
            match known {
                Some(ours) if ours != target => ensure!(
                    self.decisions.mapping(name, &value),
                    "tag value {value} means another schema: decide it"
                ),
                Some(_) => {}
                None => {
                    mapping.insert(value, target);
                }
            }
        }
        Ok(tagged(tag, &mapping))
    }

    fn object(&mut self, name: &str, a: &Value, b: &Value) -> Result<Value> {
        let mut out = a.clone();
        let mut properties = properties_of(a);
        for (key, theirs) in properties_of(b) {
            let merged = match properties.get(&key).cloned() {
                None => theirs,
                Some(ours) if ours == theirs => ours,
                Some(ours) => self.property(name, &key, &ours, &theirs)?,
            };
            properties.insert(key, merged);
        }
        if !properties.is_empty() {
            out["properties"] = Value::Object(properties);
        }
        let required = self.required(name, a, b)?;
        set_required(&mut out, &required);
        Ok(out)
    }

    fn property(&mut self, schema: &str, key: &str, ours: &Value, theirs: &Value) -> Result<Value> {
        if ours.get("type") == theirs.get("type") && ours.get("$ref").is_none() {
            for (one, other) in [(ours, theirs), (theirs, ours)] {
                if let (Some(format), None) = (one["format"].as_str(), other.get("format"))
                    && self.decisions.format(format)
                {
                    return Ok(one.clone());
                }
            }
        }
        let fold = self.decisions.property(schema, key).with_context(|| {
            format!("{schema}.{key} is {ours} in the first edition, {theirs} in a later one")
        })?;
        if fold {
            let into = document::ref_name(ours).context("only references fold")?;
            let from = document::ref_name(theirs).context("only references fold")?;
            self.folds.push((into.to_owned(), from.to_owned()));
        }
        Ok(ours.clone())
    }

    fn required(&self, name: &str, a: &Value, b: &Value) -> Result<BTreeSet<String>> {
        let (a, b) = (required_of(a), required_of(b));
        let both: BTreeSet<String> = a.intersection(&b).cloned().collect();
        let either: BTreeSet<String> = a.union(&b).cloned().collect();
        let asked = self.reached.requests.contains(name);
        let answered = self.reached.answers.contains(name);
        ensure!(
            !(asked && answered) || both == either,
            "used in requests and answers, but required differs: {:?}",
            either.difference(&both)
        );
        Ok(if asked { both } else { either })
    }

    /// Every variant takes the object's fields; the union states them beside its variants.
    fn union_and_object(&mut self, a: &Value, b: &Value, out: &mut Object) -> Result<Value> {
        for target in mapping_of(a).values().filter_map(Value::as_str) {
            let name = document::local_name(target);
            let own = self
                .first
                .get(name)
                .with_context(|| format!("no schema {name}"))?;
            let widened = self.object(name, own, b)?;
            out.insert(name.to_owned(), widened);
        }
        let mut both = a.clone();
        for key in ["type", "properties", "required"] {
            if let Some(value) = b.get(key) {
                both[key] = value.clone();
            }
        }
        Ok(both)
    }
}

fn kind(schema: &Value) -> &'static str {
    if schema.get("enum").is_some() {
        "enum"
    } else if schema.get("oneOf").is_some() {
        "union"
    } else if schema["type"] == "object" {
        "object"
    } else {
        "scalar"
    }
}

fn unite_enums(a: &Value, b: &Value) -> Value {
    let mut out = a.clone();
    let mut values = a["enum"].as_array().cloned().unwrap_or_default();
    for value in b["enum"].as_array().into_iter().flatten() {
        if !values.contains(value) {
            values.push(value.clone());
        }
    }
    out["enum"] = Value::Array(values);
    out
}

fn tagged(tag: &Value, mapping: &Object) -> Value {
    let targets: BTreeSet<&str> = mapping
        .values()
        .filter_map(Value::as_str)
        .map(document::local_name)
        .collect();
    let variants: Vec<Value> = targets.into_iter().map(document::reference).collect();
    json!({ "oneOf": variants, "discriminator": { "propertyName": tag, "mapping": mapping } })
}

fn mapping_of(schema: &Value) -> Object {
    schema
        .pointer("/discriminator/mapping")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

fn properties_of(schema: &Value) -> Object {
    schema
        .get("properties")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

fn required_of(schema: &Value) -> BTreeSet<String> {
    let names = schema.get("required").and_then(Value::as_array);
    names
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn set_required(schema: &mut Value, names: &BTreeSet<String>) {
    if names.is_empty() {
        if let Some(map) = schema.as_object_mut() {
            map.remove("required");
        }
    } else {
        schema["required"] = json!(names);
    }
}
