//! The rules: who may do what from where (the table in section 5.2 of our notes on B2B).

use super::super::Side;
use super::observe::observed;
use super::{
    Call, CallKind, CallOutcome, Command, Event, Issuance, NewInvoice, Refusal, State, TaxInvoice,
};
use crate::Timestamp;
use crate::payment::Failure;

/// Files on one invoice, at the provider.
const ATTACHMENTS_MAX: usize = 5;

/// Decides a command. `now` is the business clock.
pub fn decide(
    invoice: Option<&TaxInvoice>,
    command: Command,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::Create(new) => create(*new, now),
        Command::Call { kind, send_by } => {
            let invoice = invoice
                .filter(|invoice| !matches!(invoice.state, State::Deleted { .. }))
                .ok_or(Refusal::NotFound)?;
            begin(invoice, kind, send_by, now)
        }
        Command::Report { number, outcome } => {
            let invoice = invoice.ok_or(Refusal::NotFound)?;
            report(invoice, number, outcome, now)
        }
        Command::Observe(seen) => {
            let invoice = invoice.ok_or(Refusal::NotFound)?;
            if invoice.call.is_some() {
                return Err(Refusal::CallInFlight);
            }
            let events = observed(&invoice.state, &seen, now);
            if events.is_empty() {
                return Err(Refusal::NothingToDo);
            }
            Ok(events)
        }
    }
}

const fn missing_key(side: Side) -> Refusal {
    match side {
        Side::Supplier => Refusal::NoSupplierDocumentKey,
        Side::Recipient => Refusal::NoRecipientDocumentKey,
    }
}

fn create(new: NewInvoice, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    let writer = match new.kind {
        CallKind::DraftAndRequest => Side::Recipient,
        CallKind::DraftAndIssue => Side::Supplier,
        CallKind::Draft => new.document.issuance.writer(),
        CallKind::Update { .. }
        | CallKind::Request
        | CallKind::CancelRequest
        | CallKind::Refuse
        | CallKind::Issue
        | CallKind::CancelIssuance
        | CallKind::SendToNts
        | CallKind::Delete
        | CallKind::Attach { .. }
        | CallKind::Detach { .. } => return Err(Refusal::NotFound),
    };
    if new.keys.of(writer).is_none() {
        return Err(missing_key(writer));
    }
    let call = Call {
        number: 1,
        kind: new.kind,
        send_by: new.send_by,
        at: now,
    };
    let invoice = TaxInvoice {
        merchant_id: new.merchant_id,
        store_id: new.store_id,
        id: new.id,
        is_test: new.is_test,
        bulk_id: new.bulk_id,
        keys: new.keys,
        document: new.document,
        memo: new.memo,
        created_at: now,
        drafted_at: None,
        requested_at: None,
        opened_at: None,
        state: State::Absent,
        status_changed_at: now,
        call: Some(call),
        failed: None,
        attachments: Vec::new(),
        call_count: 1,
        event_count: 0,
    };
    Ok(vec![Event::Created {
        invoice: Box::new(invoice),
    }])
}

fn begin(
    invoice: &TaxInvoice,
    kind: CallKind,
    send_by: Timestamp,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    if invoice.call.is_some() {
        return Err(Refusal::CallInFlight);
    }
    // Nothing to ask for: the provider never had it.
    if invoice.state == State::Absent && kind == CallKind::Delete {
        return Ok(vec![Event::Deleted { at: now }]);
    }
    permitted(invoice, &kind)?;
    let call = Call {
        number: invoice.call_count + 1,
        kind,
        send_by,
        at: now,
    };
    Ok(vec![Event::CallBegan {
        call: Box::new(call),
    }])
}

