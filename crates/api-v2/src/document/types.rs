//! Types on the page: what a field holds, and each type that an operation reaches, once.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::words::{both, escape};

const SCHEMA_PREFIX: &str = "#/components/schemas/";
/// Values of an enum that are shown at once; more of them fold.
const VALUES_SHOWN: usize = 24;

/// The name of the type that a schema refers to.
pub(super) fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix(SCHEMA_PREFIX)
}

/// The types that the given schemas reach.
pub(super) fn reached(document: &Value, roots: &[&Value]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Value> = roots.to_vec();
    while let Some(value) = open.pop() {
        if let Some(name) = referred(value)
            && found.insert(name.to_owned())
        {
            open.push(&document["components"]["schemas"][name]);
        }
        match value {
            Value::Object(map) => open.extend(map.values()),
            Value::Array(items) => open.extend(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    found
}

/// What a field holds, in a few words.
fn kind(schema: &Value) -> String {
    if let Some(name) = referred(schema) {
        let name = escape(name);
        return format!("<a href=\"#type-{name}\">{name}</a>");
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("array"), _) => format!("{}[]", kind(&schema["items"])),
        (Some(name), Some(format)) => escape(&format!("{name} ({format})")),
        (Some(name), None) => escape(name),
        (None, _) => "any".to_owned(),
    }
}

/// The values of an enum.
fn values(schema: &Value) -> String {
    let Some(values) = schema["enum"].as_array() else {
        return String::new();
    };
    let codes: Vec<String> = values
        .iter()
        .map(|value| {
            format!(
                "<code>{}</code>",
                escape(value.as_str().unwrap_or_default())
            )
        })
        .collect();
    let codes = codes.join(" ");
    if values.len() > VALUES_SHOWN {
        let count = both(&format!("{} values", values.len()), "값");
        return format!(
            "<details><summary>{count}</summary><p class=\"values\">{codes}</p></details>"
        );
    }
    format!("<p class=\"values\">{codes}</p>")
}

/// One field.
pub(super) fn field(name: &str, schema: &Value, is_required: bool) -> String {
    let mark = if is_required {
        format!("<b class=\"must\">{}</b>", both("required", "필수"))
    } else {
        format!("<span class=\"may\">{}</span>", both("optional", "선택"))
    };
    format!(
        "<li><code class=\"name\">{}</code> <span class=\"kind\">{}</span> {mark}{}</li>",
        escape(name),
        kind(schema),
        values(schema),
    )
}

/// The fields of an object, required ones first.
pub(super) fn fields(schema: &Value) -> String {
    let empty = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&empty);
    let required: BTreeSet<&str> = schema["required"]
        .as_array()
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    if properties.is_empty() {
        return format!("<p class=\"none\">{}</p>", both("no fields", "필드 없음"));
    }
    let mut out = String::from("<ul class=\"fields\">");
    for wanted in [true, false] {
        for (name, schema) in properties {
            if required.contains(name.as_str()) == wanted {
                out.push_str(&field(name, schema, wanted));
            }
        }
    }
    out.push_str("</ul>");
    out
}

/// The variants of a union, by the value that tells them apart.
fn variants(schema: &Value) -> String {
    let tag = schema["discriminator"]["propertyName"]
        .as_str()
        .unwrap_or("type");
    let lead = both(&format!("one of these, told apart by `{tag}`"), "중 하나");
    let mut out = format!("<p class=\"union\">{lead}</p><ul class=\"fields\">");
    if let Some(mapping) = schema["discriminator"]["mapping"].as_object() {
        for (value, target) in mapping {
            let name = target
                .as_str()
                .and_then(|it| it.strip_prefix(SCHEMA_PREFIX));
            let name = escape(name.unwrap_or_default());
            let value = escape(value);
            // Writing to a string can't fail.
            let _ = write!(
                out,
                "<li><code class=\"name\">{value}</code> \
                 <span class=\"kind\"><a href=\"#type-{name}\">{name}</a></span></li>"
            );
        }
    }
    out.push_str("</ul>");
    out
}

/// A type with its fields, variants or values.
pub(super) fn definition(name: &str, schema: &Value) -> String {
    let name = escape(name);
    let content = if schema["oneOf"].is_array() {
        variants(schema)
    } else if schema["enum"].is_array() {
        values(schema)
    } else if schema["type"] == "object" {
        fields(schema)
    } else {
        format!("<p class=\"kind\">{}</p>", kind(schema))
    };
    format!("<section class=\"type\" id=\"type-{name}\"><h3>{name}</h3>{content}</section>")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_of_the_document_are_escaped() {
        let schema = json!({
            "type": "object",
            "required": ["<b>"],
            "properties": {"<b>": {"type": "string", "enum": ["\"x\" & 'y'"]}},
        });
        let html = definition("A<i>", &schema);
        assert!(!html.contains("<i>") && !html.contains("<b>\""), "{html}");
        assert!(html.contains("&quot;x&quot; &amp; &#39;y&#39;"), "{html}");
    }

    #[test]
    fn a_union_that_refers_to_itself_ends() {
        let document = json!({"components": {"schemas": {
            "A": {"properties": {"b": {"$ref": "#/components/schemas/B"}}},
            "B": {"oneOf": [{"$ref": "#/components/schemas/A"}]},
        }}});
        let root = json!({"$ref": "#/components/schemas/A"});
        let found = reached(&document, &[&root]);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["A", "B"]);
    }
}
