//! States each variant's tag value in the variant itself.
//!
//! The reference says only in the union which tag value means which schema; to a validator that
//! does not know discriminators, one answer then fits several variants. An enum of one value makes
//! `oneOf` exact.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::document;

/// Adds the enum of one value to the tag property of every variant.
pub fn state(doc: &mut Value) -> Result<()> {
    let mut tags: Vec<(String, String, String)> = Vec::new();
    for (name, schema) in document::schemas(doc)? {
        let Some(tag) = schema
            .pointer("/discriminator/propertyName")
            .and_then(Value::as_str)
        else {
            continue;
        };
        let mapping = schema
            .pointer("/discriminator/mapping")
            .and_then(Value::as_object);
        for (value, target) in mapping.with_context(|| format!("{name} has no mapping"))? {
            let variant = document::local_name(target.as_str().unwrap_or_default());
            tags.push((variant.to_owned(), tag.to_owned(), value.clone()));
        }
    }
    for (variant, tag, value) in tags {
        let property = doc
            .pointer_mut(&format!("/components/schemas/{variant}/properties/{tag}"))
            .with_context(|| format!("{variant} has no {tag}"))?;
        let stated = json!([value]);
        ensure!(
            property.get("enum").is_none_or(|known| *known == stated),
            "{variant} stands for two values of {tag}"
        );
        property["enum"] = stated;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doc() -> Value {
        let variant = json!({ "type": "object", "properties": { "kind": { "type": "string" } } });
        let mapping = json!({ "ONE": "#/components/schemas/One" });
        let union = json!({ "discriminator": { "propertyName": "kind", "mapping": mapping } });
        json!({ "components": { "schemas": { "One": variant, "Union": union } } })
    }

    #[test]
    fn a_variant_states_its_tag_value() {
        let mut doc = doc();
        state(&mut doc).unwrap();
        let tag = &doc["components"]["schemas"]["One"]["properties"]["kind"];
        assert_eq!(*tag, json!({ "type": "string", "enum": ["ONE"] }));
    }

    #[test]
    fn a_variant_under_two_values_is_refused() {
        let mut doc = doc();
        doc["components"]["schemas"]["Union"]["discriminator"]["mapping"]["TWO"] =
            json!("#/components/schemas/One");
        assert!(state(&mut doc).is_err());
    }
}
