//! What became of an attempt: every state, every outcome, every reporter.

use naru_domain::Currency;
use naru_domain::payment::{AttemptOutcome, AttemptState, Capture, Failure, Refusal, Reporter};

use crate::book::Book;
use crate::sample::{STATES, SUBJECT, book_in, outcome_on_subject};
use crate::support::{
    account_issued, approved, at, attempt, attempt_id, begin, capture, declined, deposit, issued,
    resolve, tell,
};
use crate::tables::{assert_table, row};

/// The outcomes, by name. `approved again` is another approval than the samples hold.
fn outcomes() -> [(&'static str, AttemptOutcome); 7] {
    [
        ("approved", approved("tx-1", 1000)),
        ("approved again", approved("tx-2", 1000)),
        ("approved for another amount", approved("tx-3", 999)),
        ("account issued", account_issued()),
        ("declined", declined()),
        ("never seen", AttemptOutcome::NeverSeen),
        ("unclear", AttemptOutcome::Unclear),
    ]
}

/// State before; after a report by the request; after a report by the resolver. Rows in which both
/// are told that there is nothing to do are left out.
fn rows(outcome: &str) -> Vec<Vec<String>> {
    let (_, outcome) = outcomes()
        .into_iter()
        .find(|(name, _)| *name == outcome)
        .unwrap();
    let by =
        |state, reporter| outcome_on_subject(state, resolve(SUBJECT, outcome.clone(), reporter));
    STATES
        .iter()
        .map(|state| {
            row([
                state,
                &by(state, Reporter::Request),
                &by(state, Reporter::Resolver),
            ])
        })
        .filter(|row| row[1] != "–" || row[2] != "–")
        .collect()
}

#[test]
fn an_approval_captures_once_and_only_while_nobody_was_told_of_failure() {
    assert_table(
        &rows("approved"),
        "
Ready
| Reversing (money), reverse, tell Failed
| Reversing (money), reverse, tell Failed (AsyncPayFailed)
AwaitingConfirm
| Reversing (money), reverse, tell Failed
| Reversing (money), reverse, tell Failed (AsyncPayFailed)
Sending | Captured, tell Paid | Captured, tell Paid (AsyncPayApproved)
Unknown | Captured, tell Paid | Captured, tell Paid (AsyncPayApproved)
Unknown (told)
| Reversing (money), reverse, tell Failed
| Reversing (money), reverse, tell Failed (AsyncPayFailed)
WaitingForDeposit
| Captured, tell Paid (VirtualAccountDeposit)
| Captured, tell Paid (VirtualAccountDeposit)
WaitingForDeposit (closing)
| Captured, tell Paid (VirtualAccountDeposit)
| Captured, tell Paid (VirtualAccountDeposit)
Failed | Reversing (money), reverse | Reversing (money), reverse
Failed (account)
| Captured, tell Paid (VirtualAccountDeposit)
| Captured, tell Paid (VirtualAccountDeposit)
Reversing (account)
| Reversing (account), record surplus of 1000
| Reversing (account), record surplus of 1000
Reversed (account)
| Reversed (account), record surplus of 1000
| Reversed (account), record surplus of 1000
",
    );
}

#[test]
fn another_approval_of_an_ended_attempt_is_recorded_and_never_merged() {
    let ended: Vec<_> = rows("approved again")
        .into_iter()
        .filter(|row| {
            ["Captured", "Reversing (money)", "Reversed (money)"].contains(&row[0].as_str())
        })
        .collect();
    assert_table(
        &ended,
        "
Captured | Captured, record surplus of 1000 | Captured, record surplus of 1000
Reversing (money)
| Reversing (money), record surplus of 1000
| Reversing (money), record surplus of 1000
Reversed (money)
| Reversed (money), record surplus of 1000
| Reversed (money), record surplus of 1000
",
    );
}

#[test]
fn an_approval_for_another_amount_is_reversed_and_a_deposit_recorded() {
    assert_table(
        &rows("approved for another amount"),
        "
Ready
| Reversing (money), reverse, tell Failed
| Reversing (money), reverse, tell Failed (AsyncPayFailed)
AwaitingConfirm
| Reversing (money), reverse, tell Failed
| Reversing (money), reverse, tell Failed (AsyncPayFailed)
Sending
| Reversing (money), reverse, tell Failed
| Reversing (money), reverse, tell Failed (AsyncPayFailed)
Unknown
| Reversing (money), reverse, tell Failed
| Reversing (money), reverse, tell Failed (AsyncPayFailed)
Unknown (told)
| Reversing (money), reverse, tell Failed
| Reversing (money), reverse, tell Failed (AsyncPayFailed)
WaitingForDeposit
| WaitingForDeposit, record deposit of 999 for 1000
| WaitingForDeposit, record deposit of 999 for 1000
WaitingForDeposit (closing)
| WaitingForDeposit (closing), record deposit of 999 for 1000
| WaitingForDeposit (closing), record deposit of 999 for 1000
Captured | Captured, record surplus of 999 | Captured, record surplus of 999
Failed | Reversing (money), reverse | Reversing (money), reverse
Failed (account)
| Failed (account), record deposit of 999 for 1000
| Failed (account), record deposit of 999 for 1000
Reversing (money)
| Reversing (money), record surplus of 999
| Reversing (money), record surplus of 999
Reversing (account)
| Reversing (account), record surplus of 999
| Reversing (account), record surplus of 999
Reversed (money) | Reversed (money), record surplus of 999 | Reversed (money), record surplus of 999
Reversed (account)
| Reversed (account), record surplus of 999
| Reversed (account), record surplus of 999
",
    );
}

#[test]
fn an_account_is_undone_once_the_attempt_has_failed_for_the_caller() {
    assert_table(
        &rows("account issued"),
        "
Ready
| Reversing (account), reverse, tell Failed
| Reversing (account), reverse, tell Failed (AsyncPayFailed)
AwaitingConfirm
| Reversing (account), reverse, tell Failed
| Reversing (account), reverse, tell Failed (AsyncPayFailed)
Sending
| WaitingForDeposit, watch, tell VirtualAccountIssued
| WaitingForDeposit, watch, tell VirtualAccountIssued
Unknown
| WaitingForDeposit, watch, tell VirtualAccountIssued
| WaitingForDeposit, watch, tell VirtualAccountIssued
Unknown (told)
| Reversing (account), reverse, tell Failed
| Reversing (account), reverse, tell Failed (AsyncPayFailed)
Failed | Reversing (account), reverse | Reversing (account), reverse
",
    );
}

#[test]
fn a_failure_ends_only_what_is_unresolved() {
    let expected = "
Sending | Failed, tell Failed | Failed, tell Failed (AsyncPayFailed)
Unknown | Failed, tell Failed | Failed, tell Failed (AsyncPayFailed)
Unknown (told) | Failed, tell Failed | Failed, tell Failed (AsyncPayFailed)
";
    assert_table(&rows("declined"), expected);
    assert_table(&rows("never seen"), expected);
}

#[test]
fn an_unclear_answer_changes_only_what_is_being_sent() {
    assert_table(
        &rows("unclear"),
        "Sending | Unknown, inquire | Unknown, inquire",
    );
}

#[test]
fn only_an_unresolved_attempt_can_have_told_its_caller() {
    let rows: Vec<_> = STATES
        .iter()
        .map(|state| row([state, &outcome_on_subject(state, tell(SUBJECT))]))
        .filter(|row| row[1] != "–")
        .collect();
    assert_table(
        &rows,
        "
Sending | Unknown (told), inquire, tell PayPending (AsyncPayPending)
Unknown | Unknown (told), inquire, tell PayPending (AsyncPayPending)
",
    );
}

#[test]
fn a_report_about_no_attempt_is_refused() {
    let nothing = Book::default();
    for (_, outcome) in outcomes() {
        let command = || resolve(9, outcome.clone(), Reporter::Resolver);
        assert_eq!(nothing.ask(command()), Err(Refusal::PaymentNotFound));
        for state in STATES {
            assert_eq!(
                book_in(state).ask(command()),
                Err(Refusal::NothingToDo),
                "{state}"
            );
        }
    }
    for state in STATES {
        assert_eq!(
            book_in(state).ask(tell(9)),
            Err(Refusal::NothingToDo),
            "{state}"
        );
        assert_eq!(
            book_in(state).ask(deposit(9, "tx-1", 1000)),
            Err(Refusal::NothingToDo)
        );
    }
}

#[test]
fn skip_webhook_silences_the_success_of_its_own_call_only() {
    let silent = || {
        let mut silent = attempt(SUBJECT);
        silent.skip_webhook = true;
        silent
    };
    let outcome = |outcome: AttemptOutcome, by| {
        let book = Book::after([begin(silent())]);
        let command = resolve(SUBJECT, outcome, by);
        crate::sample::outcome_of(&book, attempt_id(SUBJECT), command)
    };
    let rows: Vec<_> = outcomes()
        .into_iter()
        .map(|(name, report)| {
            let request = outcome(report.clone(), Reporter::Request);
            row([name, &request, &outcome(report, Reporter::Resolver)])
        })
        .collect();
    assert_table(
        &rows,
        "
approved | Captured | Captured, tell Paid (AsyncPayApproved)
approved again | Captured | Captured, tell Paid (AsyncPayApproved)
approved for another amount
| Reversing (money), reverse, tell Failed
| Reversing (money), reverse, tell Failed (AsyncPayFailed)
account issued | WaitingForDeposit, watch | WaitingForDeposit, watch, tell VirtualAccountIssued
declined | Failed, tell Failed | Failed, tell Failed (AsyncPayFailed)
never seen | Failed, tell Failed | Failed, tell Failed (AsyncPayFailed)
unclear | Unknown, inquire | Unknown, inquire
",
    );
}

/// The failure that a reader sees, and since when.
fn failure_of(book: &Book) -> (String, naru_domain::Timestamp) {
    match book.state(attempt_id(SUBJECT)) {
        AttemptState::Failed { failure, at, .. }
        | AttemptState::Reversing { failure, at, .. }
        | AttemptState::Reversed { failure, at, .. } => (failure.pg_code.clone(), *at),
        other => panic!("not failed: {other:?}"),
    }
}

#[test]
fn a_failure_says_why() {
    let seen = |state, outcome| {
        let mut book = book_in(state);
        book.run(resolve(SUBJECT, outcome, Reporter::Resolver))
            .unwrap();
        failure_of(&book).0
    };
    assert_eq!(seen("Sending", declined()), "DECLINED");
    assert_eq!(
        seen("Sending", AttemptOutcome::NeverSeen),
        Failure::NOT_SENT
    );
    assert_eq!(
        seen("Sending", approved("tx", 1001)),
        Failure::AMOUNT_MISMATCH
    );
    assert_eq!(
        seen("Unknown (told)", approved("tx", 1000)),
        Failure::LATE_APPROVAL
    );
    assert_eq!(
        seen("Unknown (told)", account_issued()),
        Failure::LATE_APPROVAL
    );
}

#[test]
fn a_late_approval_leaves_the_failure_that_was_announced_alone() {
    for late in [approved("tx-1", 1000), account_issued()] {
        let mut book = book_in("Failed");
        let before = failure_of(&book);
        let changed_at = book.payment().attempts[0].status_changed_at;
        book.run(resolve(SUBJECT, late, Reporter::Resolver))
            .unwrap();
        assert_eq!(failure_of(&book), before);
        book.run(crate::support::reversed(SUBJECT)).unwrap();
        assert_eq!(failure_of(&book), before);
        assert_eq!(book.payment().attempts[0].status_changed_at, changed_at);
    }
}

#[test]
fn the_status_changes_when_the_gateway_says_it_did() {
    let book = book_in("Captured");
    assert_eq!(book.payment().attempts[0].status_changed_at, at(2));
    assert_eq!(book.payment().updated_at, book.now());
    let book = book_in("WaitingForDeposit");
    let AttemptState::WaitingForDeposit {
        issued: account,
        closing: false,
    } = book.state(attempt_id(SUBJECT))
    else {
        panic!("{book:?}");
    };
    assert_eq!(*account, issued());
}

#[test]
fn an_approval_in_another_currency_is_given_back() {
    let capture = Capture {
        currency: Some(Currency::new("USD")),
        ..capture("tx-1", 1000)
    };
    let mut book = book_in("Sending");
    let outcome = AttemptOutcome::Approved(Box::new(capture));
    book.run(resolve(SUBJECT, outcome, Reporter::Resolver))
        .unwrap();
    let AttemptState::Reversing { failure, .. } = &book.payment().attempts[0].state else {
        panic!("{:?}", book.payment().attempts[0].state);
    };
    assert_eq!(failure.pg_code, Failure::AMOUNT_MISMATCH);
}
