//! Who may do what with a tax invoice from where, and in which order commands are refused.

use naru_domain::b2b::Side;
use naru_domain::b2b::tax_invoice::{
    CallKind, Command, Event, Issuance, Refusal, Seen, State, TaxInvoice, took_effect,
};
use naru_domain::payment::Failure;

use crate::tax_invoice_sample::{
    accepted, at, call, carried_out, done, draft, failed, in_every_state, keys, new, settled,
    signature, step, without_key,
};

fn name(state: &State) -> &'static str {
    match state {
        State::Absent => "Absent",
        State::Drafted => "Drafted",
        State::Requested => "Requested",
        State::RequestCancelled => "RequestCancelled",
        State::RequestRefused => "RequestRefused",
        State::Issued { .. } => "Issued",
        State::BeforeSending { .. } => "BeforeSending",
        State::WaitingSending { .. } => "WaitingSending",
        State::Sending { .. } => "Sending",
        State::SendingCompleted { .. } => "SendingCompleted",
        State::SendingFailed { .. } => "SendingFailed",
        State::IssuanceCancelled { .. } => "IssuanceCancelled",
        State::Deleted { .. } => "Deleted",
    }
}

/// The states, and issuances, in which a call is permitted.
fn permitted_in(kind: &CallKind) -> Vec<(&'static str, Issuance)> {
    in_every_state()
        .into_iter()
        .filter_map(|invoice| {
            let found = (name(&invoice.state), invoice.document.issuance);
            step(Some(invoice), call(kind.clone())).ok().map(|_| found)
        })
        .collect()
}

#[test]
fn each_action_is_possible_only_from_its_states() {
    use Issuance::{Forward, Reverse};
    let table = [
        (CallKind::Request, vec![("Drafted", Reverse)]),
        (CallKind::CancelRequest, vec![("Requested", Reverse)]),
        (CallKind::Refuse, vec![("Requested", Reverse)]),
        (
            CallKind::Issue,
            vec![("Drafted", Forward), ("Requested", Reverse)],
        ),
        (CallKind::CancelIssuance, vec![("Issued", Reverse)]),
        (CallKind::SendToNts, vec![("Issued", Reverse)]),
        (
            CallKind::Delete,
            vec![
                ("Absent", Reverse),
                ("Drafted", Reverse),
                ("Drafted", Forward),
                ("RequestCancelled", Reverse),
                ("RequestRefused", Reverse),
                ("SendingFailed", Reverse),
                ("IssuanceCancelled", Reverse),
            ],
        ),
        (CallKind::Draft, vec![]),
        (CallKind::DraftAndRequest, vec![]),
        (CallKind::DraftAndIssue, vec![]),
    ];
    for (kind, expected) in table {
        assert_eq!(permitted_in(&kind), expected, "{kind:?}");
    }
}

#[test]
fn a_wrong_move_is_refused_by_name() {
    let table = [
        (CallKind::Request, Refusal::NotDrafted),
        (CallKind::CancelRequest, Refusal::NotRequested),
        (CallKind::Refuse, Refusal::NotRequested),
        (CallKind::Issue, Refusal::NotRequested),
        (CallKind::CancelIssuance, Refusal::NotIssued),
        (CallKind::SendToNts, Refusal::NotIssued),
        (CallKind::Delete, Refusal::NonDeletable),
    ];
    let completed = in_every_state()
        .into_iter()
        .find(|invoice| name(&invoice.state) == "SendingCompleted")
        .unwrap();
    for (kind, refusal) in table {
        let refused = step(Some(completed.clone()), call(kind)).unwrap_err();
        assert_eq!(refused, refusal);
    }
}

/// The table in the order of refusals: each line breaks its own rule and every rule after it.
#[test]
fn refusals_come_in_their_order() {
    let sending = |side| {
        let invoice = in_every_state()
            .into_iter()
            .find(|invoice| matches!(invoice.state, State::Sending { .. }));
        without_key(invoice.unwrap(), side)
    };
    let busy = |side| {
        step(
            Some(without_key(draft(Issuance::Forward), side)),
            call(CallKind::Delete),
        )
    };
    let deleted = in_every_state().pop().unwrap();

    assert_eq!(
        step(None, call(CallKind::Issue)).unwrap_err(),
        Refusal::NotFound
    );
    let refused = step(Some(deleted), call(CallKind::Issue)).unwrap_err();
    assert_eq!(refused, Refusal::NotFound);
    let (running, _) = busy(Side::Supplier).unwrap();
    let refused = step(Some(running), call(CallKind::Issue)).unwrap_err();
    assert_eq!(refused, Refusal::CallInFlight);
    for (side, kind, refusal) in [
        (
            Side::Recipient,
            CallKind::Request,
            Refusal::NoRecipientDocumentKey,
        ),
        (
            Side::Recipient,
            CallKind::CancelRequest,
            Refusal::NoRecipientDocumentKey,
        ),
        (
            Side::Supplier,
            CallKind::Refuse,
            Refusal::NoSupplierDocumentKey,
        ),
        (
            Side::Supplier,
            CallKind::Issue,
            Refusal::NoSupplierDocumentKey,
        ),
    ] {
        assert_eq!(step(Some(sending(side)), call(kind)).unwrap_err(), refusal);
    }
}

