//! Writes the tables: error types and operations.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Result, ensure};

use super::model::Model;
use super::names;

/// The table of error types.
pub fn errors(model: &Model) -> Result<String> {
    let mut out = String::from("use crate::macros::error_types;\n\nerror_types! {\n");
    let mut seen = BTreeSet::new();
    for (schema, leaf) in &model.errors {
        let variant = error_variant(schema);
        ensure!(
            seen.insert(variant.clone()),
            "two error types become {variant}"
        );
        writeln!(
            out,
            "    {variant} = \"{}\" {} false \"{schema}\",",
            leaf.wire, leaf.status
        )?;
    }
    for (wire, status) in &model.general_errors {
        let variant = names::variant(wire);
        ensure!(
            seen.insert(variant.clone()),
            "two error types become {variant}"
        );
        writeln!(out, "    {variant} = \"{wire}\" {status} true \"\",")?;
    }
    out.push_str("}\n");
    Ok(out)
}

fn error_variant(schema: &str) -> String {
    schema.strip_suffix("Error").unwrap_or(schema).to_owned()
}

/// The table of operations.
pub fn operations(model: &Model) -> Result<String> {
    let mut out = String::from("use crate::macros::operations;\n\noperations! {\n");
    for op in &model.operations {
        writeln!(out, "    {} {{", names::pascal(&op.id))?;
        writeln!(
            out,
            "        \"{}\" \"{}\" \"{}\",",
            op.id, op.method, op.path
        )?;
        writeln!(
            out,
            "        auth: {}, query_or_body: {},",
            op.auth, op.query_or_body
        )?;
        let errors: Vec<String> = op.errors.iter().map(|e| error_variant(e)).collect();
        writeln!(out, "        allowed: [")?;
        for error in errors {
            writeln!(out, "            {error},")?;
        }
        writeln!(out, "        ]\n    }}")?;
    }
    out.push_str("}\n");
    Ok(out)
}
