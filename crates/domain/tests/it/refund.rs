//! What became of a cancellation.

use naru_domain::payment::{
    AttemptState, CancellationState, Command, Failure, RefundOutcome, Refusal, Reporter, Status,
};
use naru_domain::{AccountRefund, Method};

use crate::book::Book;
use crate::cancel::paid;
use crate::sample::{SUBJECT, book_in, effects_of};
use crate::support::{
    at, attempt_id, cancel, cancel_request, cancellation_id, deposit, refunded, refused,
    resolve_refund, won,
};
use crate::tables::{assert_table, row};

/// A payment of 1000 with one cancellation in the named state.
pub fn book_with(state: &str, amount: Option<i64>) -> Book {
    let mut book = paid(won(1000));
    book.run(cancel(1, amount)).unwrap();
    let outcome = match state {
        "Sending" => return book,
        "Requested" => RefundOutcome::Unclear,
        "Succeeded" => refunded(),
        "Failed" => refused(),
        unknown => panic!("no sample of `{unknown}`"),
    };
    book.run(resolve_refund(1, outcome, Reporter::Request))
        .unwrap();
    book
}

const fn name_of_state(state: &CancellationState) -> &'static str {
    match state {
        CancellationState::Sending => "Sending",
        CancellationState::Requested => "Requested",
        CancellationState::Succeeded { .. } => "Succeeded",
        CancellationState::Failed { .. } => "Failed",
    }
}

pub fn outcome_of(book: &Book, command: Command) -> String {
    let mut book = book.clone();
    match book.run(command) {
        Ok(decision) => {
            let state = name_of_state(&book.payment().cancellations[0].state);
            let status = book.payment().status().name();
            format!("{state}, {status}{}", effects_of(&decision))
        }
        Err(Refusal::NothingToDo) => "–".to_owned(),
        Err(refusal) => format!("refused {refusal:?}"),
    }
}

#[test]
fn a_cancellation_ends_once() {
    let outcomes = [
        ("refunded", refunded()),
        ("refused", refused()),
        ("unclear", RefundOutcome::Unclear),
    ];
    let mut rows = Vec::new();
    for (amount, size) in [(None, "whole"), (Some(10), "part")] {
        for state in ["Sending", "Requested", "Succeeded", "Failed"] {
            for (name, outcome) in &outcomes {
                let book = book_with(state, amount);
                let by = |by| outcome_of(&book, resolve_refund(1, outcome.clone(), by));
                let (request, resolver) = (by(Reporter::Request), by(Reporter::Resolver));
                if request != "–" || resolver != "–" {
                    rows.push(row([size, state, name, &request, &resolver]));
                }
            }
        }
    }
    assert_table(
        &rows,
        "
whole
| Sending
| refunded
| Succeeded, CANCELLED, tell Cancelled
| Succeeded, CANCELLED, tell Cancelled (AsyncCancelApproved)
whole | Sending | refused | Failed, PAID | Failed, PAID
whole
| Sending
| unclear
| Requested, PAID, inquire about the refund, tell CancelPending
| Requested, PAID, inquire about the refund, tell CancelPending
whole
| Requested
| refunded
| Succeeded, CANCELLED, tell Cancelled
| Succeeded, CANCELLED, tell Cancelled (AsyncCancelApproved)
whole | Requested | refused | Failed, PAID | Failed, PAID
part
| Sending
| refunded
| Succeeded, PARTIAL_CANCELLED, tell PartialCancelled
| Succeeded, PARTIAL_CANCELLED, tell PartialCancelled (AsyncCancelApproved)
part | Sending | refused | Failed, PAID | Failed, PAID
part
| Sending
| unclear
| Requested, PAID, inquire about the refund, tell CancelPending
| Requested, PAID, inquire about the refund, tell CancelPending
part
| Requested
| refunded
| Succeeded, PARTIAL_CANCELLED, tell PartialCancelled
| Succeeded, PARTIAL_CANCELLED, tell PartialCancelled (AsyncCancelApproved)
part | Requested | refused | Failed, PAID | Failed, PAID
",
    );
}

/// Money that went back although the cancellation counts as never sent is not dropped (P3).
#[test]
fn a_refund_after_the_end_as_never_sent_is_recorded() {
    let mut book = paid(won(1000));
    book.run(cancel(1, Some(300))).unwrap();
    let never_sent = RefundOutcome::Refused(Failure::own(Failure::NOT_SENT, "never seen"));
    book.run(resolve_refund(1, never_sent, Reporter::Resolver))
        .unwrap();
    for by in [Reporter::Request, Reporter::Resolver] {
        assert_eq!(
            outcome_of(&book, resolve_refund(1, refunded(), by)),
            "Failed, PAID, record late refund of 300"
        );
    }
    assert_eq!(
        outcome_of(&book, resolve_refund(1, refused(), Reporter::Resolver)),
        "–"
    );
}

