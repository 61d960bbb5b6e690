//! Writes the types.

use std::fmt::Write as _;

use anyhow::{Result, ensure};

use super::model::{Field, Model, Operation, Shape, Type};
use super::names;

/// Wire names whose values never show up in a debug print: credentials, one-time passwords and
/// what identifies a person or an account.
const SECRET: &[&str] = &[
    "accessToken",
    "accountNumber",
    "apiSecret",
    "billingIssueToken",
    "birthDate",
    "birthOrBusinessRegistrationNumber",
    "birthdate",
    "ci",
    "customerIdentityNumber",
    "depositAccountNumber",
    "di",
    "expiryMonth",
    "expiryYear",
    "identityNumber",
    "otp",
    "password",
    "passwordTwoDigits",
    "paymentToken",
    "pgRawResponse",
    "refreshToken",
];

/// Types in which also `number` is secret: cards and accounts.
const SECRET_NUMBER: &[&str] = &[
    "CancelPaymentBodyRefundAccount",
    "Card",
    "CardCredential",
    "CreatePlatformPartnerBodyAccount",
    "PlatformAccount",
    "PlatformPayoutAccount",
    "SchedulePlatformPartnersBodyUpdateAccount",
    "UpdatePlatformPartnerBodyAccount",
];

/// The types of one file.
pub fn area(model: &Model, area: &str) -> Result<String> {
    let mut out = String::new();
    for (name, kind) in model.types.iter().filter(|(_, t)| t.area == area) {
        match &kind.shape {
            Shape::Enum(_) => {}
            Shape::Map(value) => writeln!(
                out,
                "pub type {name} = std::collections::BTreeMap<String, {value}>;\n"
            )?,
            Shape::Struct(fields) => structure(&mut out, name, fields, kind)?,
            Shape::Union(tag, variants) => union(&mut out, name, tag, variants)?,
        }
    }
    Ok(out)
}

/// All enums, in one file.
pub fn enums(model: &Model) -> Result<String> {
    let mut out = String::from("use crate::macros::wire_enum;\n\n");
    for (name, kind) in &model.types {
        if let Shape::Enum(values) = &kind.shape {
            let mut seen = Vec::new();
            writeln!(out, "wire_enum! {{\n    {name} {{")?;
            for value in values {
                let variant = names::variant(value);
                ensure!(
                    !seen.contains(&variant),
                    "{name}: two values become {variant}"
                );
                writeln!(out, "        {variant} = \"{value}\",")?;
                seen.push(variant);
            }
            writeln!(out, "    }}\n}}\n")?;
        }
    }
    Ok(out)
}

/// A struct of query parameters for each operation that has some.
pub fn queries(model: &Model) -> Result<String> {
    let mut out = String::new();
    for op in model.operations.iter().filter(|op| !op.query.is_empty()) {
        let name = query_name(op);
        ensure!(!model.types.contains_key(&name), "the name {name} is taken");
        writeln!(out, "/// Query of `{} {}`.", op.method, op.path)?;
        let kind = Type {
            shape: Shape::Map(String::new()),
            asked: true,
            answered: false,
            area: "queries",
        };
        structure(&mut out, &name, &op.query, &kind)?;
    }
    Ok(out)
}

fn query_name(op: &Operation) -> String {
    format!("{}Query", names::pascal(&op.id))
}

fn structure(out: &mut String, name: &str, fields: &[Field], kind: &Type) -> Result<()> {
    let secret = |f: &Field| {
        SECRET.contains(&f.wire.as_str()) || f.wire == "number" && SECRET_NUMBER.contains(&name)
    };
    let hides = fields.iter().any(secret);
    let mut derives = vec!["Clone"];
    if !hides {
        derives.insert(0, "Debug");
    }
    if fields.iter().all(|f| !f.required) {
        derives.push("Default");
    }
    if kind.answered {
        derives.push("Serialize");
    }
    if kind.asked {
        derives.push("Deserialize");
    }
    writeln!(out, "#[derive({})]", derives.join(", "))?;
    let plain = |f: &Field| names::serde_camel(&names::snake(&f.wire)) == f.wire;
    if fields
        .iter()
        .any(|f| plain(f) && names::snake(&f.wire) != f.wire)
    {
        writeln!(out, "#[serde(rename_all = \"camelCase\")]")?;
    }
    writeln!(out, "pub struct {name} {{")?;
    for field in fields {
        let mut attributes = Vec::new();
        if !plain(field) {
            attributes.push(format!("rename = \"{}\"", field.wire));
        }
        if !field.required && kind.answered {
            attributes.push("skip_serializing_if = \"Option::is_none\"".to_owned());
        }
        if !attributes.is_empty() {
            writeln!(out, "    #[serde({})]", attributes.join(", "))?;
        }
        let rust_name = names::field(&names::snake(&field.wire));
        if field.required {
            writeln!(out, "    pub {rust_name}: {},", field.rust)?;
        } else {
            writeln!(out, "    pub {rust_name}: Option<{}>,", field.rust)?;
        }
    }
    writeln!(out, "}}\n")?;
    if hides {
        let shown: Vec<String> = fields
            .iter()
            .filter(|f| !secret(f))
            .map(|f| names::field(&names::snake(&f.wire)))
            .collect();
        writeln!(out, "redacted_debug!({name} {{ {} }});\n", shown.join(", "))?;
    }
    Ok(())
}

fn union(out: &mut String, name: &str, tag: &str, variants: &[(String, String)]) -> Result<()> {
    writeln!(
        out,
        "#[derive(Debug, Clone, Serialize)]\n#[serde(tag = \"{tag}\")]"
    )?;
    writeln!(out, "pub enum {name} {{")?;
    for (value, kind) in variants {
        writeln!(out, "    #[serde(rename = \"{value}\")]")?;
        writeln!(out, "    {}({kind}),", names::union_variant(name, value))?;
    }
    writeln!(out, "}}\n")?;
    Ok(())
}
