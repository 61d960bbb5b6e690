//! Folding events. Total: an event is a fact.

use super::{Event, FailedCall, State, TaxInvoice};
use crate::Timestamp;

/// Folds an event into an invoice.
pub fn apply(invoice: Option<TaxInvoice>, event: &Event) -> Option<TaxInvoice> {
    let mut invoice = match (invoice, event) {
        (Some(invoice), _) => invoice,
        (None, Event::Created { invoice }) => TaxInvoice::clone(invoice),
        (None, _) => return None,
    };
    invoice.event_count += 1;
    match event {
        Event::Created { .. } => {}
        Event::CallBegan { call } => {
            invoice.call_count = call.number;
            invoice.status_changed_at = call.at;
            invoice.call = Some(call.as_ref().clone());
            invoice.failed = None;
        }
        Event::CallFailed { failure, at } => {
            invoice.status_changed_at = *at;
            invoice.failed = invoice.call.take().map(|call| FailedCall {
                kind: call.kind,
                failure: failure.clone(),
                at: *at,
            });
        }
        Event::CallDone { at } => {
            invoice.status_changed_at = *at;
            invoice.call = None;
            invoice.failed = None;
        }
        Event::Drafted { at } => {
            invoice.drafted_at = Some(*at);
            enter(&mut invoice, State::Drafted, *at);
        }
        Event::Updated { change, .. } => {
            invoice.document = change.document.clone();
            invoice.memo.clone_from(&change.memo);
        }
        Event::Requested { at } => {
            invoice.requested_at = Some(*at);
            enter(&mut invoice, State::Requested, *at);
        }
        Event::RequestCancelled { at } => enter(&mut invoice, State::RequestCancelled, *at),
        Event::RequestRefused { at } => enter(&mut invoice, State::RequestRefused, *at),
        Event::Issued { issued, at } => {
            let issued = issued.clone();
            enter(&mut invoice, State::Issued { issued }, *at);
        }
        Event::IssuanceCancelled { recipient, at } => {
            if let Some(issued) = invoice.state.issued().cloned() {
                let recipient = *recipient;
                enter(
                    &mut invoice,
                    State::IssuanceCancelled { issued, recipient },
                    *at,
                );
            }
        }
        Event::RecipientSeen { recipient, .. } => invoice.state.recipient_is(*recipient),
        Event::Transmitted { state, at } => enter(&mut invoice, state.clone(), *at),
        Event::Attached { attachment } => invoice.attachments.push(attachment.clone()),
        Event::Detached { attachment_id, .. } => {
            invoice.attachments.retain(|one| one.id != *attachment_id);
        }
        Event::Deleted { at } => enter(&mut invoice, State::Deleted { at: *at }, *at),
    }
    Some(invoice)
}

fn enter(invoice: &mut TaxInvoice, state: State, at: Timestamp) {
    invoice.state = state;
    invoice.status_changed_at = at;
}
