//! Random sequences of commands by both sides, of reports and of what the provider shows.
//!
//! An issued invoice is never lost or deleted, its signature and amounts never change, and folding
//! the events again gives the same invoice.

use naru_domain::b2b::tax_invoice::{
    CallKind, Change, Command, Event, Issuance, Seen, State, TaxInvoice, apply,
};
use naru_domain::b2b::{Closure, Side};
use proptest::prelude::*;

use crate::tax_invoice_sample::{
    accepted, at, call, document, done, failed, keys, new, signature, step,
};

fn command(issuance: Issuance) -> impl Strategy<Value = Command> {
    let change = Change {
        document: document(issuance),
        memo: Some("changed".to_owned()),
    };
    let kinds = vec![
        CallKind::Request,
        CallKind::CancelRequest,
        CallKind::Refuse,
        CallKind::Issue,
        CallKind::CancelIssuance,
        CallKind::SendToNts,
        CallKind::Delete,
        CallKind::Update {
            change: Box::new(change),
        },
    ];
    let seen = vec![
        Seen::Drafted,
        Seen::Requested,
        Seen::RequestCancelled,
        Seen::RequestRefused,
        Seen::Issued(signature()),
        Seen::BeforeSending(signature()),
        Seen::WaitingSending(signature()),
        Seen::Sending(signature(), at(110)),
        Seen::SendingCompleted(signature(), at(110), accepted()),
        Seen::SendingFailed(signature(), at(110), accepted()),
        Seen::IssuanceCancelled(signature(), None),
        Seen::IssuanceCancelled(
            signature(),
            Some(Closure {
                is_suspended: true,
                on: None,
            }),
        ),
    ];
    let outcomes = vec![done(), failed()];
    prop_oneof![
        3 => proptest::sample::select(kinds).prop_map(call),
        4 => (0_i64..12, proptest::sample::select(outcomes))
            .prop_map(|(number, outcome)| Command::Report { number, outcome }),
        2 => proptest::sample::select(seen).prop_map(Command::Observe),
    ]
}

/// Reports are about the call under way more often than not.
fn aimed(command: Command, invoice: &TaxInvoice) -> Command {
    match command {
        Command::Report { number, outcome } if number > 3 => Command::Report {
            number: invoice.call_count,
            outcome,
        },
        other => other,
    }
}

/// The table "who may do what" of our notes, written a second time: the side whose key an action
/// needs, and whether it is possible from where the invoice stands.
fn by_the_table(invoice: &TaxInvoice, kind: &CallKind) -> bool {
    let has = |side: Side| invoice.keys.of(side).is_some();
    let is_reverse = invoice.document.issuance == Issuance::Reverse;
    match (kind, &invoice.state) {
        (CallKind::Request, State::Drafted) => is_reverse && has(Side::Recipient),
        (CallKind::CancelRequest, State::Requested) => has(Side::Recipient),
        (CallKind::Refuse, State::Requested) => has(Side::Supplier),
        (CallKind::Issue, State::Requested) => is_reverse && has(Side::Supplier),
        (CallKind::Issue, State::Drafted) => !is_reverse && has(Side::Supplier),
        (CallKind::CancelIssuance | CallKind::SendToNts, State::Issued { .. })
        | (CallKind::Update { .. }, State::Drafted)
        | (
            CallKind::Delete,
            State::Absent
            | State::Drafted
            | State::RequestCancelled
            | State::RequestRefused
            | State::IssuanceCancelled { .. }
            | State::SendingFailed { .. },
        ) => true,
        (
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
            | CallKind::Delete
            | CallKind::Attach { .. }
            | CallKind::Detach { .. },
            _,
        ) => false,
    }
}

/// Who writes it, whether the other side has a key as well, and what happens.
fn sequences() -> impl Strategy<Value = (Issuance, bool, Vec<Command>)> {
    prop_oneof![Just(Issuance::Forward), Just(Issuance::Reverse)].prop_flat_map(|issuance| {
        (
            Just(issuance),
            any::<bool>(),
            proptest::collection::vec(command(issuance), 0..40),
        )
    })
}

proptest! {
    #[test]
    fn an_issued_invoice_is_never_lost((issuance, has_both, commands) in sequences()) {
        let writer = issuance.writer();
        let keys = keys(
            has_both || writer == Side::Supplier,
            has_both || writer == Side::Recipient,
        );
        let begun = step(None, new(issuance, keys, CallKind::Draft)).unwrap();
        let (mut invoice, mut history) = begun;
        let mut was_effective = false;
        for command in commands {
            let command = aimed(command, &invoice);
            if let Command::Call { kind, .. } = &command
                && invoice.call.is_none()
                && !invoice.state.is_deleted()
            {
                let is_done = step(Some(invoice.clone()), command.clone()).is_ok();
                prop_assert_eq!(is_done, by_the_table(&invoice, kind), "{:?}", kind);
            }
            let Ok((next, events)) = step(Some(invoice.clone()), command) else { continue };
            history.extend(events);
            if let Some(issued) = invoice.state.issued()
                && !matches!(next.state, State::Deleted { .. })
            {
                prop_assert_eq!(next.state.issued(), Some(issued));
                prop_assert_eq!(&next.document, &invoice.document);
            }
            was_effective |= matches!(next.state, State::SendingCompleted { .. });
            if matches!(next.state, State::Deleted { .. }) {
                prop_assert!(invoice.state.is_deletable());
                prop_assert!(!was_effective);
            }
            let totals = next.document.totals;
            prop_assert_eq!(totals.supply + totals.tax, totals.total);
            invoice = next;
        }
        let folded = history.iter().fold(None, |invoice, event: &Event| apply(invoice, event));
        prop_assert_eq!(folded.as_ref(), Some(&invoice));
        let stored = serde_json::to_string(&invoice).unwrap();
        prop_assert_eq!(serde_json::from_str::<TaxInvoice>(&stored).unwrap(), invoice);
    }
}
