//! Reading bulks: their invoices are counted when they are looked at, so that no counter can differ
//! from what the invoices say.

use std::collections::BTreeMap;

use naru_domain::StoreId;
use naru_domain::b2b::tax_invoice::State;
use naru_domain::b2b::{BulkInvoice, BulkState, BulkTally};
use naru_store::{Condition, Direction, Query, tables};

use super::rows::{Invoices, Row};
use super::{BulkStat, BulkView, RowProblem};
use crate::b2b::TaxFault;
use crate::records::{BulkInvoiceRecord, StoreRecord, tax_invoice_status};
use crate::{Engine, Fault};

/// Bulks of one list.
const LISTED_MAX: u32 = 200;

impl Engine {
    /// A bulk that the operator names.
    pub async fn bulk(&self, store_id: &StoreId, bulk_id: &str) -> Result<BulkView, Fault> {
        let found = self.named_bulk(store_id, bulk_id).await?;
        self.counted_bulk(found.value.0).await
    }

    /// A bulk that a caller of the API names.
    pub async fn bulk_invoice(
        &self,
        store: &StoreRecord,
        is_test: bool,
        bulk_id: &str,
    ) -> Result<BulkView, Fault> {
        self.uses_tax_invoices(store, is_test).await?;
        let found = self.bulk_row(&store.id, bulk_id).await?;
        let bulk = found
            .map(|found| found.value.0)
            .filter(|bulk| bulk.is_test == is_test)
            .ok_or(TaxFault::BulkNotFound)?;
        self.counted_bulk(bulk).await
    }

    /// The latest bulks of a store.
    pub async fn bulks(&self, store_id: &StoreId) -> Result<Vec<BulkInvoice>, Fault> {
        let query = Query::of(&tables::BULK_TAX_INVOICES, LISTED_MAX)
            .and(Condition::Is("store_id", store_id.as_str().into()))
            .by("created_at", Direction::Descending);
        let found = self.store().list::<BulkInvoiceRecord>(query).await?;
        Ok(found.into_iter().map(|found| found.value.0).collect())
    }

    pub(super) async fn counted_bulk(&self, bulk: BulkInvoice) -> Result<BulkView, Fault> {
        let (rows, invoices) = self.rows_of(&bulk).await?;
        Ok(counted(bulk, &rows, &invoices))
    }
}

/// Invoices that came as far as the bulk was to bring them, and those that are drafts.
pub(super) fn tally(bulk: &BulkInvoice, invoices: &Invoices) -> BulkTally {
    let mut tally = BulkTally::default();
    let is_drafting = bulk.state == BulkState::Drafting;
    for invoice in invoices.values() {
        match &invoice.state {
            State::Absent | State::Deleted { .. } => {}
            State::Drafted => {
                tally.drafts += 1;
                tally.succeeded += u32::from(is_drafting);
            }
            State::Requested
            | State::RequestCancelled
            | State::RequestRefused
            | State::Issued { .. }
            | State::BeforeSending { .. }
            | State::WaitingSending { .. }
            | State::Sending { .. }
            | State::SendingCompleted { .. }
            | State::SendingFailed { .. }
            | State::IssuanceCancelled { .. } => tally.succeeded += 1,
        }
    }
    tally
}

fn counted(bulk: BulkInvoice, rows: &[Row], invoices: &Invoices) -> BulkView {
    let mut stats: BTreeMap<String, BulkStat> = BTreeMap::new();
    let mut add = |status: &str, total: i64| {
        let stat = stats.entry(status.to_owned()).or_default();
        stat.count += 1;
        stat.total = stat.total.saturating_add(total);
    };
    let mut problems = Vec::new();
    for row in rows {
        let row = &row.value;
        let failure = match invoices.get(&row.invoice_id) {
            // What was deleted is in no list.
            Some(invoice) if invoice.state.is_deleted() => None,
            Some(invoice) => {
                add(tax_invoice_status(invoice), invoice.document.totals.total);
                let failed = invoice.failed.as_ref().map(|failed| &failed.failure);
                failed.map(|one| format!("[{}] {}", one.pg_code, one.pg_message))
            }
            None if row.problem.is_some() => {
                add("DRAFT_FAILED", row.total);
                row.problem.clone()
            }
            // Of a bulk that was cancelled it never will be.
            None if bulk.state == BulkState::Cancelled => None,
            None => {
                add("DRAFT_PENDING", row.total);
                None
            }
        };
        let line = usize::try_from(row.line).unwrap_or(usize::MAX);
        problems.extend(failure.map(|problem| RowProblem { line, problem }));
    }
    BulkView {
        bulk,
        stats,
        problems,
    }
}
