//! The contract of `naru windows …`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `POST /admin/v1/stores/{store}/windows` → [`OpenedWindow`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewWindow {
    /// The payment's id.
    pub payment_id: String,
    /// The channel's key.
    pub channel_key: String,
    /// What it costs, in minor units.
    pub amount: i64,
    /// Whether it is paid by virtual account.
    pub virtual_account: bool,
    /// Whether it is the window for phones.
    pub mobile: bool,
    /// Where the merchant's server says whether the money may be taken.
    pub confirm_url: Option<String>,
}

/// A window that was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenedWindow {
    /// The transaction's id.
    pub transaction_id: String,
    /// The page that hands the customer over to the PG.
    pub page_url: String,
    /// The PG's script, where it has one.
    pub script: Option<String>,
    /// Where the form goes otherwise.
    pub action: Option<String>,
    /// What the page sends.
    pub fields: BTreeMap<String, String>,
    /// Until when the customer may come back.
    pub expires_at: String,
}

/// `POST /admin/v1/windows/{transaction}/return` → [`WindowResult`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BroughtBack {
    /// What the browser brings, as a form.
    pub form: String,
}

/// What a page is told, under the names that the browser SDK uses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WindowResult {
    /// The payment's id.
    pub payment_id: String,
    /// The transaction's id.
    pub tx_id: String,
    /// By which the merchant confirms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_token: Option<String>,
    /// The PG's id, where it is paid or issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_tx_id: Option<String>,
    /// The code of a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_code: Option<String>,
    /// Its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pg_message: Option<String>,
}
