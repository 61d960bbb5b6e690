//! Virtual accounts: closing them, and what is paid into them.

use naru_domain::payment::{AttemptState, Command, Event, Failure, Refusal, Reporter};
use naru_domain::{Method, Timestamp};

use crate::book::Book;
use crate::sample::{STATES, SUBJECT, book_in, outcome_of, outcome_on_subject};
use crate::support::{
    account_issued, approved, attempt, attempt_id, begin, close, close_refused, closed, declined,
    deposit, resolve, reversed, tell,
};
use crate::tables::{assert_table, row};

#[test]
fn a_deposit_pays_in_full_or_not_at_all() {
    let rows: Vec<_> = STATES
        .iter()
        .map(|state| {
            let of = |amount| outcome_on_subject(state, deposit(SUBJECT, "tx-1", amount));
            row([state, &of(1000), &of(999), &of(1001)])
        })
        .filter(|row| row[1] != "–" || row[2] != "–" || row[3] != "–")
        .collect();
    assert_table(
        &rows,
        "
Ready
| Reversing (money), reverse, tell Failed
| Reversing (money), reverse, tell Failed
| Reversing (money), reverse, tell Failed
AwaitingConfirm
| Reversing (money), reverse, tell Failed
| Reversing (money), reverse, tell Failed
| Reversing (money), reverse, tell Failed
WaitingForDeposit
| Captured, tell Paid (VirtualAccountDeposit)
| WaitingForDeposit, record deposit of 999 for 1000
| WaitingForDeposit, record deposit of 1001 for 1000
WaitingForDeposit (closing)
| Captured, tell Paid (VirtualAccountDeposit)
| WaitingForDeposit (closing), record deposit of 999 for 1000
| WaitingForDeposit (closing), record deposit of 1001 for 1000
Failed | Reversing (money), reverse | Reversing (money), reverse | Reversing (money), reverse
Failed (account)
| Captured, tell Paid (VirtualAccountDeposit)
| Failed (account), record deposit of 999 for 1000
| Failed (account), record deposit of 1001 for 1000
Reversing (account)
| Reversing (account), record surplus of 1000
| Reversing (account), record surplus of 999
| Reversing (account), record surplus of 1001
Reversed (account)
| Reversed (account), record surplus of 1000
| Reversed (account), record surplus of 999
| Reversed (account), record surplus of 1001
",
    );
}

#[test]
fn the_same_deposit_again_is_no_news_and_another_one_is_a_surplus() {
    let book = book_in("Captured");
    assert_eq!(
        book.ask(deposit(SUBJECT, "tx-1", 1000)),
        Err(Refusal::NothingToDo)
    );
    assert_eq!(
        outcome_of(&book, attempt_id(SUBJECT), deposit(SUBJECT, "tx-2", 1000)),
        "Captured, record surplus of 1000"
    );
}

#[test]
fn a_short_deposit_and_then_the_whole_one_pays() {
    let mut book = book_in("WaitingForDeposit");
    book.run(deposit(SUBJECT, "tx-1", 400)).unwrap();
    book.run(deposit(SUBJECT, "tx-2", 600)).unwrap();
    assert!(
        book.payment().captured().is_none(),
        "parts are never merged (P3)"
    );
    book.run(deposit(SUBJECT, "tx-3", 1000)).unwrap();
    assert!(book.payment().captured().is_some());
}

