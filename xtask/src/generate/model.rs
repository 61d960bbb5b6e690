//! What `spec/v2.openapi.json` means for the Rust types: which exist, in which direction they
//! travel, and what the unions' tags do to their variants.
//!
//! Two facts about the contract are asserted, because the generated code hangs on them: no request
//! reaches a union, and only the types in [`TAGGED_ALONE`] are used both as a union's variant and
//! by themselves.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::document::{self, Object};

/// Variants that are also used by themselves, where they need their tag all the same.
const TAGGED_ALONE: [&str; 4] = [
    "PlatformManualTransfer",
    "PlatformOrderCancelTransfer",
    "PlatformOrderTransfer",
    "VerifiedIdentityVerification",
];

/// The document, read for generation.
pub struct Model {
    /// Types by name.
    pub types: BTreeMap<String, Type>,
    /// Operations by id.
    pub operations: Vec<Operation>,
    /// Error types of the contract by schema name.
    pub errors: BTreeMap<String, ErrorLeaf>,
    /// Error types that every operation may answer: wire name and status.
    pub general_errors: BTreeMap<String, u64>,
}

/// One generated type.
pub struct Type {
    /// What it is.
    pub shape: Shape,
    /// Requests reach it.
    pub asked: bool,
    /// Answers reach it.
    pub answered: bool,
    /// The file it goes to.
    pub area: &'static str,
}

/// The kinds of types.
pub enum Shape {
    /// A closed set of strings.
    Enum(Vec<String>),
    /// An object.
    Struct(Vec<Field>),
    /// An object with free keys.
    Map(String),
    /// A tagged union: tag and (tag value, type) pairs.
    Union(String, Vec<(String, String)>),
}

/// One field of a struct.
pub struct Field {
    /// Name on the wire.
    pub wire: String,
    /// Rust type, without `Option`.
    pub rust: String,
    /// Always there.
    pub required: bool,
}

/// One operation.
pub struct Operation {
    /// Operation id.
    pub id: String,
    /// Upper-case method.
    pub method: String,
    /// Path template.
    pub path: String,
    /// Takes a credential.
    pub auth: bool,
    /// Takes its body in the query too.
    pub query_or_body: bool,
    /// Schema names of the errors it may answer.
    pub errors: BTreeSet<String>,
    /// Query parameters but `requestBody`.
    pub query: Vec<Field>,
}

/// One error type.
pub struct ErrorLeaf {
    /// Wire name.
    pub wire: String,
    /// HTTP status.
    pub status: u64,
}

/// Reads the document.
pub fn read(doc: &Value) -> Result<Model> {
    let schemas = document::schemas(doc)?;
    let errors = errors(doc, schemas)?;
    let operations = operations(doc, schemas)?;
    let reached = Reached::compute(doc, schemas, &errors)?;
    let tags = tags(schemas, &reached)?;
    let mut types = BTreeMap::new();
    for (name, schema) in schemas {
        let asked = reached.asked.contains(name);
        let answered = reached.answered.contains(name);
        if asked || answered {
            let dropped = tags.get(name).map(|(tag, _)| tag.as_str());
            let shape = shape(schema, dropped).with_context(|| format!("schema {name}"))?;
            ensure!(
                !(asked && matches!(shape, Shape::Union(..))),
                "a request reaches the union {name}: decode it by hand first"
            );
            types.insert(
                name.clone(),
                Type {
                    shape,
                    asked,
                    answered,
                    area: reached.area(name),
                },
            );
        }
    }
    add_tagged_alone(&mut types, &tags)?;
    let general_errors = serde_json::from_value(doc["x-naru-general-errors"].clone())?;
    Ok(Model {
        types,
        operations,
        errors,
        general_errors,
    })
}

struct Reached {
    asked: BTreeSet<String>,
    answered: BTreeSet<String>,
    areas: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Reached {
    fn compute(
        doc: &Value,
        schemas: &Object,
        errors: &BTreeMap<String, ErrorLeaf>,
    ) -> Result<Self> {
        let (mut asked, mut answered) = (BTreeSet::new(), BTreeSet::new());
        let mut areas: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
        for op in document::operations(doc) {
            let whole = Value::Object(op.body.clone());
            document::collect_refs(&whole, areas.entry(area_of(op.path)).or_default());
            for key in ["parameters", "requestBody"] {
                document::collect_refs(op.body.get(key).unwrap_or(&Value::Null), &mut asked);
            }
            for (status, response) in document::child(op.body, "responses").into_iter().flatten() {
                if status.starts_with('2') {
                    document::collect_refs(response, &mut answered);
                }
            }
        }
        // Error bodies are written from `ErrorType`; only what they carry needs types.
        for name in errors.keys() {
            let leaf = schemas
                .get(name)
                .with_context(|| format!("no schema {name}"))?;
            document::collect_refs(leaf, &mut answered);
        }
        let areas = areas
            .into_iter()
            .map(|(k, v)| (k, document::reach(schemas, v)))
            .collect();
        Ok(Self {
            asked: document::reach(schemas, asked),
            answered: document::reach(schemas, answered),
            areas,
        })
    }

    fn area(&self, name: &str) -> &'static str {
        let mut found = self.areas.iter().filter(|(_, names)| names.contains(name));
        match (found.next(), found.next()) {
            (Some((area, _)), None) => area,
            _ => "shared",
        }
    }
}

