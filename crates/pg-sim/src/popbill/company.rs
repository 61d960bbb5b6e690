//! Companies: what the tax office says of them, and what the provider knows of its members.

use serde::{Deserialize, Serialize};

/// A company.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Company {
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) ceo: String,
    pub(crate) is_member: bool,
    /// Log-in name of the manager. Its password is never kept.
    #[serde(default)]
    pub(crate) contact_id: String,
    #[serde(default)]
    pub(crate) contact_name: String,
    /// 0 not registered, 1 active, 2 closed, 3 suspended.
    pub(crate) state: String,
    /// `yyyyMMdd`.
    #[serde(default)]
    pub(crate) state_date: String,
    /// 10 general, 20 exempt, 30 simplified, 31 simplified with the duty to issue, 40 non-profit.
    pub(crate) tax_type: String,
    #[serde(default)]
    pub(crate) certificate: Option<Certificate>,
}

/// A signing certificate.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Certificate {
    pub(crate) registered_ms: i64,
    pub(crate) expires_ms: i64,
}

/// A certificate is good for a year.
pub(crate) const YEAR_MS: i64 = 365 * 86_400 * 1_000;

impl Company {
    /// A company that nobody has said anything about: in business, taxed as usual.
    pub(crate) fn ordinary(number: &str) -> Self {
        Self {
            number: number.to_owned(),
            name: format!("회사 {number}"),
            ceo: "홍길동".to_owned(),
            is_member: false,
            contact_id: String::new(),
            contact_name: String::new(),
            state: "1".to_owned(),
            state_date: String::new(),
            tax_type: "10".to_owned(),
            certificate: None,
        }
    }

    /// A member that can sign from the first start on.
    pub(crate) fn ready(number: &str, name: &str, contact_id: &str, now_ms: i64) -> Self {
        Self {
            name: name.to_owned(),
            is_member: true,
            contact_id: contact_id.to_owned(),
            contact_name: "김나루".to_owned(),
            certificate: Some(Certificate {
                registered_ms: now_ms,
                expires_ms: now_ms + YEAR_MS,
            }),
            ..Self::ordinary(number)
        }
    }
}
