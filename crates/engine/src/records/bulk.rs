//! Bulk tax invoices and the rows that they were made of.

use naru_domain::b2b::tax_invoice::{Document, DocumentKeys, Issuance};
use naru_domain::b2b::{BulkInvoice, BulkState};
use naru_domain::{StoreId, TaxInvoiceId};
use naru_store::{Record, Table, Value, tables};
use serde::{Deserialize, Serialize};

use super::environment_name;

/// A bulk.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BulkInvoiceRecord(pub BulkInvoice);

/// The status of a bulk by the contract's name.
pub const fn bulk_status(bulk: &BulkInvoice) -> &'static str {
    match (bulk.state, bulk.issuance) {
        (BulkState::Importing | BulkState::Drafting, _) => "DRAFT_PENDING",
        (BulkState::Drafted, _) => "DRAFTED",
        (BulkState::Waiting, Issuance::Reverse) => "REQUEST_PENDING",
        (BulkState::Waiting, Issuance::Forward) => "ISSUE_PENDING",
        (BulkState::Running, _) => "IN_PROGRESS",
        (BulkState::Completed, _) => "COMPLETED",
        (BulkState::Failed, _) => "FAILED",
        (BulkState::Cancelled, _) => "CANCELLED",
    }
}

/// The key of a bulk's row.
pub(crate) fn bulk_key(store_id: &StoreId, bulk_id: &str) -> Vec<Value> {
    vec![store_id.as_str().into(), bulk_id.into()]
}

impl Record for BulkInvoiceRecord {
    const TABLE: &'static Table = &tables::BULK_TAX_INVOICES;

    fn key(&self) -> Vec<Value> {
        bulk_key(&self.0.store_id, &self.0.id)
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            environment_name(self.0.is_test).into(),
            self.0.created_at.into(),
        ]
    }
}

/// How far a row of a bulk has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RowStage {
    /// Its invoice is to be drafted.
    New,
    /// That is over, one way or the other.
    Drafted,
    /// So is requesting or issuing it.
    Over,
}

impl RowStage {
    /// The stage as the store sorts it.
    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::New => 0,
            Self::Drafted => 1,
            Self::Over => 2,
        }
    }
}

/// A row of a bulk: an invoice to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BulkRowRecord {
    /// Store.
    pub store_id: StoreId,
    /// Bulk.
    pub bulk_id: String,
    /// Its number in the bulk, from 1.
    pub number: u32,
    /// The line of the sheet that it began on.
    pub line: u32,
    /// The invoice that it is, or will be.
    pub invoice_id: TaxInvoiceId,
    /// Its sum, in won.
    pub total: i64,
    /// What the invoice will say; gone once it is drafted.
    pub content: Option<BulkRowContent>,
    /// How far it has come.
    pub stage: RowStage,
    /// Calls that were made about its invoice before the bulk was started.
    pub calls_before: i64,
    /// Why it became no invoice.
    pub problem: Option<String>,
}

/// What an invoice of a bulk will say.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BulkRowContent {
    /// The sides' names for it.
    pub keys: DocumentKeys,
    /// What is written on it.
    pub document: Document,
    /// The merchant's note.
    pub memo: Option<String>,
}

impl Record for BulkRowRecord {
    const TABLE: &'static Table = &tables::BULK_TAX_INVOICE_ROWS;

    fn key(&self) -> Vec<Value> {
        vec![
            self.store_id.as_str().into(),
            self.bulk_id.as_str().into(),
            i64::from(self.number).into(),
        ]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.stage.number().into()]
    }
}