fn area_of(path: &str) -> &'static str {
    match path.split('/').nth(1).unwrap_or_default() {
        "b2b" | "b2b-preview" => "b2b",
        "platform" => "platform",
        "analytics" => "analytics",
        "payment-reconciliations" => "reconciliation",
        "identity-verifications" => "identity",
        _ => "payment",
    }
}

/// The tag and tag value of every type that is a union's variant.
fn tags(schemas: &Object, reached: &Reached) -> Result<BTreeMap<String, (String, String)>> {
    let mut tags: BTreeMap<String, (String, String)> = BTreeMap::new();
    for (name, schema) in schemas {
        if reached.answered.contains(name)
            && let Some((tag, variants)) = union(schema)
        {
            for (value, variant) in variants {
                let entry = (tag.clone(), value);
                let known = tags.entry(variant.clone()).or_insert_with(|| entry.clone());
                ensure!(*known == entry, "{variant} is a variant under two tags");
            }
        }
    }
    Ok(tags)
}

fn union(schema: &Value) -> Option<(String, Vec<(String, String)>)> {
    let tag = schema
        .pointer("/discriminator/propertyName")?
        .as_str()?
        .to_owned();
    let mapping = schema.pointer("/discriminator/mapping")?.as_object()?;
    let variants = mapping
        .iter()
        .filter_map(|(k, v)| Some((k.clone(), document::local_name(v.as_str()?).to_owned())))
        .collect();
    Some((tag, variants))
}

fn shape(schema: &Value, dropped: Option<&str>) -> Result<Shape> {
    if let Some((tag, variants)) = union(schema) {
        return Ok(Shape::Union(tag, variants));
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let values = values
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        return Ok(Shape::Enum(values));
    }
    ensure!(
        schema["type"] == "object",
        "neither an object, an enum nor a union"
    );
    if let Some(value) = schema.get("additionalProperties") {
        return Ok(Shape::Map(rust_type(value)?));
    }
    let required = schema
        .as_object()
        .map(|s| document::strings(s, "required"))
        .unwrap_or_default();
    let mut fields = Vec::new();
    for (wire, value) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        if Some(wire.as_str()) != dropped {
            fields.push(Field {
                wire: wire.clone(),
                rust: rust_type(value).with_context(|| format!("property {wire}"))?,
                required: required.contains(&wire.as_str()),
            });
        }
    }
    Ok(Shape::Struct(fields))
}

fn rust_type(schema: &Value) -> Result<String> {
    if let Some(name) = document::ref_name(schema) {
        let alone = TAGGED_ALONE.contains(&name);
        return Ok(if alone {
            tagged_alone(name)
        } else {
            name.to_owned()
        });
    }
    let kind = schema["type"].as_str().unwrap_or_default();
    Ok(
        match (kind, schema["format"].as_str().unwrap_or_default()) {
            ("string", _) if schema.get("enum").is_none() => "String".to_owned(),
            ("integer", "int32") => "i32".to_owned(),
            ("integer", _) => "i64".to_owned(),
            ("number", _) => "f64".to_owned(),
            ("boolean", _) => "bool".to_owned(),
            ("object", _) if schema.get("properties").is_none() => "FreeObject".to_owned(),
            ("array", _) => format!("Vec<{}>", rust_type(&schema["items"])?),
            _ => bail!("no Rust type for {schema}"),
        },
    )
}

fn tagged_alone(name: &str) -> String {
    format!("Tagged{name}")
}

