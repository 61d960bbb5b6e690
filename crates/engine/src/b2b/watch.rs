//! Invoices that the other side, the provider or the tax office may move: looked at when the
//! provider says so, and every hour.

use naru_connector::tax::{TaxOperation, TaxOutcome};
use naru_domain::b2b::tax_invoice::{Command, TaxInvoice, decide};
use naru_domain::{StoreId, TaxInvoiceId};
use naru_store::{Commit, CommitError};

use super::act::reference;
use super::settle::tax_lane;
use crate::jobs::JobDone;
use crate::records::{JobKind, JobRecord};
use crate::{Engine, Fault};

/// How often an invoice is looked at without a notice, in milliseconds.
const LOOK_EVERY_MS: i64 = 3_600_000;

impl Engine {
    /// Adds the next look to a unit, if there is anything to look for.
    pub(super) fn watch(&self, unit: &mut Commit, invoice: &TaxInvoice) -> Result<(), Fault> {
        if !invoice.state.is_moving() {
            return Ok(());
        }
        let job = self.watch_job(&invoice.store_id, invoice.id, LOOK_EVERY_MS);
        unit.upsert(&job)?;
        Ok(())
    }

    /// A look at an invoice, so many milliseconds from now.
    pub(super) fn watch_job(
        &self,
        store_id: &StoreId,
        invoice_id: TaxInvoiceId,
        in_ms: i64,
    ) -> JobRecord {
        let kind = JobKind::WatchTaxInvoice {
            store_id: store_id.clone(),
            invoice_id,
        };
        JobRecord {
            id: kind.id(),
            queue: kind.queue(),
            lane: tax_lane(store_id),
            due_at: self.clock().process().plus_millis(in_ms),
            lease_until: None,
            tries: 0,
            refusals: 0,
            kind,
        }
    }

    /// Looks at an invoice.
    pub(crate) async fn run_watch_tax_invoice(
        &self,
        store_id: &StoreId,
        id: TaxInvoiceId,
    ) -> Result<JobDone, Fault> {
        let Some(found) = self.load_invoice(store_id, id).await? else {
            return Ok(JobDone::Finished);
        };
        if !found.value.0.has_news_to_come() {
            return Ok(JobDone::Finished);
        }
        if found.value.0.call.is_some() {
            return Ok(JobDone::Again);
        }
        let Some(store) = self.store_record(store_id).await? else {
            return Ok(JobDone::Finished);
        };
        let is_test = found.value.0.is_test;
        let Some(contract) = self.contract_or_none(&store, is_test).await? else {
            return Ok(JobDone::parked());
        };
        let Some(at) = reference(&found.value.0, found.value.0.document.issuance.writer()) else {
            return Ok(JobDone::Finished);
        };
        let operation = TaxOperation::Inquire(at);
        let TaxOutcome::Seen(Some(shown)) = self.ask(&contract, &operation, None).await? else {
            return Ok(JobDone::Again);
        };
        let events = decide(
            Some(&found.value.0),
            Command::Observe(shown.seen),
            self.now(),
        );
        let mut unit = Commit::new(self.new_uuid());
        let invoice = match events {
            Ok(events) => {
                let invoice = self.add_invoice_events(&mut unit, Some(found), &events)?;
                for event in &events {
                    self.announce_invoice(&mut unit, &invoice, event).await?;
                }
                invoice
            }
            Err(_) => found.value.0,
        };
        let done = if invoice.state.is_moving() {
            JobDone::Later {
                pause_ms: LOOK_EVERY_MS,
            }
        } else {
            JobDone::Finished
        };
        if unit.writes.is_empty() {
            return Ok(done);
        }
        match self.commit(unit).await {
            Ok(()) => {
                self.wakers().webhook().notify_one();
                Ok(done)
            }
            Err(CommitError::Conflict(_)) => Ok(JobDone::Again),
            Err(error) => Err(error.into()),
        }
    }
}
