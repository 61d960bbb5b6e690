//! Disputes: they change no status and no amount.

use naru_domain::payment::{Command, DISPUTES_MAX, Dispute, Effect, Refusal, Reporter, Trigger};

use crate::book::Book;
use crate::cancel::paid;
use crate::sample::{STATES, book_in};
use crate::support::{at, cancel, refunded, resolve_refund, won};
use crate::tables::{assert_table, row};

fn open(id: Option<&str>) -> Command {
    Command::OpenDispute(Dispute {
        pg_dispute_id: id.map(str::to_owned),
        reason: "not received".to_owned(),
        created_at: at(20),
        resolved_at: None,
    })
}

fn end(id: Option<&str>) -> Command {
    Command::ResolveDispute {
        pg_dispute_id: id.map(str::to_owned),
        resolved_at: at(30),
    }
}

#[test]
fn only_money_that_was_taken_can_be_disputed() {
    let rows: Vec<_> = STATES
        .iter()
        .map(|state| {
            let answer = book_in(state).ask(open(None));
            let text = answer.map_or_else(|why| format!("{why:?}"), |_| "opens".to_owned());
            row([state, &text])
        })
        .filter(|row| row[1] != "PaymentNotPaid")
        .collect();
    assert_table(&rows, "Captured | opens");
}

#[test]
fn a_dispute_is_announced_and_changes_nothing_else() {
    let mut book = paid(won(1_000));
    let opened = book.run(open(Some("d-1"))).unwrap();
    assert!(matches!(
        opened.effects.as_slice(),
        [Effect::Announce {
            trigger: Some(Trigger::DisputeCreated),
            ..
        }]
    ));
    assert_eq!(book.payment().status().name(), "PAID");
    assert_eq!(book.run(open(Some("d-1"))), Err(Refusal::NothingToDo));
    let ended = book.run(end(Some("d-1"))).unwrap();
    assert!(matches!(
        ended.effects.as_slice(),
        [Effect::Announce {
            trigger: Some(Trigger::DisputeResolved),
            ..
        }]
    ));
    assert_eq!(book.payment().disputes[0].resolved_at, Some(at(30)));
    assert_eq!(book.run(end(Some("d-1"))), Err(Refusal::NothingToDo));
    assert_eq!(book.run(end(Some("d-2"))), Err(Refusal::DisputeNotFound));
}

#[test]
fn without_an_id_the_only_open_dispute_is_meant() {
    let mut book = paid(won(1_000));
    assert_eq!(book.run(end(None)), Err(Refusal::DisputeNotFound));
    book.run(open(None)).unwrap();
    book.run(open(Some("d-2"))).unwrap();
    assert_eq!(book.run(end(None)), Err(Refusal::DisputeNotFound), "which?");
    book.run(end(Some("d-2"))).unwrap();
    book.run(end(None)).unwrap();
    assert!(
        book.payment()
            .disputes
            .iter()
            .all(|dispute| dispute.resolved_at.is_some())
    );
}

#[test]
fn a_cancelled_payment_keeps_its_disputes_and_they_are_limited() {
    let mut book: Book = paid(won(1_000));
    book.run(open(Some("d-1"))).unwrap();
    book.run(cancel(1, None)).unwrap();
    book.run(resolve_refund(1, refunded(), Reporter::Request))
        .unwrap();
    book.run(end(Some("d-1"))).unwrap();
    for number in 1..DISPUTES_MAX {
        book.run(open(Some(&format!("more-{number}")))).unwrap();
    }
    assert_eq!(
        book.run(open(Some("one-more"))),
        Err(Refusal::MaxDisputeCountReached)
    );
}

#[test]
fn refusals_of_an_end_come_in_their_order() {
    let early = |id: &str| Command::ResolveDispute {
        pg_dispute_id: Some(id.to_owned()),
        resolved_at: at(19),
    };
    assert_eq!(
        book_in("Failed").ask(early("d-1")),
        Err(Refusal::PaymentNotPaid)
    );
    let mut book = paid(won(1_000));
    assert_eq!(book.ask(early("d-1")), Err(Refusal::DisputeNotFound));
    book.run(open(Some("d-1"))).unwrap();
    assert_eq!(book.ask(early("d-2")), Err(Refusal::DisputeNotFound));
    assert_eq!(
        book.ask(early("d-1")),
        Err(Refusal::DisputeEndsBeforeItBegan)
    );
    book.run(end(Some("d-1"))).unwrap();
    assert_eq!(book.ask(early("d-1")), Err(Refusal::NothingToDo));
}

/// A dispute that the PG opens anew after the money went back is recorded all the same.
#[test]
fn money_that_went_back_can_be_disputed_still() {
    let mut book = paid(won(1_000));
    book.run(cancel(1, None)).unwrap();
    book.run(resolve_refund(1, refunded(), Reporter::Request))
        .unwrap();
    book.run(open(Some("d-1"))).unwrap();
    assert_eq!(book.payment().status().name(), "CANCELLED");
    book.run(end(None)).unwrap();
}
