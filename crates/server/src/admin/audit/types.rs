//! What `naru audit` and the server say to each other.

use serde::{Deserialize, Serialize};

/// Which page is wanted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuditQuery {
    /// Where the page before ended.
    pub after: Option<String>,
    /// Rows at most.
    pub limit: Option<u32>,
}

/// A page of the audit of one part of a store.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditPage {
    /// Rows looked at.
    pub checked: u32,
    /// What does not fit.
    pub findings: Vec<AuditFinding>,
    /// Where to go on.
    pub next: Option<String>,
    /// Why the part was not looked at, if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Something that does not fit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditFinding {
    /// The id of what it is about.
    pub subject: String,
    /// What is wrong with it.
    pub text: String,
}

/// The whole audit, as `--json` prints it.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditReport {
    /// Rows looked at, by part.
    pub checked: std::collections::BTreeMap<&'static str, u64>,
    /// What does not fit.
    pub findings: Vec<FoundIn>,
    /// What was not looked at, and why.
    #[serde(skip_serializing_if = "std::collections::BTreeSet::is_empty")]
    pub notes: std::collections::BTreeSet<String>,
}

/// A finding, and where.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundIn {
    /// The store.
    pub store_id: String,
    /// The part.
    pub part: &'static str,
    /// What it is about, and what is wrong.
    #[serde(flatten)]
    pub finding: AuditFinding,
}