/// A closed account of the first attempt, then a second attempt in various states.
#[test]
fn a_late_deposit_pays_unless_another_attempt_has_or_may() {
    let by = Reporter::Request;
    let second: [(&str, Vec<Command>); 8] = [
        ("sending", vec![]),
        ("unknown", vec![tell(2)]),
        ("captured", vec![resolve(2, approved("tx-2", 1000), by)]),
        ("waiting", vec![resolve(2, account_issued(), by)]),
        ("failed", vec![resolve(2, declined(), by)]),
        (
            "account closed",
            vec![resolve(2, account_issued(), by), close(), closed(2)],
        ),
        (
            "reversing",
            vec![tell(2), resolve(2, approved("tx-2", 1000), by)],
        ),
        (
            "reversed",
            vec![tell(2), resolve(2, approved("tx-2", 1000), by), reversed(2)],
        ),
    ];
    let rows: Vec<_> = second
        .into_iter()
        .map(|(name, commands)| {
            let mut book = book_in("Failed (account)");
            book.run(begin(attempt(2))).unwrap();
            for command in commands {
                book.run(command).unwrap();
            }
            let exact = outcome_of(&book, attempt_id(1), deposit(1, "tx-1", 1000));
            row([
                name,
                &exact,
                &outcome_of(&book, attempt_id(1), deposit(1, "tx-1", 5)),
            ])
        })
        .collect();
    assert_table(
        &rows,
        "
sending | Reversing (money), reverse | Reversing (money), reverse
unknown | Reversing (money), reverse | Reversing (money), reverse
captured | Reversing (money), reverse | Reversing (money), reverse
waiting | Reversing (money), reverse | Reversing (money), reverse
failed
| Captured, tell Paid (VirtualAccountDeposit)
| Failed (account), record deposit of 5 for 1000
account closed
| Captured, tell Paid (VirtualAccountDeposit)
| Failed (account), record deposit of 5 for 1000
reversing
| Captured, tell Paid (VirtualAccountDeposit)
| Failed (account), record deposit of 5 for 1000
reversed
| Captured, tell Paid (VirtualAccountDeposit)
| Failed (account), record deposit of 5 for 1000
",
    );
}

#[test]
fn a_surplus_deposit_leaves_the_payment_of_the_other_attempt_alone() {
    let mut book = book_in("Failed (account)");
    book.run(begin(attempt(2))).unwrap();
    book.run(resolve(2, approved("tx-2", 1000), Reporter::Request))
        .unwrap();
    book.run(deposit(1, "tx-1", 1000)).unwrap();
    assert_eq!(book.payment().captured().unwrap().0.id, attempt_id(2));
    let AttemptState::Reversing {
        capture: Some(surplus),
        failure,
        ..
    } = book.state(attempt_id(1))
    else {
        panic!("{book:?}");
    };
    assert_eq!((surplus.pg_tx_id.as_str(), surplus.amount), ("tx-1", 1000));
    assert_eq!(
        failure.pg_code,
        Failure::ACCOUNT_CLOSED,
        "what the reader was told stays"
    );
}

#[test]
fn only_a_waiting_account_can_be_closed() {
    let rows: Vec<_> = STATES
        .iter()
        .map(|state| row([state, &outcome_on_subject(state, close())]))
        .filter(|row| row[1] != "refused PaymentNotWaitingForDeposit")
        .collect();
    assert_table(
        &rows,
        "
WaitingForDeposit | WaitingForDeposit (closing), inquire about closing
WaitingForDeposit (closing) | refused AttemptInFlight
",
    );
    assert_eq!(Book::default().ask(close()), Err(Refusal::PaymentNotFound));
}

#[test]
fn only_a_waiting_account_has_a_closing_to_report() {
    let rows: Vec<_> = STATES
        .iter()
        .map(|state| {
            let done = outcome_on_subject(state, closed(SUBJECT));
            row([
                state,
                &done,
                &outcome_on_subject(state, close_refused(SUBJECT)),
            ])
        })
        .filter(|row| row[1] != "–" || row[2] != "–")
        .collect();
    assert_table(
        &rows,
        "
WaitingForDeposit | Failed (account), tell Failed | –
WaitingForDeposit (closing) | Failed (account), tell Failed | WaitingForDeposit
",
    );
    assert_eq!(
        book_in("WaitingForDeposit (closing)").ask(closed(9)),
        Err(Refusal::NothingToDo)
    );
}

#[test]
fn a_deposit_that_overtakes_the_closing_wins() {
    let mut book = book_in("WaitingForDeposit (closing)");
    book.run(deposit(SUBJECT, "tx-1", 1000)).unwrap();
    assert_eq!(book.run(closed(SUBJECT)), Err(Refusal::NothingToDo));
    assert_eq!(book.run(close_refused(SUBJECT)), Err(Refusal::NothingToDo));
}

#[test]
fn a_deposit_carries_its_method_and_time() {
    let mut book = book_in("WaitingForDeposit");
    let decision = book.run(deposit(SUBJECT, "tx-1", 1000)).unwrap();
    let [Event::Captured { capture, .. }] = decision.events.as_slice() else {
        panic!("{decision:?}");
    };
    assert!(matches!(capture.method, Method::VirtualAccount(_)));
    let changed: Timestamp = book.payment().attempts[0].status_changed_at;
    assert_eq!(changed, capture.paid_at);
}
