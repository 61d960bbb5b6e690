//! Undoing what was taken or issued.

use naru_domain::payment::{Event, Refusal, Status};

use crate::sample::{STATES, SUBJECT, book_in, outcome_on_subject};
use crate::support::{attempt_id, cancel, irreversible, reversed};
use crate::tables::{assert_table, row};

#[test]
fn only_what_is_being_reversed_has_a_reversal_to_report() {
    let rows: Vec<_> = STATES
        .iter()
        .map(|state| {
            let done = outcome_on_subject(state, reversed(SUBJECT));
            row([
                state,
                &done,
                &outcome_on_subject(state, irreversible(SUBJECT)),
            ])
        })
        .filter(|row| row[1] != "–" || row[2] != "–")
        .collect();
    assert_table(
        &rows,
        "
Reversing (money) | Reversed (money) | Reversing (money), record surplus of 1000
Reversing (account) | Reversed (account) | Reversing (account), record surplus of 0
",
    );
}

#[test]
fn a_reversal_of_no_attempt_is_refused() {
    assert_eq!(
        book_in("Reversing (money)").ask(reversed(9)),
        Err(Refusal::NothingToDo)
    );
}

#[test]
fn money_that_is_or_was_reversed_is_not_cancellable() {
    for state in ["Reversing (money)", "Reversed (money)"] {
        let book = book_in(state);
        assert_eq!(book.payment().status(), Status::Failed);
        assert_eq!(book.ask(cancel(1, None)), Err(Refusal::PaymentNotPaid));
    }
}

#[test]
fn a_reversal_that_needs_a_person_stays_in_reversal_and_says_why() {
    let mut book = book_in("Reversing (money)");
    let before = book.state(attempt_id(SUBJECT)).clone();
    let decision = book.run(irreversible(SUBJECT)).unwrap();
    assert_eq!(*book.state(attempt_id(SUBJECT)), before);
    let [Event::DiscrepancyFound { discrepancy, .. }] = decision.events.as_slice() else {
        panic!("{decision:?}");
    };
    let text = format!("{discrepancy:?}");
    assert!(text.contains("[NEEDS_ACCOUNT] no"), "{text}");
    book.run(reversed(SUBJECT)).unwrap();
}
