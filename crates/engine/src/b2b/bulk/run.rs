//! Carrying a bulk out: some rows at a time, by a job that finds out where each row stands before
//! it does anything.
//!
//! A row's invoice has its id before it is drafted, and its intent is on disk before the provider
//! is asked, so that whatever a crash leaves is gone on with. What the provider surely never got is
//! sent again a few times; what it refused is not.

use std::sync::Arc;

use naru_domain::b2b::tax_invoice::{CallKind, Command, NewInvoice, State, TaxInvoice, decide};
use naru_domain::b2b::{BulkInvoice, BulkState};
use naru_domain::payment::Failure;
use naru_domain::{StoreId, TaxInvoiceId, Timestamp};
use naru_store::{Commit, CommitError, Versioned, tables};

use super::Bulk;
use super::read::tally;
use super::rows::Row;
use crate::b2b::read::{InvoiceKey, InvoiceKeyKind};
use crate::b2b::write::hold_keys;
use crate::b2b::{ActOnInvoice, Edition, InvoiceNote, TaxContract, TaxFault};
use crate::jobs::JobDone;
use crate::payments::CallContext;
use crate::records::{BulkInvoiceRecord, BulkRowRecord, RowStage, StoreRecord};
use crate::{Engine, Fault};

/// Rows of one run of the job.
const BATCH: u32 = 20;
/// A run begins no further row after so long, in milliseconds: a server that stops waits for it.
const RUN_MS: i64 = 5_000;
/// Pause while nothing is known of any row of the batch.
const WAIT_MS: i64 = 2_000;
/// Pause while the provider can't be reached.
const AWAY_MS: i64 = 15_000;
/// How often the provider is asked for the same, where it surely never got it.
const SENDS_MAX: i64 = 8;

/// What became of a row in a run.
enum Taken {
    /// It has come as far as it will.
    Over(Box<Row>),
    /// Something was asked of the provider; what came of it is seen in the next run.
    Asked,
    /// The same was asked once more.
    AskedAgain,
    /// Nobody knows yet.
    Waits,
}

/// A bulk that is being carried out, and what it needs.
struct Work<'a> {
    contract: TaxContract,
    context: CallContext,
    bulk: &'a Bulk,
}

impl Engine {
    /// The job behind a bulk.
    pub(crate) async fn run_bulk(
        &self,
        store_id: &StoreId,
        bulk_id: &str,
    ) -> Result<JobDone, Fault> {
        let (Some(found), Some(store)) = (
            self.bulk_row(store_id, bulk_id).await?,
            self.store_record(store_id).await?,
        ) else {
            return Ok(JobDone::Finished);
        };
        match found.value.0.state {
            BulkState::Waiting => {
                let mut bulk = found.value.0.clone();
                bulk.begin(self.now());
                self.settle_bulk(&found, bulk).await
            }
            BulkState::Drafting => self.run_rows(&found, store, RowStage::Drafted).await,
            BulkState::Running => self.run_rows(&found, store, RowStage::Over).await,
            BulkState::Importing
            | BulkState::Drafted
            | BulkState::Completed
            | BulkState::Failed
            | BulkState::Cancelled => Ok(JobDone::Finished),
        }
    }

    /// Brings some rows as far as this stage.
    async fn run_rows(
        &self,
        found: &Bulk,
        store: Arc<StoreRecord>,
        stage: RowStage,
    ) -> Result<JobDone, Fault> {
        let bulk = &found.value.0;
        let rows = self.rows_below(bulk, stage, BATCH).await?;
        if rows.is_empty() {
            let (_, invoices) = self.rows_of(bulk).await?;
            let mut after = bulk.clone();
            after.rows_are_over(tally(bulk, &invoices), self.now());
            return self.settle_bulk(found, after).await;
        }
        let Some(contract) = self.contract_or_none(&store, bulk.is_test).await? else {
            return Ok(JobDone::parked());
        };
        let work = Work {
            contract,
            context: self.own_context(store),
            bulk: found,
        };
        let until = self.clock().process().plus_millis(RUN_MS);
        let mut pause_ms = WAIT_MS;
        for row in rows {
            let taken = if stage == RowStage::Drafted {
                self.draft_row(&work, row).await?
            } else {
                self.start_row(&work, row).await?
            };
            match taken {
                Taken::Over(row) => {
                    self.put_row(*row).await?;
                    pause_ms = pause_ms.min(0);
                }
                Taken::Asked => pause_ms = pause_ms.min(0),
                Taken::AskedAgain => {
                    pause_ms = AWAY_MS;
                    break;
                }
                Taken::Waits => {}
            }
            if self.clock().process() > until {
                break;
            }
        }
        Ok(JobDone::Later { pause_ms })
    }

    /// Writes where a bulk stands now, and goes on with it when it is time.
    async fn settle_bulk(&self, found: &Bulk, bulk: BulkInvoice) -> Result<JobDone, Fault> {
        let done = match bulk.state {
            BulkState::Waiting => JobDone::Later {
                pause_ms: bulk.scheduled_at.map_or(0, |at| self.until(at)),
            },
            BulkState::Running => JobDone::Later { pause_ms: 0 },
            BulkState::Importing
            | BulkState::Drafting
            | BulkState::Drafted
            | BulkState::Completed
            | BulkState::Failed
            | BulkState::Cancelled => JobDone::Finished,
        };
        let mut unit = Commit::new(self.new_uuid());
        unit.update(&Versioned {
            version: found.version,
            value: BulkInvoiceRecord(bulk),
        })?;
        match self.commit(unit).await {
            Ok(()) => Ok(done),
            // It was cancelled in the meantime.
            Err(CommitError::Conflict(_)) => Ok(JobDone::Later { pause_ms: 0 }),
            Err(error) => Err(error.into()),
        }
    }