/// Who may do what from where: the acting side's key first, then the state.
fn permitted(invoice: &TaxInvoice, kind: &CallKind) -> Result<(), Refusal> {
    let needs_key = |side: Side| match invoice.keys.of(side) {
        Some(_) => Ok(()),
        None => Err(missing_key(side)),
    };
    let must = |holds: bool, refusal: Refusal| if holds { Ok(()) } else { Err(refusal) };
    let is_draft = invoice.state == State::Drafted;
    let is_requested = invoice.state == State::Requested;
    let is_issued = matches!(invoice.state, State::Issued { .. });
    match kind {
        CallKind::Draft => must(never_arrived(invoice), Refusal::NotDrafted),
        // An invoice is created once.
        CallKind::DraftAndRequest | CallKind::DraftAndIssue => Err(Refusal::NotDrafted),
        CallKind::Update { .. } => must(is_draft, Refusal::NotDrafted),
        CallKind::Request => {
            needs_key(Side::Recipient)?;
            must(
                is_draft && invoice.document.issuance == Issuance::Reverse,
                Refusal::NotDrafted,
            )
        }
        CallKind::CancelRequest => {
            needs_key(Side::Recipient)?;
            must(is_requested, Refusal::NotRequested)
        }
        CallKind::Refuse => {
            needs_key(Side::Supplier)?;
            must(is_requested, Refusal::NotRequested)
        }
        CallKind::Issue => {
            needs_key(Side::Supplier)?;
            match invoice.document.issuance {
                Issuance::Forward => must(is_draft, Refusal::NotDrafted),
                Issuance::Reverse => must(is_requested, Refusal::NotRequested),
            }
        }
        CallKind::CancelIssuance | CallKind::SendToNts => must(is_issued, Refusal::NotIssued),
        CallKind::Delete => must(invoice.state.is_deletable(), Refusal::NonDeletable),
        CallKind::Attach { .. } => {
            must(is_draft, Refusal::NotDrafted)?;
            must(
                invoice.attachments.len() < ATTACHMENTS_MAX,
                Refusal::TooManyAttachments,
            )
        }
        CallKind::Detach { attachment_id } => {
            must(is_draft, Refusal::NotDrafted)?;
            let is_there = |id: &String| invoice.attachments.iter().any(|one| one.id == *id);
            must(is_there(attachment_id), Refusal::AttachmentNotFound)
        }
    }
}

/// A draft that the provider surely never received may be sent again, under its own id.
fn never_arrived(invoice: &TaxInvoice) -> bool {
    invoice.state == State::Absent
        && invoice.failed.as_ref().is_some_and(|failed| {
            failed.kind == CallKind::Draft && failed.failure.pg_code == Failure::NOT_SENT
        })
}

/// What the tax office makes of it is observed.
fn sent_now(state: &State, at: Timestamp) -> Option<Event> {
    let State::Issued { issued } = state else {
        return None;
    };
    Some(Event::Transmitted {
        state: State::WaitingSending {
            issued: issued.clone(),
        },
        at,
    })
}

fn report(
    invoice: &TaxInvoice,
    number: i64,
    outcome: CallOutcome,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let call = invoice
        .call
        .as_ref()
        .filter(|call| call.number == number)
        .ok_or(Refusal::NothingToDo)?;
    let (issued, recipient) = match outcome {
        CallOutcome::Failed(failure) => {
            return Ok(vec![Event::CallFailed { failure, at: now }]);
        }
        CallOutcome::Done { issued, recipient } => (issued, recipient),
    };
    let mut events = vec![Event::CallDone { at: now }];
    let at = now;
    match &call.kind {
        CallKind::Draft => events.push(Event::Drafted { at }),
        CallKind::DraftAndRequest => {
            events.push(Event::Drafted { at });
            events.push(Event::Requested { at });
        }
        CallKind::Update { change } => events.push(Event::Updated {
            change: change.clone(),
            at,
        }),
        CallKind::Request => events.push(Event::Requested { at }),
        CallKind::CancelRequest => events.push(Event::RequestCancelled { at }),
        CallKind::Refuse => events.push(Event::RequestRefused { at }),
        CallKind::DraftAndIssue | CallKind::Issue => {
            let Some(issued) = issued else {
                // A provider that signs without an approval number has not signed.
                let failure = Failure::own(
                    Failure::OUTCOME_UNKNOWN,
                    "the provider gave no approval number",
                );
                return Ok(vec![Event::CallFailed { failure, at }]);
            };
            if call.kind.creates() {
                events.push(Event::Drafted { at });
            }
            events.push(Event::Issued { issued, at });
        }
        CallKind::CancelIssuance => events.push(Event::IssuanceCancelled { recipient, at }),
        CallKind::SendToNts => events.extend(sent_now(&invoice.state, at)),
        CallKind::Delete => events.push(Event::Deleted { at }),
        CallKind::Attach { attachment } => events.push(Event::Attached {
            attachment: attachment.clone(),
        }),
        CallKind::Detach { attachment_id } => events.push(Event::Detached {
            attachment_id: attachment_id.clone(),
            at,
        }),
    }
    Ok(events)
}
