//! Another attempt in the place of one that the PG surely never saw (P3).

use naru_domain::payment::{
    AttemptState, BeginAttempt, Command, Event, Failure, Refusal, Reporter, Status,
};

use crate::book::Book;
use crate::sample::{STATES, SUBJECT, book_in};
use crate::support::{approved, attempt, attempt_id, begin, begin_attempt, declined, resolve};
use crate::tables::{assert_table, row};

fn next(number: u128, failed: u128) -> BeginAttempt {
    let mut attempt = attempt(number);
    attempt.takes_over_from = Some(attempt_id(failed));
    begin_attempt(attempt)
}

fn fail_over(number: u128, failed: u128) -> Command {
    Command::FailOver {
        failed: attempt_id(failed),
        next: Box::new(next(number, failed)),
    }
}

#[test]
fn only_an_attempt_that_is_being_sent_can_be_taken_over() {
    let rows: Vec<_> = STATES
        .iter()
        .map(|state| {
            let command = Command::FailOver {
                failed: attempt_id(SUBJECT),
                next: Box::new(next(2, SUBJECT)),
            };
            let answer = book_in(state).ask(command);
            row([
                state,
                &answer.map_or_else(|why| format!("{why:?}"), |_| "goes on".to_owned()),
            ])
        })
        .collect();
    assert_table(
        &rows,
        "
Ready | NothingToDo
AwaitingConfirm | NothingToDo
Sending | goes on
Unknown | NothingToDo
Unknown (told) | NothingToDo
WaitingForDeposit | NothingToDo
WaitingForDeposit (closing) | NothingToDo
Captured | NothingToDo
Failed | NothingToDo
Failed (account) | NothingToDo
Reversing (money) | NothingToDo
Reversing (account) | NothingToDo
Reversed (money) | NothingToDo
Reversed (account) | NothingToDo
",
    );
}

#[test]
fn one_commit_ends_the_one_and_begins_the_other_and_tells_nobody() {
    let mut book = Book::after([begin(attempt(1))]);
    let decision = book.run(fail_over(2, 1)).unwrap();
    assert!(matches!(
        decision.events.as_slice(),
        [Event::AttemptFailed { .. }, Event::AttemptBegan { .. }]
    ));
    assert!(book.announced.is_empty(), "the payment has not failed");
    let AttemptState::Failed { failure, .. } = book.state(attempt_id(1)) else {
        panic!("{:?}", book.state(attempt_id(1)))
    };
    assert_eq!(failure.pg_code, Failure::NOT_SENT);
    assert_eq!(book.state(attempt_id(2)), &AttemptState::Sending);
    assert!(book.payment().was_taken_over(attempt_id(1)));
    assert!(!book.payment().was_taken_over(attempt_id(2)));
    book.run(resolve(2, approved("tx-2", 1000), Reporter::Request))
        .unwrap();
    assert_eq!(book.payment().status(), Status::Paid);
    assert_eq!(book.announced, [(attempt_id(2), "Paid")]);
}

#[test]
fn money_that_the_one_took_after_all_goes_back() {
    let mut book = Book::after([begin(attempt(1)), fail_over(2, 1)]);
    book.run(resolve(2, approved("tx-2", 1000), Reporter::Request))
        .unwrap();
    book.run(resolve(1, approved("tx-1", 1000), Reporter::Resolver))
        .unwrap();
    assert!(matches!(
        book.state(attempt_id(1)),
        AttemptState::Reversing { .. }
    ));
    assert!(matches!(
        book.state(attempt_id(2)),
        AttemptState::Captured { .. }
    ));
}

#[test]
fn the_rules_of_every_beginning_hold() {
    let mut book = Book::after([begin(attempt(1))]);
    book.limits.attempts_max = 1;
    assert_eq!(
        book.ask(fail_over(2, 1)),
        Err(Refusal::MaxTransactionCountReached)
    );
    assert_eq!(book.ask(fail_over(2, 9)), Err(Refusal::NothingToDo));
    let mut other = next(2, 1);
    other.attempt.order.amount.tax_free = 1_001;
    let command = Command::FailOver {
        failed: attempt_id(1),
        next: Box::new(other),
    };
    book.limits.attempts_max = 9;
    assert_eq!(
        book.ask(command),
        Err(Refusal::SumOfPartsExceedsTotalAmount)
    );
}

#[test]
fn the_last_one_that_fails_is_what_the_merchant_is_told_of() {
    let mut book = Book::after([begin(attempt(1)), fail_over(2, 1), fail_over(3, 2)]);
    book.run(resolve(3, declined(), Reporter::Request)).unwrap();
    assert_eq!(book.announced, [(attempt_id(3), "Failed")]);
    assert_eq!(book.payment().status(), Status::Failed);
}