#[test]
fn the_writer_needs_a_document_key() {
    let forward = new(Issuance::Forward, keys(false, true), CallKind::Draft);
    assert_eq!(
        step(None, forward).unwrap_err(),
        Refusal::NoSupplierDocumentKey
    );
    let reverse = new(
        Issuance::Reverse,
        keys(true, false),
        CallKind::DraftAndRequest,
    );
    assert_eq!(
        step(None, reverse).unwrap_err(),
        Refusal::NoRecipientDocumentKey
    );
}

#[test]
fn a_creation_that_failed_gives_its_keys_back_and_can_be_deleted() {
    let command = new(
        Issuance::Reverse,
        keys(true, true),
        CallKind::DraftAndRequest,
    );
    let (begun, _) = step(None, command).unwrap();
    assert!(begun.holds_keys());
    let ended = settled(begun, failed()).unwrap();
    assert_eq!(ended.state, State::Absent);
    assert_eq!(
        ended.failed.as_ref().unwrap().kind,
        CallKind::DraftAndRequest
    );
    assert!(!ended.holds_keys());
    let (deleted, events) = step(Some(ended), call(CallKind::Delete)).unwrap();
    assert_eq!(events, [Event::Deleted { at: at(100) }]);
    assert!(matches!(deleted.state, State::Deleted { .. }));
}

#[test]
fn a_failed_call_leaves_the_state_and_may_be_made_again() {
    let (invoice, _) = step(Some(draft(Issuance::Forward)), call(CallKind::Issue)).unwrap();
    let ended = settled(invoice, failed()).unwrap();
    assert_eq!(ended.state, State::Drafted);
    assert_eq!(ended.failed.as_ref().unwrap().kind, CallKind::Issue);
    let again = carried_out(ended, CallKind::Issue).unwrap();
    assert!(again.failed.is_none());
    assert_eq!(
        again.state,
        State::Issued {
            issued: signature()
        }
    );
}

#[test]
fn a_late_report_meets_no_later_call() {
    let (first, _) = step(Some(draft(Issuance::Forward)), call(CallKind::Issue)).unwrap();
    let number = first.call.as_ref().unwrap().number;
    let ended = settled(first, failed()).unwrap();
    let (second, _) = step(Some(ended), call(CallKind::Delete)).unwrap();
    let report = Command::Report {
        number,
        outcome: done(),
    };
    assert_eq!(
        step(Some(second), report).unwrap_err(),
        Refusal::NothingToDo
    );
}

#[test]
fn an_issue_without_an_approval_number_is_no_issue() {
    let (invoice, _) = step(Some(draft(Issuance::Forward)), call(CallKind::Issue)).unwrap();
    let outcome = naru_domain::b2b::tax_invoice::CallOutcome::Done {
        issued: None,
        recipient: None,
    };
    let ended = settled(invoice, outcome).unwrap();
    assert_eq!(ended.state, State::Drafted);
    let failure = ended.failed.unwrap().failure;
    assert_eq!(failure.pg_code, Failure::OUTCOME_UNKNOWN);
}

fn observe(invoice: TaxInvoice, seen: Seen) -> Result<(TaxInvoice, Vec<Event>), Refusal> {
    step(Some(invoice), Command::Observe(seen))
}

#[test]
fn what_the_provider_shows_moves_an_invoice_forward_only() {
    let issued = carried_out(draft(Issuance::Forward), CallKind::Issue).unwrap();
    let seen = Seen::SendingCompleted(signature(), at(110), accepted());
    let (completed, _) = observe(issued, seen).unwrap();
    assert_eq!(name(&completed.state), "SendingCompleted");
    for late in [
        Seen::Issued(signature()),
        Seen::Sending(signature(), at(110)),
        Seen::SendingFailed(signature(), at(110), accepted()),
        Seen::IssuanceCancelled(signature(), None),
    ] {
        let refused = observe(completed.clone(), late).unwrap_err();
        assert_eq!(refused, Refusal::NothingToDo);
    }
}

#[test]
fn a_signature_never_changes() {
    let issued = carried_out(draft(Issuance::Forward), CallKind::Issue).unwrap();
    let mut other = signature();
    other.approval_number = "20260302410000000000ffff".to_owned();
    let refused = observe(issued, Seen::Sending(other, at(110))).unwrap_err();
    assert_eq!(refused, Refusal::NothingToDo);
}

