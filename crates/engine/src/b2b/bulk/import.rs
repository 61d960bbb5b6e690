//! Making a bulk of a sheet: every row is checked before any is stored; then the bulk is written,
//! its rows in pieces, and last the job that drafts them. A crash in between leaves a bulk that
//! the same import goes on with.

use std::collections::BTreeSet;

use naru_domain::TaxInvoiceId;
use naru_domain::b2b::tax_invoice::Issuance;
use naru_domain::b2b::{BulkInvoice, BulkState, CivilDate, Side, Start};
use naru_store::{Commit, CommitError};
use sha2::{Digest as _, Sha256};

use super::{BULK_ROWS_MAX, BulkImported, NewBulk, RowProblem, SheetRow, commit_once};
use crate::auth::hex;
use crate::b2b::write::made_key;
use crate::b2b::{TaxContract, WriteInvoice};
use crate::records::{BulkInvoiceRecord, BulkRowContent, BulkRowRecord, RowStage};
use crate::{Engine, Fault};

/// Rows of one commit: payments wait no longer than that behind an import.
const CHUNK: usize = 50;
/// Characters of an id, and of a name.
const ID_MAX: usize = 64;
const NAME_MAX: usize = 100;
/// Characters of an id that is made from the sheet.
const MADE_ID: usize = 20;

/// By what a sheet is known again.
pub fn sheet_digest(sheet: &[u8]) -> String {
    hex(&Sha256::digest(sheet))
}

impl Engine {
    /// Makes a bulk of a sheet. The same sheet again is the bulk that was made of it.
    pub async fn import_bulk(&self, new: NewBulk) -> Result<BulkImported, Fault> {
        let contract = self.tax_contract(&new.store, new.is_test).await?;
        let id = self.fitting_id(&new)?;
        let known = self.bulk_row(&new.store.id, &id).await?;
        if let Some(known) = &known {
            let bulk = &known.value.0;
            if !is_of(bulk, &new) {
                return Err(Fault::invalid(format!(
                    "the bulk `{id}` was made of another sheet; name this one otherwise with `--id`"
                )));
            }
            if bulk.state != BulkState::Importing && !new.is_trial {
                let view = self.counted_bulk(bulk.clone()).await?;
                return Ok(BulkImported::Known(Box::new(view)));
            }
        }
        let (rows, problems) = self.checked_rows(&contract, (&new, &id)).await?;
        if !problems.is_empty() {
            return Ok(BulkImported::Faulty(problems));
        }
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let totals = rows.iter().map(|row| row.total);
        let total = totals.fold(0, i64::saturating_add);
        if new.is_trial {
            return Ok(BulkImported::Fit { count, total });
        }
        if known.is_none() {
            let bulk = self.new_bulk(&new, &id, (count, total));
            let mut unit = Commit::new(self.new_uuid());
            unit.insert(&BulkInvoiceRecord(bulk))?;
            commit_once(self.commit(unit).await)?;
        }
        self.store_rows(rows).await?;
        let found = self.named_bulk(&new.store.id, &id).await?;
        let mut bulk = found.value.0;
        if bulk.state == BulkState::Importing {
            bulk.imported(self.now());
            self.change_bulk(found.version, bulk, None).await?;
        }
        let view = self.bulk(&new.store.id, &id).await?;
        Ok(BulkImported::Made(Box::new(view)))
    }

    /// The bulk's id, if the sheet can be one at all.
    fn fitting_id(&self, new: &NewBulk) -> Result<String, Fault> {
        if new.rows.is_empty() {
            return Err(Fault::invalid("the sheet has no rows below its header"));
        }
        if new.rows.len() > BULK_ROWS_MAX {
            return Err(Fault::invalid(format!(
                "the sheet has {} rows, and a bulk at most {BULK_ROWS_MAX}; split it",
                new.rows.len()
            )));
        }
        if new
            .name
            .as_ref()
            .is_some_and(|name| name.chars().count() > NAME_MAX)
        {
            return Err(Fault::invalid(format!(
                "a bulk's name has at most {NAME_MAX} characters"
            )));
        }
        let at = new.follows.and_then(|start| start.at);
        if at.is_some_and(|at| at <= self.now()) {
            return Err(Fault::invalid("the time to start is over"));
        }
        let Some(id) = &new.id else {
            let of = format!("{}:{}:{:?}", new.digest, new.is_test, new.issuance);
            let digest = sheet_digest(of.as_bytes());
            return Ok(format!(
                "bulk-{}",
                digest.get(..MADE_ID).unwrap_or_default()
            ));
        };
        let is_plain = (1..=ID_MAX).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if is_plain {
            return Ok(id.clone());
        }
        Err(Fault::invalid(format!(
            "a bulk's id has 1 to {ID_MAX} letters, digits, `-` and `_`"
        )))
    }

