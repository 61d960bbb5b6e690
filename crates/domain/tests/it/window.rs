//! Attempts that begin in a window: the return, the confirmation, and what ends the wait.

use naru_domain::payment::{
    Attempt, AttemptOutcome, AttemptState, Capture, Command, Confirmation, Failure, Refusal,
    Reporter, Window, WindowApproval, WindowReturn,
};

use naru_domain::{BillingKeyId, Currency};

use crate::book::Book;
use crate::sample::{STATES, SUBJECT, book_in, effects_of, outcome_on_subject};
use crate::support::{
    approved, at, attempt, attempt_id, begin, capture, confirm, confirmation, end_window, failure,
    resolve, returned, window_attempt,
};
use crate::tables::{assert_table, row};

fn asked(approval: WindowApproval) -> Attempt {
    Attempt {
        window: Some(Window {
            expires_at: at(60),
            approval,
            issues_key: false,
            account_expires_at: None,
            opener: None,
            wishes: naru_domain::WindowWishes::default(),
        }),
        ..window_attempt(SUBJECT)
    }
}

fn say(change: impl FnOnce(&mut Confirmation)) -> Command {
    let mut word = confirmation(SUBJECT);
    change(&mut word);
    Command::Confirm(Box::new(word))
}

/// What makes a word right, or wrong.
type Change = fn(&mut Confirmation);

#[test]
fn opening_a_window_asks_the_pg_for_nothing() {
    let mut book = Book::default();
    let decision = book.run(begin(window_attempt(SUBJECT))).unwrap();
    assert_eq!(effects_of(&decision), ", tell Ready");
    assert_eq!(book.payment().status().name(), "READY");
    // An open window stands in nobody's way.
    book.run(begin(attempt(2))).unwrap();
}

#[test]
fn each_state_takes_its_own_commands_only() {
    let left = || Err(failure("V801"));
    let rows: Vec<_> = STATES
        .iter()
        .map(|state| {
            let one = |command| outcome_on_subject(state, command);
            row([
                state,
                &one(returned(SUBJECT, Ok(()))),
                &one(returned(SUBJECT, left())),
                &one(end_window(SUBJECT)),
            ])
        })
        .filter(|row| row[1..].iter().any(|cell| cell != "–"))
        .collect();
    assert_table(
        &rows,
        "
Ready
| AwaitingConfirm, wait for a confirmation
| Failed, tell Failed
| –
AwaitingConfirm | – | – | Failed, tell Failed
",
    );
}

#[test]
fn who_is_asked_decides_what_a_return_does() {
    let url = || WindowApproval::ByUrl {
        url: "https://shop.example/confirm".to_owned(),
    };
    let rows: Vec<_> = [
        ("nobody", WindowApproval::AtOnce),
        ("merchant", WindowApproval::ByMerchant),
        ("server", url()),
    ]
    .into_iter()
    .map(|(name, approval)| {
        let mut book = Book::after([begin(asked(approval))]);
        let decision = book.run(returned(SUBJECT, Ok(()))).unwrap();
        let state = crate::sample::name_of_state(book.state(attempt_id(SUBJECT)));
        row([name, state, &effects_of(&decision)])
    })
    .collect();
    assert_table(
        &rows,
        "
nobody   | Sending         | , inquire
merchant | AwaitingConfirm | , wait for a confirmation
server   | AwaitingConfirm | , wait for a confirmation
",
    );
}

#[test]
fn a_customer_who_comes_back_too_late_is_not_charged() {
    let mut book = book_in("Ready");
    let late = Command::Return(Box::new(WindowReturn {
        attempt: attempt_id(SUBJECT),
        outcome: Ok(()),
        now: at(61),
        confirm_by: at(90),
        send_by: at(66),
    }));
    book.run(late).unwrap();
    let AttemptState::Failed { failure, .. } = book.state(attempt_id(SUBJECT)) else {
        panic!("not failed");
    };
    assert_eq!(failure.pg_code, Failure::WINDOW_EXPIRED);
}

