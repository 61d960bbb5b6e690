//! Answers of the provider that were lost: found out by what it shows, or by asking for the same
//! thing again where that does no harm.

use naru_connector::tax::{TaxOperation, TaxOutcome};
use naru_domain::b2b::tax_invoice::{CallKind, CallOutcome, Seen, TaxInvoice, took_effect};
use naru_domain::payment::Failure;
use naru_domain::{StoreId, TaxInvoiceId};

use super::act::reference;
use super::settle::call_outcome;
use super::{Edition, TaxContract};
use crate::jobs::JobDone;
use crate::{Engine, Fault};

/// How far the provider's clock may be from ours, in seconds.
const CLOCKS_APART_S: i64 = 600;
/// A creation failed since the provider has another invoice of its document key.
const KEY_TAKEN: &str = "NARU_DOCUMENT_KEY_TAKEN";

impl Engine {
    /// What became of the call under way; nothing while that can't be told. `is_final`: the
    /// provider can no longer act on it, so "not done" counts.
    pub(super) async fn look_for_effect(
        &self,
        contract: &TaxContract,
        invoice: &TaxInvoice,
        is_final: bool,
    ) -> Result<Option<CallOutcome>, Fault> {
        let Some(call) = &invoice.call else {
            return Ok(None);
        };
        let Some(at) = reference(invoice, invoice.document.issuance.writer()) else {
            return Ok(None);
        };
        let operation = TaxOperation::Inquire(at);
        let TaxOutcome::Seen(shown) = self.ask(contract, &operation, None).await? else {
            return Ok(None);
        };
        // Another's invoice of that key is no sign that ours arrived: it is why ours can't have.
        let since = call.at.plus_seconds(-CLOCKS_APART_S);
        let is_another = call.kind.creates()
            && shown
                .as_ref()
                .is_some_and(|shown| !shown.likeness.fits(&invoice.document, since));
        let seen = shown.filter(|_| !is_another).map(|shown| shown.seen);
        let not_done = || {
            is_final.then(|| {
                CallOutcome::Failed(if is_another {
                    Failure::own(KEY_TAKEN, "another invoice there has this document key")
                } else {
                    Failure::own(Failure::NOT_SENT, "the provider never did it")
                })
            })
        };
        Ok(match took_effect(&call.kind, seen.as_ref()) {
            Some(true) => Some(CallOutcome::Done {
                issued: seen.as_ref().and_then(|seen| seen.issued().cloned()),
                recipient: seen.as_ref().and_then(Seen::recipient),
            }),
            Some(false) => not_done(),
            None if !is_final => None,
            None => self.again_or_not(contract, invoice, &call.kind).await?,
        })
    }

    /// A change of a draft is asked for again; files are looked for by name.
    async fn again_or_not(
        &self,
        contract: &TaxContract,
        invoice: &TaxInvoice,
        kind: &CallKind,
    ) -> Result<Option<CallOutcome>, Fault> {
        let Some(at) = reference(invoice, invoice.document.issuance.writer()) else {
            return Ok(None);
        };
        let (is_added, name) = match kind {
            CallKind::Attach { attachment } => (true, attachment.name.as_str()),
            CallKind::Detach { attachment_id } => {
                let named = invoice
                    .attachments
                    .iter()
                    .find(|one| one.id == *attachment_id);
                (false, named.map_or("", |one| one.name.as_str()))
            }
            CallKind::Draft
            | CallKind::DraftAndRequest
            | CallKind::DraftAndIssue
            | CallKind::Update { .. }
            | CallKind::Request
            | CallKind::CancelRequest
            | CallKind::Refuse
            | CallKind::Issue
            | CallKind::CancelIssuance
            | CallKind::SendToNts
            | CallKind::Delete => {
                let operation = self.operation(invoice, kind, None).await?;
                let send_by = Some(self.send_by());
                let outcome = self.ask(contract, &operation, send_by).await?;
                return Ok(call_outcome(&outcome, self.now()));
            }
        };
        let files = TaxOperation::Files(at);
        let TaxOutcome::Files(entries) = self.ask(contract, &files, None).await? else {
            return Ok(None);
        };
        // By number: an invoice may have several files of one name.
        let known = invoice.attachments.iter().filter(|one| one.name == name);
        let shown = entries.iter().filter(|entry| entry.name == name);
        let (known, shown) = (known.count(), shown.count());
        let is_done = if is_added {
            shown > known
        } else {
            shown < known
        };
        Ok(Some(if is_done {
            CallOutcome::Done {
                issued: None,
                recipient: None,
            }
        } else {
            let text = "the provider never did it";
            CallOutcome::Failed(Failure::own(Failure::NOT_SENT, text))
        }))
    }

    /// The job behind a call whose request died or whose answer was lost.
    pub(crate) async fn run_settle_tax_call(
        &self,
        (store_id, id, number): (&StoreId, TaxInvoiceId, i64),
        edition: Edition,
        idempotency: Option<&str>,
    ) -> Result<JobDone, Fault> {
        let Some(found) = self.load_invoice(store_id, id).await? else {
            return Ok(JobDone::Finished);
        };
        let invoice = found.value.0;
        let Some(call) = invoice.call.as_ref().filter(|call| call.number == number) else {
            return Ok(JobDone::Finished);
        };
        let Some(store) = self.store_record(store_id).await? else {
            return Ok(JobDone::Finished);
        };
        let Some(contract) = self.contract_or_none(&store, invoice.is_test).await? else {
            return Ok(JobDone::parked());
        };
        let settled_at = call.send_by.plus_millis(contract.settle_ms());
        let is_final = self.clock().process() > settled_at;
        let Some(outcome) = self.look_for_effect(&contract, &invoice, is_final).await? else {
            return Ok(JobDone::Again);
        };
        let subject = (store_id, id, number);
        // What the caller would be told is in the idempotency record.
        let _answer = self
            .report_call(subject, outcome, (idempotency, edition))
            .await?;
        Ok(JobDone::Finished)
    }
}
