//! Beginning an attempt: P3, the count limit, what was registered beforehand.

use naru_domain::payment::{AttemptOutcome, Command, Event, PreRegistration, Refusal, Reporter};
use naru_domain::{Amount, Currency};

use crate::book::Book;
use crate::sample::{STATES, SUBJECT, book_in};
use crate::support::{
    approved, attempt, attempt_id, begin, begin_attempt, declined, deposit, order, resolve, tell,
    won,
};
use crate::tables::{assert_table, row};

#[test]
fn the_first_attempt_makes_the_payment() {
    let mut book = Book::default();
    let decision = book.run(begin(attempt(SUBJECT))).unwrap();
    assert!(matches!(
        decision.events.as_slice(),
        [Event::AttemptBegan { .. }]
    ));
    let payment = book.payment();
    assert_eq!(payment.created_at, payment.attempts[0].requested_at);
    assert_eq!(payment.attempts, [attempt(SUBJECT)]);
    assert_eq!(payment.event_count, 1);
}

#[test]
fn no_attempt_begins_while_another_is_unresolved_or_captured() {
    let rows: Vec<_> = STATES
        .iter()
        .map(|state| {
            let answer = book_in(state).ask(begin(attempt(2)));
            row([
                state,
                &answer.map_or_else(|why| format!("{why:?}"), |_| "begins".to_owned()),
            ])
        })
        .collect();
    assert_table(
        &rows,
        "
Ready | begins
AwaitingConfirm | begins
Sending | AttemptInFlight
Unknown | AttemptInFlight
Unknown (told) | OutcomeUnknown
WaitingForDeposit | AlreadyPaid
WaitingForDeposit (closing) | AlreadyPaid
Captured | AlreadyPaid
Failed | begins
Failed (account) | begins
Reversing (money) | AttemptInFlight
Reversing (account) | AttemptInFlight
Reversed (money) | begins
Reversed (account) | begins
",
    );
}

/// Every payment here meets the conditions of all refusals below its own: the first one wins.
#[test]
fn refusals_come_in_their_order() {
    let by = Reporter::Request;
    let start = |number| begin(attempt(number));
    let fail = |number| resolve(number, declined(), by);
    let take = |number| resolve(number, approved("tx-9", 1000), by);
    let late = |number| resolve(number, approved("tx-late", 1000), Reporter::Resolver);
    let refusal = |commands: Vec<Command>, attempts_max: usize| {
        let mut book = Book::after(commands);
        book.limits.attempts_max = attempts_max;
        let mut another = begin_attempt(attempt(9));
        another.attempt.order.amount.tax_free = 1_001;
        another.pre_registration = Some(PreRegistration {
            total: Some(1),
            tax_free: Some(1),
            currency: Some(Currency::new("USD")),
        });
        book.ask(Command::Begin(Box::new(another))).unwrap_err()
    };
    let paid_and_reversing = vec![start(1), fail(1), start(2), take(2), late(1)];
    assert_eq!(refusal(paid_and_reversing, 1), Refusal::AlreadyPaid);
    let told_and_reversing = vec![start(1), fail(1), start(2), tell(2), late(1)];
    assert_eq!(refusal(told_and_reversing, 1), Refusal::AttemptInFlight);
    let told = vec![start(1), fail(1), start(2), tell(2)];
    assert_eq!(refusal(told, 1), Refusal::OutcomeUnknown);
    let failed = || vec![start(1), fail(1)];
    assert_eq!(refusal(failed(), 1), Refusal::MaxTransactionCountReached);
    let parts = Refusal::SumOfPartsExceedsTotalAmount;
    assert_eq!(refusal(failed(), 2), parts);
    assert_eq!(refusal(vec![], 2), parts);
}

#[test]
fn what_was_registered_must_hold_and_what_was_not_is_not_checked() {
    let amount = Amount::new(1000, Some(100), None).unwrap();
    let ask = |total: Option<i64>, tax_free: Option<i64>, currency: Option<&str>| {
        let mut begin = attempt(SUBJECT);
        begin.order = order(amount);
        let mut begin = begin_attempt(begin);
        let currency = currency.map(Currency::new);
        begin.pre_registration = Some(PreRegistration {
            total,
            tax_free,
            currency,
        });
        let answer = Book::default().ask(Command::Begin(Box::new(begin)));
        answer.err()
    };
    let differs = |field| Some(Refusal::DiffersFromPreRegistration(field));
    assert_eq!(ask(None, None, None), None);
    assert_eq!(ask(Some(1000), Some(100), Some("KRW")), None);
    assert_eq!(ask(Some(1000), None, None), None);
    assert_eq!(
        ask(Some(999), Some(0), Some("USD")),
        differs("amount.total")
    );
    assert_eq!(
        ask(Some(1000), Some(0), Some("USD")),
        differs("amount.taxFree")
    );
    assert_eq!(ask(None, None, Some("USD")), differs("currency"));
}

#[test]
fn the_count_limit_counts_every_attempt() {
    let mut book = Book::default();
    book.limits.attempts_max = 3;
    for number in 1..=3 {
        book.run(begin(attempt(number))).unwrap();
        book.run(resolve(
            number,
            AttemptOutcome::NeverSeen,
            Reporter::Resolver,
        ))
        .unwrap();
    }
    assert_eq!(
        book.run(begin(attempt(4))),
        Err(Refusal::MaxTransactionCountReached)
    );
}

#[test]
fn the_attempt_that_is_shown_is_the_paid_one_else_the_latest() {
    let mut book = book_in("Failed (account)");
    let mut second = attempt(2);
    second.order = order(won(2000));
    book.run(begin(second)).unwrap();
    assert_eq!(book.payment().shown().unwrap().id, attempt_id(2));
    book.run(resolve(2, declined(), Reporter::Request)).unwrap();
    assert_eq!(book.payment().shown().unwrap().id, attempt_id(2));
    book.run(deposit(SUBJECT, "tx-1", 1000)).unwrap();
    assert_eq!(book.payment().shown().unwrap().id, attempt_id(SUBJECT));
}