#[test]
fn a_report_about_no_cancellation_is_refused() {
    let command = || resolve_refund(9, refunded(), Reporter::Resolver);
    assert_eq!(
        Book::default().ask(command()),
        Err(Refusal::PaymentNotFound)
    );
    assert_eq!(
        book_in("Captured").ask(command()),
        Err(Refusal::NothingToDo)
    );
    assert_eq!(book_in("Failed").ask(command()), Err(Refusal::NothingToDo));
}

#[test]
fn skip_webhook_silences_a_refund_unless_the_resolver_finds_it() {
    let mut book = paid(won(1000));
    let mut request = cancel_request(1, None);
    request.skip_webhook = true;
    book.run(Command::Cancel(Box::new(request))).unwrap();
    let by = |by| outcome_of(&book, resolve_refund(1, refunded(), by));
    assert_eq!(by(Reporter::Request), "Succeeded, CANCELLED");
    assert_eq!(
        by(Reporter::Resolver),
        "Succeeded, CANCELLED, tell Cancelled (AsyncCancelApproved)"
    );
}

#[test]
fn the_last_part_cancels_the_whole() {
    let mut book = book_with("Succeeded", Some(400));
    assert_eq!(book.payment().status(), Status::PartialCancelled);
    book.run(cancel(2, Some(600))).unwrap();
    assert_eq!(book.payment().status(), Status::PartialCancelled);
    let decision = book
        .run(resolve_refund(2, refunded(), Reporter::Request))
        .unwrap();
    assert_eq!(effects_of(&decision), ", tell Cancelled");
    assert_eq!(book.payment().status(), Status::Cancelled);
    assert_eq!(book.payment().attempts[0].status_changed_at, at(7));
}

#[test]
fn a_cancellation_in_flight_makes_the_next_one_wait() {
    for state in ["Sending", "Requested"] {
        let book = book_with(state, Some(10));
        assert_eq!(
            book.ask(cancel(2, Some(10))),
            Err(Refusal::CancellationInFlight)
        );
    }
    for state in ["Succeeded", "Failed"] {
        assert!(book_with(state, Some(10)).ask(cancel(2, Some(10))).is_ok());
    }
}

#[test]
fn a_refused_refund_keeps_its_reason() {
    let book = book_with("Failed", None);
    let state = &book
        .payment()
        .cancellation(cancellation_id(1))
        .unwrap()
        .state;
    let CancellationState::Failed { failure, .. } = state else {
        panic!("{state:?}")
    };
    assert_eq!(failure.reason(), "[REFUND_REFUSED] no");
}

/// Where the bank transfer of a virtual account's refund stands.
#[test]
fn the_refund_of_an_account_shows_its_progress() {
    let progress = |book: &Book| match book.state(attempt_id(SUBJECT)) {
        AttemptState::Captured { capture } => match &capture.method {
            Method::VirtualAccount(account) => account.refund,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let mut book = book_in("WaitingForDeposit");
    book.run(deposit(SUBJECT, "tx-1", 1000)).unwrap();
    assert_eq!(progress(&book), None);
    book.run(cancel(1, Some(100))).unwrap();
    assert_eq!(progress(&book), Some(AccountRefund::Pending));
    book.run(resolve_refund(1, refused(), Reporter::Request))
        .unwrap();
    assert_eq!(progress(&book), Some(AccountRefund::Failed));
    book.run(cancel(2, Some(100))).unwrap();
    book.run(resolve_refund(2, refunded(), Reporter::Request))
        .unwrap();
    assert_eq!(progress(&book), Some(AccountRefund::Completed));
    book.run(cancel(3, Some(100))).unwrap();
    book.run(resolve_refund(3, refused(), Reporter::Resolver))
        .unwrap();
    assert_eq!(progress(&book), Some(AccountRefund::PartialFailed));
}

#[test]
fn only_what_is_open_can_be_stopped() {
    let stop = |number| Command::StopCancellation {
        id: cancellation_id(number),
    };
    let ask = |state: &str, number| {
        let mut book = book_with(state, Some(10));
        match book.run(stop(number)) {
            Ok(_) => name_of_state(&book.payment().cancellations[0].state).to_owned(),
            Err(refusal) => format!("refused {refusal:?}"),
        }
    };
    let states = ["Sending", "Requested", "Succeeded", "Failed"];
    let rows: Vec<_> = states
        .iter()
        .map(|state| row([state, &ask(state, 1), &ask(state, 2)]))
        .collect();
    assert_table(
        &rows,
        "
Sending   | Failed                         | refused CancellationNotFound
Requested | Failed                         | refused CancellationNotFound
Succeeded | refused CancellationNotPending | refused CancellationNotFound
Failed    | refused CancellationNotPending | refused CancellationNotFound
",
    );
    assert_eq!(Book::default().ask(stop(1)), Err(Refusal::PaymentNotFound));
}

#[test]
fn money_that_goes_back_after_a_stop_is_recorded() {
    let mut book = book_with("Requested", Some(10));
    book.run(Command::StopCancellation {
        id: cancellation_id(1),
    })
    .unwrap();
    assert_eq!(book.payment().reserved().total, 0);
    let late = outcome_of(&book, resolve_refund(1, refunded(), Reporter::Resolver));
    assert!(late.contains("record"), "{late}");
}
