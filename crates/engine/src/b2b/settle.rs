//! The end of a call: its outcome, its webhooks, its answer, in one commit.

use naru_connector::tax::{TaxOperation, TaxOutcome};
use naru_domain::b2b::Side;
use naru_domain::b2b::tax_invoice::{
    CallKind, CallOutcome, Command, Event, Issued, Refusal, State, TaxInvoice, apply, decide,
};
use naru_domain::payment::Failure;
use naru_domain::{StoreId, TaxInvoiceId};
use naru_store::{Commit, CommitError, Versioned, Write, tables};

use super::act::reference;
use super::{Edition, TaxContract, TaxFault, unclear};
use crate::payments::drop_job;
use crate::records::{EventRecord, JobKind, JobRecord, TaxInvoiceRecord, document_key_row};
use crate::{Answer, Engine, Fault, IdempotencyTicket, LEASE_MS};

const TRIES: u32 = 50;

impl From<Refusal> for TaxFault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Self::InvoiceNotFound,
            Refusal::NoRecipientDocumentKey => Self::NoRecipientDocumentKey,
            Refusal::NoSupplierDocumentKey => Self::NoSupplierDocumentKey,
            Refusal::NotDrafted | Refusal::TooManyAttachments => Self::NotDrafted,
            Refusal::NotRequested => Self::NotRequested,
            Refusal::NotIssued => Self::NotIssued,
            Refusal::NonDeletable => Self::NonDeletable,
            Refusal::AttachmentNotFound => Self::AttachmentNotFound,
            // Another call's outcome is not known: so is what this one could do.
            Refusal::CallInFlight | Refusal::NothingToDo => unclear(),
        }
    }
}

/// What an outcome of a call means for the invoice; nothing if it is unclear.
pub(super) fn call_outcome(
    outcome: &TaxOutcome,
    now: naru_domain::Timestamp,
) -> Option<CallOutcome> {
    match outcome {
        TaxOutcome::Done { approval_number } => Some(CallOutcome::Done {
            issued: approval_number.clone().map(|approval_number| Issued {
                at: now,
                approval_number,
            }),
            recipient: None,
        }),
        TaxOutcome::Refused(problem) => Some(CallOutcome::Failed(Failure {
            pg_code: problem.code.clone(),
            pg_message: problem.message.clone(),
        })),
        TaxOutcome::NotSent { reason } => {
            Some(CallOutcome::Failed(Failure::own(Failure::NOT_SENT, reason)))
        }
        TaxOutcome::Unknown { .. }
        | TaxOutcome::Seen(_)
        | TaxOutcome::Files(_)
        | TaxOutcome::Answer(_)
        | TaxOutcome::Page { .. }
        | TaxOutcome::Certificate(_)
        | TaxOutcome::CompanyState(_)
        | TaxOutcome::BusinessInfo(_)
        | TaxOutcome::AccountHolder { .. }
        | TaxOutcome::NoAccountHolder(_) => None,
    }
}

impl Engine {
    /// Adds events, and the invoice that they make, to a unit.
    pub(super) fn add_invoice_events(
        &self,
        unit: &mut Commit,
        found: Option<Versioned<TaxInvoiceRecord>>,
        events: &[Event],
    ) -> Result<TaxInvoice, Fault> {
        let (version, old) = match found {
            Some(found) => (Some(found.version), Some(found.value.0)),
            None => (None, None),
        };
        let sequence = old.as_ref().map_or(0, |invoice| invoice.event_count);
        let invoice = events
            .iter()
            .fold(old, apply)
            .ok_or_else(|| Fault::internal("events that lead to no invoice"))?;
        for (index, event) in (1_i64..).zip(events) {
            unit.insert(&EventRecord {
                store_id: invoice.store_id.clone(),
                subject_id: format!("t:{}", invoice.id),
                sequence: sequence + index,
                at: self.now(),
                kind: event.kind().to_owned(),
                event: serde_json::to_value(event)
                    .map_err(|error| Fault::internal(error.to_string()))?,
            })?;
        }
        let record = TaxInvoiceRecord(invoice);
        match version {
            Some(version) => unit.update(&Versioned {
                version,
                value: record.clone(),
            })?,
            None => unit.insert(&record)?,
        }
        Ok(record.0)
    }

    /// Adds the job that finds a lost answer out.
    pub(super) fn add_call_job(
        &self,
        unit: &mut Commit,
        invoice: &TaxInvoice,
        edition: Edition,
        ticket: Option<&IdempotencyTicket>,
    ) -> Result<(), Fault> {
        let Some(call) = &invoice.call else {
            return Ok(());
        };
        let kind = JobKind::SettleTaxCall {
            store_id: invoice.store_id.clone(),
            invoice_id: invoice.id,
            number: call.number,
            edition,
            idempotency: ticket.map(|ticket| ticket.record_key().to_owned()),
        };
        let now = self.clock().process();
        unit.insert(&JobRecord {
            id: kind.id(),
            queue: kind.queue(),
            lane: tax_lane(&invoice.store_id),
            due_at: now,
            lease_until: Some(now.plus_millis(LEASE_MS)),
            tries: 0,
            refusals: 0,
            kind,
        })?;
        Ok(())
    }

