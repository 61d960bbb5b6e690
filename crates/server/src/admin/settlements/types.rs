//! What goes over the private listener about settlements and differences.

use serde::{Deserialize, Serialize};

/// `PUT /admin/v1/stores/{store}/enrolment` → [`Enrolment`]; `DELETE` ends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewEnrolment {
    /// `yyyy-MM-dd`; today where it is not given.
    pub collected_from: Option<String>,
}

/// A store whose settlements are collected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Enrolment {
    /// The store.
    pub store_id: String,
    /// Transactions of earlier days are not collected.
    pub collected_from: String,
}

/// `POST /admin/v1/channels/{channel}/taxation` → the channel's [`ChannelTaxation`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelTaxation {
    /// `taxable`, `exempt` or `per-payment`.
    pub taxation: String,
}

/// One line of the answer to `POST /admin/v1/channels/{channel}/settlements`, which is a stream of
/// them: progress, then one of the two others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ImportEvent {
    /// So many lines are done.
    #[serde(rename_all = "camelCase")]
    Progress {
        /// Lines done.
        done: usize,
        /// Lines in all.
        of: usize,
    },
    /// It is done.
    Imported(Import),
    /// It failed, and changed nothing.
    Problem(crate::admin::types::Problem),
}

/// What an import came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// The PG, such as `INICIS`.
    pub pg: String,
    /// The merchant id there.
    pub pg_merchant_id: String,
    /// Day by day.
    pub days: Vec<ImportDay>,
}

/// A day of an imported file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportDay {
    /// The day of settlement.
    pub settled_on: String,
    /// `NEW`, `UNCHANGED` or `REPLACED`.
    pub outcome: String,
    /// Its lines.
    pub lines: u32,
    /// Of these, new or changed.
    pub changed: u32,
    /// Lines of before that are gone.
    pub removed: u32,
    /// Lines that need a look.
    pub unmatched: u32,
}

/// `GET /admin/v1/settlements/report`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// By day, PG, merchant id and currency.
    pub days: Vec<ReportDay>,
    /// Sums by currency.
    pub totals: Vec<Sums>,
}

/// A day of a contract with a PG.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportDay {
    /// The day.
    pub day: String,
    /// The PG.
    pub pg: String,
    /// The merchant id there.
    pub pg_merchant_id: String,
    /// Its sums.
    pub sums: Sums,
}

/// Counts and amounts of one currency, by the formulas of `docs/operating/reconcile.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sums {
    /// The currency.
    pub currency: String,
    /// Approvals.
    pub transaction_count: i64,
    /// Their amount.
    pub transaction_amount: i64,
    /// Cancellations.
    pub cancel_count: i64,
    /// Their amount.
    pub cancel_amount: i64,
    /// The PG's fees.
    pub fee: i64,
    /// VAT on them.
    pub fee_vat: i64,
    /// Lines settled: approvals less cancellations, and those that were not collected.
    pub settlement_count: i64,
    /// What the PG pays out.
    pub settlement_amount: i64,
    /// Lines that differ from our books.
    pub not_matched_count: i64,
    /// Lines without a counterpart.
    pub incomparable_count: i64,
    /// By how much lines differ, and the amount of those without a counterpart.
    pub anomaly_amount: i64,
}

/// `GET /admin/v1/settlements/lines`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lines {
    /// The lines.
    pub items: Vec<Line>,
    /// Whether there are more.
    pub has_more: bool,
}

/// A line of a settlement and what comparing it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// The store that it counts for.
    pub store_id: String,
    /// The PG.
    pub pg: String,
    /// The merchant id there.
    pub pg_merchant_id: String,
    /// The PG's id of the approval.
    pub pg_tx_id: String,
    /// The payment.
    pub payment_id: Option<String>,
    /// `APPROVAL`, `FULL_CANCEL`, `PARTIAL_CANCEL`, `UNCLASSIFIED_CANCEL` or `CORRECTION`.
    pub action: String,
    /// `MATCHED`, `NOT_MATCHED`, `INCOMPARABLE` or `NOT_COLLECTED`.
    pub status: String,
    /// What differs.
    pub reasons: Vec<String>,
    /// The day of the transaction.
    pub transacted_on: String,
    /// The day of the settlement.
    pub settled_on: String,
    /// How it was paid.
    pub method: String,
    /// The currency.
    pub currency: String,
    /// What the PG says.
    pub amount: i64,
    /// That, less what our books say.
    pub difference: i64,
    /// The PG's fee.
    pub fee: i64,
    /// VAT on it.
    pub fee_vat: i64,
    /// Its number in the file.
    pub file_line: i64,
}

/// `GET /admin/v1/differences`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Differences {
    /// The newest first.
    pub items: Vec<Difference>,
    /// How many match, counted up to 60,000.
    pub total_count: u32,
    /// How many of them are open.
    pub open_count: u32,
}

/// A difference between our books and a PG's;
/// `POST /admin/v1/stores/{store}/differences/{id}/accept` answers it as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Its id.
    pub id: String,
    /// The store.
    pub store_id: String,
    /// The payment.
    pub payment_id: String,
    /// The channel.
    pub channel_key: String,
    /// The contract's PG code.
    pub pg_provider: String,
    /// The merchant id at the PG.
    pub pg_merchant_id: String,
    /// What differs.
    pub kind: String,
    /// `OPEN`, `EXEMPT`, `ACCEPTED` or `RESOLVED`.
    pub state: String,
    /// How much by our books.
    pub ours: i64,
    /// How much by the PG's.
    pub theirs: i64,
    /// The currency.
    pub currency: String,
    /// RFC 3339.
    pub found_at: String,
    /// RFC 3339.
    pub checked_at: String,
    /// RFC 3339.
    pub ended_at: Option<String>,
    /// What the person said who accepted it.
    pub note: Option<String>,
}

/// `POST /admin/v1/stores/{store}/differences/{id}/accept`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// Why.
    pub note: String,
}

/// `POST /admin/v1/stores/{store}/payments/{payment}/compare`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// `COMPARED`, `NOT_ANSWERED` or `UNDER_WAY`.
    pub result: String,
    /// Its open differences.
    pub open_count: u32,
}

/// `POST /admin/v1/stores/{store}/settlements/rematch`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rematch {
    /// Lines that came out otherwise.
    pub changed: u32,
}