    fn new_bulk(&self, new: &NewBulk, id: &str, (count, total): (u32, i64)) -> BulkInvoice {
        BulkInvoice {
            merchant_id: new.store.merchant_id.clone(),
            store_id: new.store.id.clone(),
            id: id.to_owned(),
            is_test: new.is_test,
            name: new.name.clone(),
            issuance: new.issuance,
            digest: new.digest.clone(),
            count,
            total,
            state: BulkState::Importing,
            follows: new.follows,
            created_at: self.now(),
            requested_at: None,
            scheduled_at: None,
            state_changed_at: self.now(),
        }
    }

    /// Checks every row: what it says, and that its document keys are free here and in the sheet.
    async fn checked_rows(
        &self,
        contract: &TaxContract,
        (new, bulk_id): (&NewBulk, &str),
    ) -> Result<(Vec<BulkRowRecord>, Vec<RowProblem>), Fault> {
        let (mut rows, mut problems) = (Vec::new(), Vec::new());
        let mut taken = BTreeSet::new();
        for (number, row) in (1..).zip(&new.rows) {
            let invoice_id = TaxInvoiceId::new(self.new_uuid());
            let checked = self.checked_row(contract, (new, row), (invoice_id, &mut taken));
            match checked.await {
                Ok(write) => rows.push(BulkRowRecord {
                    store_id: new.store.id.clone(),
                    bulk_id: bulk_id.to_owned(),
                    number,
                    line: u32::try_from(row.line).unwrap_or(u32::MAX),
                    invoice_id,
                    total: write.document.totals.total,
                    content: Some(BulkRowContent {
                        keys: write.keys,
                        document: write.document,
                        memo: write.memo,
                    }),
                    stage: RowStage::New,
                    calls_before: 0,
                    problem: None,
                }),
                Err(fault @ (Fault::InvalidRequest { .. } | Fault::Tax(_))) => {
                    problems.push(RowProblem {
                        line: row.line,
                        problem: fault.to_string(),
                    });
                }
                Err(other) => return Err(other),
            }
        }
        Ok((rows, problems))
    }

    async fn checked_row(
        &self,
        contract: &TaxContract,
        (new, row): (&NewBulk, &SheetRow),
        (id, taken): (TaxInvoiceId, &mut BTreeSet<(Side, String, String)>),
    ) -> Result<WriteInvoice, Fault> {
        let mut write = row.write.clone();
        self.complete_document(&new.store, contract, &mut write)
            .await?;
        if let Some(day) = self.day_of_issue(new)
            && write.document.write_date > day
        {
            return Err(Fault::invalid(format!(
                "the write date is after {day}, the day of issue"
            )));
        }
        match write.document.issuance {
            Issuance::Forward => write.keys.supplier.get_or_insert_with(|| made_key(id)),
            Issuance::Reverse => write.keys.recipient.get_or_insert_with(|| made_key(id)),
        };
        self.keys_are_free(&new.store, &write).await?;
        for side in [Side::Supplier, Side::Recipient] {
            let Some(key) = write.keys.of(side) else {
                continue;
            };
            let brn = write.document.party(side).brn.to_string();
            if !taken.insert((side, brn, key.to_owned())) {
                return Err(Fault::invalid(format!(
                    "the document key `{key}` is in the sheet twice"
                )));
            }
        }
        Ok(write)
    }

    /// The day on which the invoices are issued, where that is known already.
    fn day_of_issue(&self, new: &NewBulk) -> Option<CivilDate> {
        let Start { at } = new.follows?;
        match new.issuance {
            Issuance::Forward => Some(CivilDate::in_korea(at.unwrap_or_else(|| self.now()))),
            // The supplier signs when it likes.
            Issuance::Reverse => None,
        }
    }

    /// Stores rows piece by piece. Those that an earlier try has stored stay as they are.
    async fn store_rows(&self, rows: Vec<BulkRowRecord>) -> Result<(), Fault> {
        for piece in rows.chunks(CHUNK) {
            if self.insert_rows(piece).await? {
                continue;
            }
            for row in piece {
                self.insert_rows(std::slice::from_ref(row)).await?;
            }
        }
        Ok(())
    }

    async fn insert_rows(&self, rows: &[BulkRowRecord]) -> Result<bool, Fault> {
        let mut unit = Commit::new(self.new_uuid());
        for row in rows {
            unit.insert(row)?;
        }
        match self.commit(unit).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether a bulk was made of this sheet, for the same.
fn is_of(bulk: &BulkInvoice, new: &NewBulk) -> bool {
    (&bulk.digest, bulk.is_test, bulk.issuance) == (&new.digest, new.is_test, new.issuance)
}