    /// Ends a request's call: reports a clear outcome, looks once for an unclear one, and else
    /// leaves it to the job.
    pub(super) async fn conclude_call(
        &self,
        contract: &TaxContract,
        invoice: &TaxInvoice,
        (outcome, edition): (TaxOutcome, Edition),
        ticket: Option<&IdempotencyTicket>,
    ) -> Result<Answer, Fault> {
        let Some(call) = &invoice.call else {
            return Err(Fault::internal("an invoice without the call that was made"));
        };
        let record = ticket.map(IdempotencyTicket::record_key);
        let subject = (&invoice.store_id, invoice.id, call.number);
        let known = match call_outcome(&outcome, self.now()) {
            Some(known) => Some(self.with_recipient(contract, invoice, known).await?),
            None => self.look_for_effect(contract, invoice, false).await?,
        };
        if let Some(known) = known {
            return self.report_call(subject, known, (record, edition)).await?;
        }
        // Every answer given after the intent is replayed (design 2a.5).
        let answer = answer_of(invoice, edition);
        if record.is_some() {
            let mut unit = Commit::new(self.new_uuid());
            self.complete_record(&mut unit, record, &answer).await?;
            self.commit(unit).await?;
        }
        answer
    }

    /// Adds to a cancelled issuance how the recipient's business has ended: the provider shows that
    /// from then on, and does not say it in its answer. If it can't be seen now, it is looked for
    /// once more with the invoice's next look.
    async fn with_recipient(
        &self,
        contract: &TaxContract,
        invoice: &TaxInvoice,
        outcome: CallOutcome,
    ) -> Result<CallOutcome, Fault> {
        let is_cancelled = invoice
            .call
            .as_ref()
            .is_some_and(|call| call.kind == CallKind::CancelIssuance);
        let (true, CallOutcome::Done { issued, .. }) = (is_cancelled, &outcome) else {
            return Ok(outcome);
        };
        let Some(at) = reference(invoice, Side::Supplier) else {
            return Ok(outcome);
        };
        let shown = self.ask(contract, &TaxOperation::Inquire(at), None).await?;
        let TaxOutcome::Seen(Some(shown)) = shown else {
            return Ok(outcome);
        };
        Ok(CallOutcome::Done {
            issued: issued.clone(),
            recipient: shown.seen.recipient(),
        })
    }

    /// Commits what became of a call. The outer result is whether that could be committed, the
    /// inner one the caller's answer.
    pub(super) async fn report_call(
        &self,
        (store_id, id, number): (&StoreId, TaxInvoiceId, i64),
        outcome: CallOutcome,
        (idempotency, edition): (Option<&str>, Edition),
    ) -> Result<Result<Answer, Fault>, Fault> {
        for _ in 0..TRIES {
            let found = self
                .load_invoice(store_id, id)
                .await?
                .ok_or(TaxFault::InvoiceNotFound)?;
            let before = found.value.0.clone();
            let command = Command::Report {
                number,
                outcome: outcome.clone(),
            };
            let Ok(events) = decide(Some(&before), command, self.now()) else {
                // The job was quicker.
                return Ok(answer_of(&before, edition));
            };
            let mut unit = Commit::new(self.new_uuid());
            let invoice = self.add_invoice_events(&mut unit, Some(found), &events)?;
            release_keys(&mut unit, &before, &invoice);
            self.keep_attached_file(&mut unit, &events, store_id)
                .await?;
            for event in &events {
                self.announce_invoice(&mut unit, &invoice, event).await?;
            }
            unit.writes.push(drop_job(&JobKind::SettleTaxCall {
                store_id: store_id.clone(),
                invoice_id: id,
                number,
                edition,
                idempotency: None,
            }));
            self.watch(&mut unit, &invoice)?;
            let answer = answer_of(&invoice, edition);
            self.complete_record(&mut unit, idempotency, &answer)
                .await?;
            match self.commit(unit).await {
                Ok(()) => {
                    self.wakers().webhook().notify_one();
                    return Ok(answer);
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Fault::Unavailable {
            detail: "too many concurrent changes".to_owned(),
        })
    }

    pub(super) async fn load_invoice(
        &self,
        store_id: &StoreId,
        id: TaxInvoiceId,
    ) -> Result<Option<Versioned<TaxInvoiceRecord>>, Fault> {
        let key = vec![store_id.as_str().into(), id.to_string().into()];
        Ok(self.store().load(key).await?)
    }
}

/// Gives the document keys of an invoice back that came to nothing.
pub(super) fn release_keys(unit: &mut Commit, before: &TaxInvoice, after: &TaxInvoice) {
    if !before.holds_keys() || after.holds_keys() {
        return;
    }
    for side in [Side::Supplier, Side::Recipient] {
        if let Some(key) = before.keys.of(side) {
            let brn = before.brn(side).as_str();
            unit.writes.push(Write::Delete {
                table: &tables::TAX_INVOICE_KEYS,
                key: document_key_row(&before.store_id, before.is_test, (side, brn), key),
                expected: None,
            });
        }
    }
}

/// Jobs of one store's provider compete with each other.
pub(super) fn tax_lane(store_id: &StoreId) -> String {
    format!("tax {store_id}")
}

/// What the caller is told of an invoice whose call has ended, or has not.
fn answer_of(invoice: &TaxInvoice, edition: Edition) -> Result<Answer, Fault> {
    if let Some(failed) = &invoice.failed {
        return Err(TaxFault::from(failed.failure.clone()).into());
    }
    if let State::Deleted { .. } = invoice.state {
        return Ok(Answer::Empty);
    }
    match (&invoice.call, edition) {
        // Today's edition has statuses for what is under way; that of 2024 has not.
        (Some(_), Edition::Preview) => Err(unclear().into()),
        (Some(call), Edition::Current) if call.kind == CallKind::Delete => Err(unclear().into()),
        (Some(_) | None, _) => Ok(Answer::TaxInvoice {
            invoice: Box::new(invoice.clone()),
            edition,
        }),
    }
}