    fn until(&self, at: Timestamp) -> i64 {
        (at.as_millis() - self.now().as_millis()).max(0)
    }

    async fn draft_row(&self, work: &Work<'_>, row: Row) -> Result<Taken, Fault> {
        let (store_id, id) = (&row.value.store_id, row.value.invoice_id);
        let found = self.load_invoice(store_id, id).await?;
        let command = match found.as_ref().map(|found| &found.value.0) {
            None => match self.creation(work, &row) {
                Some(command) => command,
                None => return Ok(over(row, RowStage::Drafted, 0)),
            },
            // Its own job finds out what became of the call.
            Some(invoice) if invoice.call.is_some() => return Ok(Taken::Waits),
            Some(invoice) if may_be_sent_again(invoice, 0) && invoice.state == State::Absent => {
                Command::Call {
                    kind: CallKind::Draft,
                    send_by: self.send_by(),
                }
            }
            Some(invoice) => {
                let calls = invoice.call_count;
                return Ok(over(row, RowStage::Drafted, calls));
            }
        };
        let before = found.as_ref().map(|found| &found.value.0);
        let asked = if before.is_some() {
            Taken::AskedAgain
        } else {
            Taken::Asked
        };
        let events = decide(before, command, self.now()).map_err(TaxFault::from)?;
        let mut unit = Commit::new(self.new_uuid());
        // A bulk that was cancelled writes no invoice.
        unit.expect(work.bulk);
        let invoice = self.add_invoice_events(&mut unit, found, &events)?;
        hold_keys(&mut unit, &invoice)?;
        self.add_call_job(&mut unit, &invoice, Edition::Current, None)?;
        match self.commit(unit).await {
            Ok(()) => {
                let with = (&work.context, None);
                let call = self.carry_out(&work.contract, invoice, Edition::Current, with);
                let answer = Box::pin(call).await;
                known_to_the_invoice(answer)?;
                Ok(asked)
            }
            Err(CommitError::Conflict(table)) if table == tables::TAX_INVOICE_KEYS.name => {
                let mut row = row;
                row.value.problem = Some("its document key was taken by another invoice".into());
                Ok(over(row, RowStage::Over, 0))
            }
            Err(CommitError::Conflict(_)) => Ok(Taken::Waits),
            Err(error) => Err(error.into()),
        }
    }

    fn creation(&self, work: &Work<'_>, row: &Row) -> Option<Command> {
        let content = row.value.content.as_ref()?;
        let bulk = &work.bulk.value.0;
        Some(Command::Create(Box::new(NewInvoice {
            merchant_id: bulk.merchant_id.clone(),
            store_id: bulk.store_id.clone(),
            id: row.value.invoice_id,
            is_test: bulk.is_test,
            bulk_id: Some(bulk.id.clone()),
            keys: content.keys.clone(),
            document: content.document.clone(),
            memo: content.memo.clone(),
            kind: CallKind::Draft,
            send_by: self.send_by(),
        })))
    }

    async fn start_row(&self, work: &Work<'_>, row: Row) -> Result<Taken, Fault> {
        let id: TaxInvoiceId = row.value.invoice_id;
        let found = self.load_invoice(&row.value.store_id, id).await?;
        let Some(invoice) = found.map(|found| found.value.0) else {
            return Ok(over(row, RowStage::Over, 0));
        };
        if invoice.call.is_some() {
            return Ok(Taken::Waits);
        }
        let kind = work.bulk.value.0.step();
        let was_refused = |failed: &naru_domain::b2b::tax_invoice::FailedCall| {
            failed.kind == kind
                && invoice.call_count > row.value.calls_before
                && !may_be_sent_again(&invoice, row.value.calls_before)
        };
        if invoice.state != State::Drafted || invoice.failed.as_ref().is_some_and(was_refused) {
            return Ok(over(row, RowStage::Over, invoice.call_count));
        }
        let was_asked = invoice.call_count > row.value.calls_before && invoice.failed.is_some();
        let request = ActOnInvoice {
            edition: Edition::Current,
            is_test: invoice.is_test,
            key: InvoiceKey {
                kind: InvoiceKeyKind::Id,
                text: id.to_string(),
            },
            kind,
            note: InvoiceNote::default(),
        };
        let answer = Box::pin(self.act_on_invoice(work.context.clone(), request)).await;
        known_to_the_invoice(answer)?;
        Ok(if was_asked {
            Taken::AskedAgain
        } else {
            Taken::Asked
        })
    }
}

/// What came of a call is on its invoice; a fault that says nothing of it stops the run.
fn known_to_the_invoice(answer: Result<crate::Answer, Fault>) -> Result<(), Fault> {
    match answer {
        Ok(_) | Err(Fault::Tax(_) | Fault::InvalidRequest { .. }) => Ok(()),
        Err(other) => Err(other),
    }
}

/// Whether the last call surely never reached the provider, and was not tried too often.
fn may_be_sent_again(invoice: &TaxInvoice, calls_before: i64) -> bool {
    let never_sent = |failure: &Failure| failure.pg_code == Failure::NOT_SENT;
    invoice
        .failed
        .as_ref()
        .is_some_and(|failed| never_sent(&failed.failure))
        && invoice.call_count - calls_before < SENDS_MAX
}

fn over(row: Row, stage: RowStage, calls: i64) -> Taken {
    Taken::Over(Box::new(Versioned {
        version: row.version,
        value: BulkRowRecord {
            // The invoice says it from now on.
            content: None,
            calls_before: calls,
            stage,
            ..row.value
        },
    }))
}
