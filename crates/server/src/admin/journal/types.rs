//! What `naru journal` and the server say to each other.

use serde::{Deserialize, Serialize};

/// Which page is wanted, of which days.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JournalQuery {
    /// The first day that counts, such as `2026-01-15`.
    pub from: Option<String>,
    /// The last day that counts.
    pub until: Option<String>,
    /// Where the page before ended.
    pub after: Option<String>,
    /// Postings at most; more where one payment has more.
    pub limit: Option<u32>,
}

/// A page of sums. Sums of several pages are to be added.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalPage {
    /// Postings that were summed.
    pub postings: u32,
    /// By account and currency.
    pub accounts: Vec<Account>,
    /// Where to go on.
    pub next: Option<String>,
    /// Whether the journal still lacks what happened before there was one.
    pub is_filling: bool,
}

/// What an account comes to in one currency, in its smallest unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its name.
    pub account: String,
    /// The currency.
    pub currency: String,
    /// What came to it.
    pub debit: i64,
    /// What came from it.
    pub credit: i64,
}

/// All accounts, as `--json` prints them.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TrialBalance {
    /// Postings that were summed.
    pub postings: u64,
    /// By account and currency.
    pub accounts: Vec<Balance>,
    /// All accounts together, by currency: what came to them is what came from them.
    pub totals: Vec<Total>,
    /// Whether the journal still lacks what happened before there was one.
    pub is_filling: bool,
}

/// An account with its balance.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Balance {
    /// The account.
    #[serde(flatten)]
    pub of: Account,
    /// Debits less credits.
    pub balance: i64,
}

/// The sums over all accounts.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Total {
    /// The currency.
    pub currency: String,
    /// All debits.
    pub debit: i64,
    /// All credits.
    pub credit: i64,
}
