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
