//! Steps of an invoice that exists: change, request, take back, refuse, issue, cancel, send,
//! delete.

use std::sync::Arc;

use naru_connector::tax::{InvoiceCall, InvoiceRef, Note, TaxOperation, Written};
use naru_domain::Face;
use naru_domain::b2b::Side;
use naru_domain::b2b::tax_invoice::{CallKind, Command, Refusal, TaxInvoice, decide};
use naru_domain::payment::{Origin, Platform};
use naru_store::{Commit, CommitError};

use super::read::InvoiceKey;
use super::settle::release_keys;
use super::{Edition, TaxContract, TaxFault};
use crate::payments::CallContext;
use crate::records::StoreRecord;
use crate::{Answer, Engine, Fault};

/// How long a request waits for another on the same invoice, in milliseconds.
const WAIT_FOR_OTHER_MS: i64 = 50_000;
const LOOK_AGAIN_MS: u64 = 200;

/// A step to take.
#[derive(Debug, Clone)]
pub struct ActOnInvoice {
    /// Which edition asks.
    pub edition: Edition,
    /// Whether it is test data.
    pub is_test: bool,
    /// Which invoice.
    pub key: InvoiceKey,
    /// Which step.
    pub kind: CallKind,
    /// What goes along with it.
    pub note: InvoiceNote,
}

/// What goes along with a step.
#[derive(Debug, Clone, Default)]
pub struct InvoiceNote {
    /// A note to the other side.
    pub memo: Option<String>,
    /// Subject of the e-mail to the other side.
    pub email_subject: Option<String>,
}

impl Engine {
    /// What a step that no caller of the API takes goes by.
    pub(super) fn own_context(&self, store: Arc<StoreRecord>) -> CallContext {
        CallContext {
            store,
            ticket: None,
            face: Face::V2,
            origin: Origin {
                platform: Platform::Api,
                ip_address: self.config().server_ip.clone(),
                user_agent: None,
            },
        }
    }