/// Unions of one variant for the variants that are also used by themselves.
fn add_tagged_alone(
    types: &mut BTreeMap<String, Type>,
    tags: &BTreeMap<String, (String, String)>,
) -> Result<()> {
    let mut direct = BTreeSet::new();
    for kind in types.values() {
        if let Shape::Struct(fields) = &kind.shape {
            direct.extend(fields.iter().map(|f| bare(&f.rust).to_owned()));
        }
    }
    for name in tags.keys() {
        ensure!(
            !direct.contains(name),
            "{name} is a variant and used alone: see TAGGED_ALONE"
        );
    }
    for name in TAGGED_ALONE {
        let wrapper = tagged_alone(name);
        let (tag, value) = tags
            .get(name)
            .with_context(|| format!("{name} is no variant"))?;
        ensure!(
            direct.contains(&wrapper),
            "{name} is not used alone: see TAGGED_ALONE"
        );
        let area = types
            .get(name)
            .with_context(|| format!("no type {name}"))?
            .area;
        let shape = Shape::Union(tag.clone(), vec![(value.clone(), name.to_owned())]);
        types.insert(
            wrapper,
            Type {
                shape,
                asked: false,
                answered: true,
                area,
            },
        );
    }
    Ok(())
}

impl Model {
    /// The types that the file `area` uses and does not define.
    pub fn imports(&self, area: &str) -> BTreeSet<&str> {
        let mut used = BTreeSet::new();
        for kind in self.types.values().filter(|t| t.area == area) {
            match &kind.shape {
                Shape::Enum(_) => {}
                Shape::Map(value) => {
                    used.insert(bare(value));
                }
                Shape::Struct(fields) => used.extend(fields.iter().map(|f| bare(&f.rust))),
                Shape::Union(_, variants) => used.extend(variants.iter().map(|v| v.1.as_str())),
            }
        }
        if area == "queries" {
            let fields = self.operations.iter().flat_map(|op| &op.query);
            used.extend(fields.map(|f| bare(&f.rust)));
        }
        used.retain(|name| {
            let kind = self.types.get(*name);
            kind.is_some_and(|t| t.area != area || matches!(t.shape, Shape::Enum(_)))
        });
        used
    }
}

/// The item of a list, a type itself else.
fn bare(rust: &str) -> &str {
    rust.trim_start_matches("Vec<").trim_end_matches('>')
}

fn errors(doc: &Value, schemas: &Object) -> Result<BTreeMap<String, ErrorLeaf>> {
    let mut leaves: BTreeMap<String, ErrorLeaf> = BTreeMap::new();
    for (wire, name) in error_variants(doc, schemas) {
        let leaf = schemas
            .get(&name)
            .with_context(|| format!("no schema {name}"))?;
        let status = leaf["x-naru-status"]
            .as_u64()
            .with_context(|| format!("{name} is answered as an error and has no status"))?;
        let known = leaves.entry(name.clone()).or_insert_with(|| ErrorLeaf {
            wire: wire.clone(),
            status,
        });
        ensure!(known.wire == wire, "{name} has two wire names");
    }
    Ok(leaves)
}

fn error_variants(doc: &Value, schemas: &Object) -> BTreeSet<(String, String)> {
    document::operations(doc)
        .iter()
        .flat_map(|op| variants_of(op.body, schemas))
        .collect()
}

/// The (wire name, schema) pairs that the error answers of an operation can be.
fn variants_of(op: &Object, schemas: &Object) -> BTreeSet<(String, String)> {
    let mut unions = BTreeSet::new();
    for (status, response) in document::child(op, "responses").into_iter().flatten() {
        if !status.starts_with('2') {
            document::collect_refs(response, &mut unions);
        }
    }
    unions
        .iter()
        .filter_map(|name| union(schemas.get(name)?))
        .flat_map(|(_, variants)| variants)
        .collect()
}

fn operations(doc: &Value, schemas: &Object) -> Result<Vec<Operation>> {
    let mut found = Vec::new();
    for op in document::operations(doc) {
        let mut query = Vec::new();
        let parameters = op.body.get("parameters").and_then(Value::as_array);
        for p in parameters.into_iter().flatten() {
            if p["in"] == "query" && p["name"] != "requestBody" {
                query.push(Field {
                    wire: p["name"].as_str().unwrap_or_default().to_owned(),
                    rust: rust_type(&p["schema"])?,
                    required: p["required"] == true,
                });
            }
        }
        found.push(Operation {
            id: op.id().to_owned(),
            method: op.method.to_uppercase(),
            path: op.path.to_owned(),
            auth: op.body.contains_key("security"),
            query_or_body: op.body.contains_key("x-naru-query-or-body"),
            errors: variants_of(op.body, schemas)
                .into_iter()
                .map(|(_, name)| name)
                .collect(),
            query,
        });
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}
