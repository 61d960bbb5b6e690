//! Bulk tax invoices: made of a sheet, drafted row by row, requested or issued together.
//!
//! Invariants: a row is one invoice, whose id is fixed before anything is asked of the provider, so
//! that no crash loses or doubles one; a sheet with a faulty row makes nothing; the same sheet
//! again is the same bulk.

mod import;
mod read;
mod rows;
mod run;

use std::collections::BTreeMap;
use std::sync::Arc;

use naru_domain::b2b::tax_invoice::Issuance;
use naru_domain::b2b::{BulkInvoice, BulkRefusal, Start};
use naru_domain::{StoreId, Timestamp};
use naru_store::{Commit, CommitError, Versioned};

use super::WriteInvoice;
use super::settle::tax_lane;
use crate::records::{BulkInvoiceRecord, JobKind, JobRecord, StoreRecord, bulk_key};
use crate::{Engine, Fault};

pub use import::sheet_digest;

/// Invoices of one bulk. The contract names no limit.
pub const BULK_ROWS_MAX: usize = 1_000;

/// A bulk to make.
#[derive(Debug, Clone)]
pub struct NewBulk {
    /// Whose.
    pub store: Arc<StoreRecord>,
    /// Whether it is test data.
    pub is_test: bool,
    /// The operator's id for it; made from the sheet where it is not given.
    pub id: Option<String>,
    /// What the operator calls it.
    pub name: Option<String>,
    /// Who writes its invoices.
    pub issuance: Issuance,
    /// Whether they are requested or issued once they are drafted, and when.
    pub follows: Option<Start>,
    /// See [`sheet_digest`].
    pub digest: String,
    /// Its rows, read already.
    pub rows: Vec<SheetRow>,
    /// Whether only to say what is wrong with it.
    pub is_trial: bool,
}

/// A row of a sheet.
#[derive(Debug, Clone)]
pub struct SheetRow {
    /// The line that it began on.
    pub line: usize,
    /// The invoice that it describes.
    pub write: WriteInvoice,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// The line that it began on.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

/// What became of an import.
#[derive(Debug, Clone)]
pub enum BulkImported {
    /// Rows are faulty: nothing was made.
    Faulty(Vec<RowProblem>),
    /// Nothing is wrong with it; nothing was made, as was asked.
    Fit {
        /// How many invoices it would make.
        count: u32,
        /// Their sums, in won.
        total: i64,
    },
    /// A bulk was made of it.
    Made(Box<BulkView>),
    /// A bulk had been made of it before.
    Known(Box<BulkView>),
}

/// A bulk with its invoices counted.
#[derive(Debug, Clone)]
pub struct BulkView {
    /// The bulk.
    pub bulk: BulkInvoice,
    /// Number and sum of its invoices by status.
    pub stats: BTreeMap<String, BulkStat>,
    /// Rows that did not come through.
    pub problems: Vec<RowProblem>,
}

/// Invoices of one status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BulkStat {
    /// How many.
    pub count: u32,
    /// Their sums, in won.
    pub total: i64,
}

impl From<BulkRefusal> for Fault {
    fn from(refusal: BulkRefusal) -> Self {
        Self::invalid(refusal.to_string())
    }
}

type Bulk = Versioned<BulkInvoiceRecord>;

impl Engine {
    async fn bulk_row(&self, store_id: &StoreId, bulk_id: &str) -> Result<Option<Bulk>, Fault> {
        Ok(self.store().load(bulk_key(store_id, bulk_id)).await?)
    }

    /// A bulk that the operator names.
    async fn named_bulk(&self, store_id: &StoreId, bulk_id: &str) -> Result<Bulk, Fault> {
        let found = self.bulk_row(store_id, bulk_id).await?;
        found.ok_or_else(|| Fault::invalid(format!("the store has no bulk `{bulk_id}`")))
    }

    /// Asks for a bulk's drafts to be requested or issued.
    pub async fn start_bulk(
        &self,
        store_id: &StoreId,
        bulk_id: &str,
        start: Start,
    ) -> Result<BulkView, Fault> {
        let found = self.named_bulk(store_id, bulk_id).await?;
        let (rows, invoices) = self.rows_of(&found.value.0).await?;
        let mut bulk = found.value.0.clone();
        bulk.start(start, read::tally(&bulk, &invoices), self.now())?;
        for row in rows {
            let at = invoices.get(&row.value.invoice_id);
            if let Some(again) = rows::again(&row, at) {
                self.put_row(again).await?;
            }
        }
        self.change_bulk(found.version, bulk, start.at).await?;
        self.bulk(store_id, bulk_id).await
    }

    /// Lets a bulk take no further step. What is drafted stays a draft.
    pub async fn cancel_bulk(&self, store_id: &StoreId, bulk_id: &str) -> Result<BulkView, Fault> {
        let found = self.named_bulk(store_id, bulk_id).await?;
        let mut bulk = found.value.0.clone();
        bulk.cancel(self.now())?;
        let mut unit = Commit::new(self.new_uuid());
        unit.update(&Versioned {
            version: found.version,
            value: BulkInvoiceRecord(bulk),
        })?;
        commit_once(self.commit(unit).await)?;
        self.bulk(store_id, bulk_id).await
    }

    /// Writes a bulk that has something to do, and the job that does it.
    async fn change_bulk(
        &self,
        version: i64,
        bulk: BulkInvoice,
        due_at: Option<Timestamp>,
    ) -> Result<(), Fault> {
        let mut unit = Commit::new(self.new_uuid());
        unit.upsert(&self.bulk_job(&bulk, due_at))?;
        unit.update(&Versioned {
            version,
            value: BulkInvoiceRecord(bulk),
        })?;
        commit_once(self.commit(unit).await)
    }

    fn bulk_job(&self, bulk: &BulkInvoice, due_at: Option<Timestamp>) -> JobRecord {
        let kind = JobKind::RunBulk {
            store_id: bulk.store_id.clone(),
            bulk_id: bulk.id.clone(),
        };
        JobRecord {
            id: kind.id(),
            queue: kind.queue(),
            lane: tax_lane(&bulk.store_id),
            due_at: due_at.unwrap_or_else(|| self.now()),
            lease_until: None,
            tries: 0,
            refusals: 0,
            kind,
        }
    }
}

/// Somebody else changed the bulk at the same moment: what they see, the caller should see too.
fn commit_once(result: Result<(), CommitError>) -> Result<(), Fault> {
    match result {
        Ok(()) => Ok(()),
        Err(CommitError::Conflict(_)) => Err(Fault::invalid(
            "the bulk was changed at the same moment; look at it and try again",
        )),
        Err(error) => Err(error.into()),
    }
}
