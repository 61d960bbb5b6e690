//! Random sequences of commands by both sides, of reports and of what the provider shows.
//!
//! An issued invoice is never lost or deleted, its signature and amounts never change, and folding
//! the events again gives the same invoice.

use naru_domain::b2b::tax_invoice::{
    CallKind, Change, Command, Event, Issuance, Seen, State, TaxInvoice, apply,
};
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

fn sequences() -> impl Strategy<Value = (Issuance, Vec<Command>)> {
    prop_oneof![Just(Issuance::Forward), Just(Issuance::Reverse)].prop_flat_map(|issuance| {
        (
            Just(issuance),
            proptest::collection::vec(command(issuance), 0..40),
        )
    })
}

proptest! {
    #[test]
    fn an_issued_invoice_is_never_lost((issuance, commands) in sequences()) {
        let begun = step(None, new(issuance, keys(true, true), CallKind::Draft)).unwrap();
        let (mut invoice, mut history) = begun;
        let mut was_effective = false;
        for command in commands {
            let command = aimed(command, &invoice);
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