#[test]
fn a_supplier_that_signs_at_the_providers_site_is_seen() {
    let requested = carried_out(draft(Issuance::Reverse), CallKind::Request).unwrap();
    let (invoice, events) = observe(requested, Seen::BeforeSending(signature())).unwrap();
    assert_eq!(
        events.iter().map(Event::kind).collect::<Vec<_>>(),
        ["TaxInvoiceIssued", "TaxInvoiceTransmitted"]
    );
    assert_eq!(invoice.state.issued(), Some(&signature()));
}

#[test]
fn a_lost_answer_is_settled_by_what_the_provider_shows() {
    let issued = Seen::Issued(signature());
    let table = [
        (CallKind::Draft, None, Some(false)),
        (CallKind::Draft, Some(Seen::Drafted), Some(true)),
        (CallKind::DraftAndRequest, Some(Seen::Drafted), Some(false)),
        (CallKind::DraftAndRequest, Some(Seen::Requested), Some(true)),
        (CallKind::Issue, Some(Seen::Requested), Some(false)),
        (CallKind::Issue, Some(issued.clone()), Some(true)),
        (CallKind::CancelRequest, Some(issued.clone()), Some(false)),
        (CallKind::Refuse, Some(Seen::RequestRefused), Some(true)),
        (CallKind::CancelIssuance, Some(issued.clone()), Some(false)),
        (CallKind::SendToNts, Some(issued), Some(false)),
        (
            CallKind::SendToNts,
            Some(Seen::WaitingSending(signature())),
            Some(true),
        ),
        (CallKind::Delete, None, Some(true)),
        (CallKind::Delete, Some(Seen::Drafted), Some(false)),
        (
            CallKind::Detach {
                attachment_id: "1".to_owned(),
            },
            Some(Seen::Drafted),
            None,
        ),
    ];
    for (kind, seen, expected) in table {
        assert_eq!(
            took_effect(&kind, seen.as_ref()),
            expected,
            "{kind:?} {seen:?}"
        );
    }
}

/// A draft that the provider surely never received is sent again under its own id; one that it
/// refused is not, and no other creation is.
#[test]
fn only_a_draft_that_never_arrived_is_drafted_again() {
    let ended = |kind: CallKind, code: &str| {
        let begun = step(None, new(Issuance::Reverse, keys(true, true), kind))
            .unwrap()
            .0;
        let failure = Failure::own(code, "why");
        settled(
            begun,
            naru_domain::b2b::tax_invoice::CallOutcome::Failed(failure),
        )
        .unwrap()
    };
    let lost = ended(CallKind::Draft, Failure::NOT_SENT);
    assert!(!lost.holds_keys());
    let (again, events) = step(Some(lost.clone()), call(CallKind::Draft)).unwrap();
    assert_eq!((events.len(), again.call_count), (1, 2));
    assert!(again.holds_keys() && again.failed.is_none());
    assert_eq!(settled(again, done()).unwrap().state, State::Drafted);
    for refused in [
        step(Some(lost), call(CallKind::DraftAndRequest)),
        step(
            Some(ended(CallKind::Draft, "-11000001")),
            call(CallKind::Draft),
        ),
        step(
            Some(ended(CallKind::DraftAndRequest, Failure::NOT_SENT)),
            call(CallKind::Draft),
        ),
        step(Some(draft(Issuance::Reverse)), call(CallKind::Draft)),
    ] {
        assert_eq!(refused.unwrap_err(), Refusal::NotDrafted);
    }
}

/// How the recipient's business ended may be seen later than the cancellation, once.
#[test]
fn the_recipients_end_is_added_to_a_cancellation() {
    use naru_domain::b2b::Closure;
    let closed = Closure {
        is_suspended: false,
        on: None,
    };
    let cancelled = in_every_state()
        .into_iter()
        .find(|invoice| matches!(invoice.state, State::IssuanceCancelled { .. }))
        .unwrap();
    assert!(cancelled.has_news_to_come());
    let seen = |recipient| Command::Observe(Seen::IssuanceCancelled(signature(), recipient));
    let nothing = step(Some(cancelled.clone()), seen(None)).unwrap_err();
    assert_eq!(nothing, Refusal::NothingToDo);
    let (known, events) = step(Some(cancelled), seen(Some(closed))).unwrap();
    assert!(matches!(events[..], [Event::RecipientSeen { .. }]));
    assert_eq!(known.state.recipient(), Some(closed));
    assert!(!known.has_news_to_come());
    let again = step(Some(known), seen(Some(closed))).unwrap_err();
    assert_eq!(again, Refusal::NothingToDo);
}
