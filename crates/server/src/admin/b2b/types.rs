//! What the command line and the admin API say to each other about tax contracts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A contract to make or replace.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewTaxContract {
    /// For test data or live data.
    pub is_test: bool,
    /// The provider's short name.
    pub provider: String,
    /// The merchant's own company.
    pub brn: String,
    /// The provider's keys, by name.
    pub secrets: BTreeMap<String, String>,
    /// Addresses and options, by name.
    pub options: BTreeMap<String, String>,
}

/// A contract, without its keys.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxContract {
    /// The store.
    pub store_id: String,
    /// For test data or live data.
    pub is_test: bool,
    /// The provider's short name.
    pub provider: String,
    /// The merchant's own company.
    pub brn: String,
    /// Names of its keys.
    pub secrets: Vec<String>,
    /// Addresses and options, by name.
    pub options: BTreeMap<String, String>,
    /// Since when.
    pub created_at: String,
}

/// `POST /admin/v1/stores/{id}/tax-invoices/{invoice}/webhook` gives this
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookSent {
    /// The invoice.
    pub tax_invoice_id: String,
    /// Its status by the contract's name.
    pub status: String,
    /// To how many addresses it goes.
    pub webhooks: usize,
}

/// `POST /admin/v1/stores/{id}/bulk-tax-invoices`, with the sheet as the body
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BulkImport {
    /// For test data or live data.
    pub is_test: bool,
    /// Whether the supplier writes its invoices: `NORMAL`; else the recipient does, `REVERSE`.
    pub is_normal: bool,
    /// Its id; made from the sheet where it is not given.
    pub id: Option<String>,
    /// What it is called.
    pub name: Option<String>,
    /// Whether its invoices are requested or issued once they are drafted.
    pub starts: bool,
    /// Not before then.
    pub at: Option<String>,
    /// Whether only to say what is wrong.
    pub dry_run: bool,
}

/// What became of an import.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkImported {
    /// `MADE`, `KNOWN`, `FIT` or `FAULTY`.
    pub outcome: String,
    /// The bulk, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk: Option<Bulk>,
    /// How many invoices the sheet has.
    pub count: u32,
    /// Their sums, in won.
    pub total: i64,
    /// What is wrong with its rows.
    pub problems: Vec<RowProblem>,
}

/// What is wrong with a row of a sheet.
#[derive(Debug, Serialize, Deserialize)]
pub struct RowProblem {
    /// The line that it begins on.
    pub line: usize,
    /// What.
    pub problem: String,
}

/// `POST /admin/v1/stores/{id}/bulk-tax-invoices/{bulk}/start`
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BulkStart {
    /// Not before then.
    pub at: Option<String>,
}

/// A bulk.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bulk {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: Option<String>,
    /// For test data or live data.
    pub is_test: bool,
    /// By the contract's name.
    pub status: String,
    /// By the contract's name.
    pub issuance_type: String,
    /// How many invoices it has.
    pub count: u32,
    /// Their sums, in won.
    pub total: i64,
    /// Its invoices by status; in a list none.
    pub stats: BTreeMap<String, BulkStat>,
    /// Rows that did not come through; in a list none.
    pub problems: Vec<RowProblem>,
    /// When it was made.
    pub created_at: String,
    /// When its invoices were asked to be requested or issued.
    pub requested_at: Option<String>,
    /// From when on that is done.
    pub scheduled_at: Option<String>,
    /// When its status last changed.
    pub status_updated_at: String,
}

impl Bulk {
    /// Whether it goes on by itself.
    pub fn is_moving(&self) -> bool {
        [
            "DRAFT_PENDING",
            "REQUEST_PENDING",
            "ISSUE_PENDING",
            "IN_PROGRESS",
        ]
        .contains(&self.status.as_str())
    }

    /// How many of its invoices have this status.
    pub fn count_of(&self, statuses: &[&str]) -> u32 {
        let of = |(status, stat): (&String, &BulkStat)| {
            statuses.contains(&status.as_str()).then_some(stat.count)
        };
        self.stats.iter().filter_map(of).sum()
    }
}

/// Invoices of one status.
#[derive(Debug, Serialize, Deserialize)]
pub struct BulkStat {
    /// How many.
    pub count: u32,
    /// Their sums, in won.
    pub total: i64,
}

/// `POST /admin/v1/stores/{id}/tax-invoices/{invoice}/invitation` gives this
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    /// The address to hand out.
    pub url: String,
    /// Until when it works.
    pub expires_at: String,
}
