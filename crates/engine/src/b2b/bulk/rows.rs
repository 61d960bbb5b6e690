//! The rows of a bulk, and the invoices that they have become.

use std::collections::BTreeMap;

use naru_domain::TaxInvoiceId;
use naru_domain::b2b::BulkInvoice;
use naru_domain::b2b::tax_invoice::{State, TaxInvoice};
use naru_store::{Commit, CommitError, Condition, Direction, Query, Versioned, tables};

use super::BULK_ROWS_MAX;
use crate::records::{BulkRowRecord, RowStage, TaxInvoiceRecord};
use crate::{Engine, Fault};

pub(super) type Row = Versioned<BulkRowRecord>;
pub(super) type Invoices = BTreeMap<TaxInvoiceId, TaxInvoice>;

#[expect(clippy::cast_possible_truncation, reason = "a thousand")]
const ALL: u32 = BULK_ROWS_MAX as u32;

fn rows_query(bulk: &BulkInvoice, limit: u32) -> Query {
    Query::of(&tables::BULK_TAX_INVOICE_ROWS, limit)
        .and(Condition::Is("store_id", bulk.store_id.as_str().into()))
        .and(Condition::Is("bulk_id", bulk.id.as_str().into()))
        .by("number", Direction::Ascending)
}

impl Engine {
    /// All rows of a bulk, in order, and the invoices that there are of them.
    pub(super) async fn rows_of(&self, bulk: &BulkInvoice) -> Result<(Vec<Row>, Invoices), Fault> {
        let rows = self.store().list(rows_query(bulk, ALL)).await?;
        let query = Query::of(&tables::TAX_INVOICES, ALL)
            .and(Condition::Is("store_id", bulk.store_id.as_str().into()))
            .and(Condition::Is("bulk_id", bulk.id.as_str().into()));
        let found = self.store().list::<TaxInvoiceRecord>(query).await?;
        let invoices = found
            .into_iter()
            .map(|found| (found.value.0.id, found.value.0))
            .collect();
        Ok((rows, invoices))
    }

    /// The first rows of a bulk that have not come as far as this.
    pub(super) async fn rows_below(
        &self,
        bulk: &BulkInvoice,
        stage: RowStage,
        limit: u32,
    ) -> Result<Vec<Row>, Fault> {
        let query = rows_query(bulk, limit).and(Condition::Below("stage", stage.number().into()));
        Ok(self.store().list(query).await?)
    }

    /// Writes a row. One that somebody else wrote is looked at again anyway.
    pub(super) async fn put_row(&self, row: Row) -> Result<(), Fault> {
        let mut unit = Commit::new(self.new_uuid());
        unit.update(&row)?;
        match self.commit(unit).await {
            Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A row that is to be requested or issued in a new run: one whose invoice is a draft.
pub(super) fn again(row: &Row, invoice: Option<&TaxInvoice>) -> Option<Row> {
    let invoice = invoice.filter(|invoice| invoice.state == State::Drafted)?;
    Some(Versioned {
        version: row.version,
        value: BulkRowRecord {
            stage: RowStage::Drafted,
            calls_before: invoice.call_count,
            ..row.value.clone()
        },
    })
}
