//! A billing key that several channels hold: what is deleted where, and what can be charged then.

use naru_domain::billing_key::{BillingKeyRefusal, BillingKeyState, ChannelDeletion};
use naru_domain::payment::Failure;

use crate::billing_key::{Answer, Book, deletion, failed, issued, text};
use crate::support::{at, attempt_id, failure};

/// A key that channels 1 to 3 hold and channel 4 does not; all PGs have a call to delete.
fn held_by_three() -> Book {
    let mut book = Book::new(4);
    for number in 1..=3 {
        book.answer(number, issued(number)).unwrap();
    }
    book.answer(4, failed()).unwrap();
    book
}

fn delete(book: &mut Book) -> Answer {
    book.run(book.key.delete(deletion(), |_| true, at(5)))
}

fn answered(book: &mut Book, number: u128, outcome: Result<i64, Failure>) -> Answer {
    let outcome = outcome.map(at);
    book.run(
        book.key
            .deletion_answered(attempt_id(number), outcome, at(6)),
    )
}

#[test]
fn a_key_is_deleted_when_it_is_gone_everywhere() {
    let mut book = held_by_three();
    assert_eq!(text(delete(&mut book)), "BillingKeyDeletionBegan");
    for number in [2, 1] {
        let answer = answered(&mut book, number, Ok(6));
        assert_eq!(text(answer), "BillingKeyChannelDeletionAnswered");
        assert!(matches!(book.key.state, BillingKeyState::Issued { .. }));
    }
    let answer = answered(&mut book, 3, Ok(6));
    assert_eq!(
        text(answer),
        "BillingKeyChannelDeletionAnswered, BillingKeyDeleted"
    );
    assert!(matches!(book.key.state, BillingKeyState::Deleted { .. }));
}

#[test]
fn a_channel_that_refuses_keeps_the_key_issued_and_a_second_deletion_finishes_the_rest() {
    let mut book = held_by_three();
    delete(&mut book).unwrap();
    answered(&mut book, 1, Ok(6)).unwrap();
    answered(&mut book, 3, Ok(6)).unwrap();
    let answer = answered(&mut book, 2, Err(failure("REFUSED")));
    assert_eq!(text(answer), "BillingKeyChannelDeletionAnswered");
    assert!(matches!(book.key.state, BillingKeyState::Issued { .. }));
    assert_eq!(book.chargeable(), Ok(vec!["sealed-2"]));
    assert_eq!(text(delete(&mut book)), "BillingKeyDeletionBegan");
    let told: Vec<_> = book
        .key
        .pending_deletions()
        .map(|one| one.attempt)
        .collect();
    assert_eq!(told, [attempt_id(2)], "the others are not told again");
    let answer = answered(&mut book, 2, Ok(7));
    assert_eq!(
        text(answer),
        "BillingKeyChannelDeletionAnswered, BillingKeyDeleted"
    );
}

#[test]
fn the_refusal_that_comes_last_deletes_nothing_either() {
    let mut book = held_by_three();
    delete(&mut book).unwrap();
    answered(&mut book, 2, Err(failure("REFUSED"))).unwrap();
    answered(&mut book, 1, Ok(6)).unwrap();
    answered(&mut book, 3, Ok(6)).unwrap();
    assert!(matches!(book.key.state, BillingKeyState::Issued { .. }));
    assert!(book.key.pending_deletions().next().is_none());
}

#[test]
fn nothing_is_charged_where_a_deletion_runs_and_no_other_begins() {
    let mut book = held_by_three();
    delete(&mut book).unwrap();
    assert_eq!(book.chargeable(), Ok(Vec::new()));
    assert_eq!(delete(&mut book), Err(BillingKeyRefusal::DeletionInFlight));
    answered(&mut book, 1, Ok(6)).unwrap();
    assert_eq!(
        answered(&mut book, 1, Ok(6)),
        Err(BillingKeyRefusal::NotFound),
        "once"
    );
    assert_eq!(
        answered(&mut book, 4, Ok(6)),
        Err(BillingKeyRefusal::NotFound),
        "it never held the key"
    );
}

#[test]
fn where_some_pgs_have_no_call_the_key_is_gone_there_at_once() {
    let mut book = held_by_three();
    let second = attempt_id(2);
    // The samples' channels are alike, so the attempts tell them apart.
    let mut key = book.key.clone();
    key.channels[1].channel.pg_provider = "HAS_A_CALL".to_owned();
    book.key = key;
    let events = book
        .key
        .delete(
            deletion(),
            |channel| channel.pg_provider == "HAS_A_CALL",
            at(5),
        )
        .unwrap();
    let key = events
        .iter()
        .fold(Some(book.key.clone()), naru_domain::billing_key::apply)
        .unwrap();
    let states: Vec<_> = key
        .channels
        .iter()
        .map(|one| one.deletion.clone())
        .collect();
    let gone = Some(ChannelDeletion::Deleted { at: at(5) });
    let pending = Some(ChannelDeletion::Pending);
    assert_eq!(states, [gone.clone(), pending, gone, None]);
    let events = key.deletion_answered(second, Ok(at(6)), at(6)).unwrap();
    assert_eq!(events.len(), 2, "it was the last one");
}