    /// Takes a step.
    pub async fn act_on_invoice(
        &self,
        context: CallContext,
        request: ActOnInvoice,
    ) -> Result<Answer, Fault> {
        let contract = self.tax_contract(&context.store, request.is_test).await?;
        let give_up_at = self.clock().process().plus_millis(WAIT_FOR_OTHER_MS);
        loop {
            let found = self
                .find_invoice(&context.store, request.is_test, &request.key)
                .await?
                .ok_or(TaxFault::InvoiceNotFound)?;
            let command = Command::Call {
                kind: request.kind.clone(),
                send_by: self.send_by(),
            };
            let events = match decide(Some(&found.value.0), command, self.now()) {
                Ok(events) => events,
                Err(Refusal::CallInFlight) if self.clock().process() < give_up_at => {
                    self.same_key_runs(context.ticket.as_ref()).await?;
                    self.clock().sleep_ms(LOOK_AGAIN_MS).await;
                    continue;
                }
                Err(refusal) => {
                    self.same_key_runs(context.ticket.as_ref()).await?;
                    return Err(TaxFault::from(refusal).into());
                }
            };
            let before = found.value.0.clone();
            let mut unit = Commit::new(self.new_uuid());
            let invoice = self.add_invoice_events(&mut unit, Some(found), &events)?;
            // What the provider never had is deleted at once.
            if invoice.call.is_none() {
                release_keys(&mut unit, &before, &invoice);
                self.done_record(&mut unit, context.ticket.as_ref(), &Answer::Empty)?;
            } else {
                let ticket = context.ticket.as_ref();
                self.add_call_job(&mut unit, &invoice, request.edition, ticket)?;
                self.open_record(&mut unit, ticket)?;
            }
            match self.commit(unit).await {
                Ok(()) if invoice.call.is_none() => return Ok(Answer::Empty),
                Ok(()) => {
                    let with = (&context, Some(&request.note));
                    return self
                        .carry_out(&contract, invoice, request.edition, with)
                        .await;
                }
                Err(CommitError::Conflict("idempotency")) => {
                    return Err(Fault::IdempotencyOutstandingRequest);
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Makes the call whose intent is on disk, and ends the request.
    pub(super) async fn carry_out(
        &self,
        contract: &TaxContract,
        invoice: TaxInvoice,
        edition: Edition,
        (context, note): (&CallContext, Option<&InvoiceNote>),
    ) -> Result<Answer, Fault> {
        let call = invoice
            .call
            .clone()
            .ok_or_else(|| Fault::internal("an invoice without the call that was begun"))?;
        let operation = self.operation(&invoice, &call.kind, note).await?;
        let outcome = self.ask(contract, &operation, Some(call.send_by)).await?;
        let ticket = context.ticket.as_ref();
        self.conclude_call(contract, &invoice, (outcome, edition), ticket)
            .await
    }

    /// The operation that a call is.
    pub(super) async fn operation(
        &self,
        invoice: &TaxInvoice,
        kind: &CallKind,
        note: Option<&InvoiceNote>,
    ) -> Result<TaxOperation, Fault> {
        let written = |invoice: &TaxInvoice| Written {
            keys: invoice.keys.clone(),
            document: Box::new(invoice.document.clone()),
            memo: invoice.memo.clone(),
        };
        let with = note.cloned().unwrap_or_default();
        let note = Note {
            memo: with.memo,
            email_subject: with.email_subject,
        };
        let call = match kind {
            CallKind::Draft => InvoiceCall::Draft(written(invoice)),
            CallKind::DraftAndRequest => InvoiceCall::DraftAndRequest(written(invoice)),
            CallKind::DraftAndIssue => InvoiceCall::DraftAndIssue(written(invoice)),
            CallKind::Update { change } => InvoiceCall::Update(Written {
                document: Box::new(change.document.clone()),
                memo: change.memo.clone(),
                ..written(invoice)
            }),
            CallKind::Request => InvoiceCall::Request(note),
            CallKind::CancelRequest => InvoiceCall::CancelRequest(note),
            CallKind::Refuse => InvoiceCall::Refuse(note),
            CallKind::Issue => InvoiceCall::Issue(note),
            CallKind::CancelIssuance => InvoiceCall::CancelIssuance(note),
            CallKind::SendToNts => InvoiceCall::SendToNts,
            CallKind::Delete => InvoiceCall::Delete,
            CallKind::Attach { attachment } => {
                let file = self.attached_file(&invoice.store_id, attachment).await?;
                InvoiceCall::Attach(file)
            }
            CallKind::Detach { attachment_id } => {
                InvoiceCall::Detach(self.file_at_provider(invoice, attachment_id).await?)
            }
        };
        let invoice = reference(invoice, acting_side(invoice, kind))
            .ok_or_else(|| Fault::internal("an invoice without a document key"))?;
        Ok(TaxOperation::Invoice { invoice, call })
    }
}

/// The side in whose name a call is made.
const fn acting_side(invoice: &TaxInvoice, kind: &CallKind) -> Side {
    match kind {
        CallKind::Request | CallKind::CancelRequest | CallKind::DraftAndRequest => Side::Recipient,
        CallKind::Refuse
        | CallKind::Issue
        | CallKind::CancelIssuance
        | CallKind::SendToNts
        | CallKind::DraftAndIssue => Side::Supplier,
        CallKind::Draft
        | CallKind::Update { .. }
        | CallKind::Delete
        | CallKind::Attach { .. }
        | CallKind::Detach { .. } => invoice.document.issuance.writer(),
    }
}

/// An invoice as the provider finds it, by a side's key; by the other's where that side has none.
pub(super) fn reference(invoice: &TaxInvoice, side: Side) -> Option<InvoiceRef> {
    let by = |side: Side| {
        invoice.keys.of(side).map(|key| InvoiceRef {
            acting: invoice.brn(side).clone(),
            side,
            key: key.to_owned(),
        })
    };
    by(side).or_else(|| by(side.other()))
}