/// Everything that is wrong at once is refused in this order, one after the other.
#[test]
fn confirmations_are_refused_in_order() {
    let mut paid = book_in("AwaitingConfirm");
    paid.run(begin(attempt(2))).unwrap();
    let other = resolve(2, approved("tx-2", 1000), Reporter::Request);
    paid.run(other).unwrap();
    let wrong = |word: &mut Confirmation| {
        word.tx_id = Some("other".to_owned());
        word.currency = Some(Currency::new("USD"));
        word.total = Some(999);
        word.tax_free = Some(1);
        word.is_test = Some(false);
    };
    let no_token = say(|word| {
        word.attempt = None;
        wrong(word);
    });
    assert_eq!(
        Book::default().ask(no_token.clone()),
        Err(Refusal::PaymentNotFound)
    );
    assert_eq!(paid.ask(no_token.clone()), Err(Refusal::AlreadyPaid));
    let waiting = book_in("AwaitingConfirm");
    assert_eq!(waiting.ask(no_token), Err(Refusal::InvalidPaymentToken));
    let mut running = book_in("AwaitingConfirm");
    running.run(begin(attempt(2))).unwrap();
    let id = attempt_id(SUBJECT).to_string();
    let rights: [(&str, Change); 5] = [
        ("txId", |word| word.tx_id = None),
        ("currency", |word| word.currency = Some(Currency::krw())),
        ("totalAmount", |word| word.total = Some(1000)),
        ("taxFreeAmount", |word| word.tax_free = Some(0)),
        ("isTest", |word| word.is_test = Some(true)),
    ];
    let mut word = confirmation(SUBJECT);
    wrong(&mut word);
    for (field, right) in rights {
        let command = Command::Confirm(Box::new(word.clone()));
        let refused = Err(Refusal::InformationMismatch(field));
        assert_eq!(running.ask(command).map(|_| ()), refused);
        right(&mut word);
    }
    word.tx_id = Some(id);
    let right = Command::Confirm(Box::new(word));
    assert_eq!(running.ask(right.clone()), Err(Refusal::AttemptInFlight));
    assert!(waiting.ask(right).is_ok());
}

#[test]
fn what_a_second_confirmation_hears_is_what_became_of_the_first() {
    let rows: Vec<_> = STATES
        .iter()
        .map(|state| {
            let mut book = book_in(state);
            // The same states, reached through a window.
            if !["Ready", "AwaitingConfirm"].contains(state) {
                let commands = crate::sample::commands_to(state);
                let rest = commands.into_iter().skip(1);
                let start = [
                    begin(window_attempt(SUBJECT)),
                    returned(SUBJECT, Ok(())),
                    confirm(SUBJECT),
                ];
                book = Book::after(start.into_iter().chain(rest));
            }
            let answer = book.ask(confirm(SUBJECT));
            let answer = answer.map_or_else(|why| format!("{why:?}"), |_| "sends".to_owned());
            row([state, &answer])
        })
        .collect();
    assert_table(
        &rows,
        "
Ready                       | InvalidPaymentToken
AwaitingConfirm             | sends
Sending                     | AttemptInFlight
Unknown                     | AttemptInFlight
Unknown (told)              | OutcomeUnknown
WaitingForDeposit           | AlreadyPaid
WaitingForDeposit (closing) | AlreadyPaid
Captured                    | AlreadyPaid
Failed                      | InvalidPaymentToken
Failed (account)            | InvalidPaymentToken
Reversing (money)           | InvalidPaymentToken
Reversing (account)         | InvalidPaymentToken
Reversed (money)            | InvalidPaymentToken
Reversed (account)          | InvalidPaymentToken
",
    );
}

#[test]
fn a_confirmation_after_its_time_names_nothing() {
    let late = say(|word| word.now = at(41));
    let answer = book_in("AwaitingConfirm").ask(late);
    assert_eq!(answer, Err(Refusal::InvalidPaymentToken));
}

#[test]
fn an_attempt_outside_a_window_has_no_token() {
    let answer = book_in("Sending").ask(confirm(SUBJECT));
    assert_eq!(answer, Err(Refusal::InvalidPaymentToken));
}

#[test]
fn of_two_windows_one_is_paid() {
    let mut book = book_in("AwaitingConfirm");
    book.run(begin(window_attempt(2))).unwrap();
    book.run(returned(2, Ok(()))).unwrap();
    book.run(confirm(SUBJECT)).unwrap();
    assert_eq!(book.ask(confirm(2)), Err(Refusal::AttemptInFlight));
    let taken = resolve(SUBJECT, approved("tx-1", 1000), Reporter::Request);
    book.run(taken).unwrap();
    assert_eq!(book.ask(confirm(2)), Err(Refusal::AlreadyPaid));
}

#[test]
fn money_without_the_billing_key_that_was_to_come_with_it_goes_back() {
    let asked = || {
        let mut asked = asked(WindowApproval::AtOnce);
        if let Some(window) = asked.window.as_mut() {
            window.issues_key = true;
        }
        asked
    };
    let approved_by = |billing_key: Option<&str>, by| {
        let mut book = Book::default();
        book.run(begin(asked())).unwrap();
        book.run(returned(SUBJECT, Ok(()))).unwrap();
        let capture = Capture {
            billing_key: billing_key.map(BillingKeyId::new),
            ..capture("tx-1", 1000)
        };
        let outcome = AttemptOutcome::Approved(Box::new(capture));
        book.run(resolve(SUBJECT, outcome, by)).unwrap();
        book.payment().attempts[0].state.clone()
    };
    let state = approved_by(Some("key-1"), Reporter::Request);
    assert!(matches!(state, AttemptState::Captured { .. }), "{state:?}");
    // An inquiry finds the money, and never the key.
    for by in [Reporter::Request, Reporter::Resolver] {
        let state = approved_by(None, by);
        let AttemptState::Reversing { failure, .. } = &state else {
            panic!("{state:?}");
        };
        assert_eq!(failure.pg_code, Failure::NO_BILLING_KEY);
    }
}
