//! Actions and escrow: the order of refusals, one at a time, and where the PG's news leads.

use naru_domain::cash_receipt::{IssuedReceipt, ReceiptKind};
use naru_domain::payment::{
    ActionEnd, AttemptState, Command, Discrepancy, Effect, Escrow, EscrowState, PaymentReceipt,
    Refusal, Reporter, Shipment, Task,
};
use naru_domain::{Amount, Timestamp};

use crate::book::Book;
use crate::cancel::paid;
use crate::sample::{STATES, SUBJECT, book_in};
use crate::support::{
    approved, at, attempt, attempt_id, begin, cancel, capture, deposit_of, failure, issued,
    refunded, resolve, resolve_refund, won,
};
use crate::tables::{assert_table, row};

fn shipment(number: &str) -> Shipment {
    Shipment {
        company: "CJ".to_owned(),
        invoice_number: number.to_owned(),
        sent_at: at(3),
        applied_at: at(0),
    }
}

fn register(number: &str) -> Task {
    Task::RegisterShipment {
        shipment: shipment(number),
    }
}

fn act(task: Task, seconds: i64) -> Command {
    Command::Act {
        task,
        send_by: at(seconds),
    }
}

fn end(seconds: i64, end: ActionEnd) -> Command {
    Command::EndAction {
        send_by: at(seconds),
        end,
    }
}

fn done() -> ActionEnd {
    ActionEnd::Done {
        at: at(20),
        receipt_url: None,
    }
}

fn refused() -> ActionEnd {
    ActionEnd::Refused {
        failure: failure("NO"),
    }
}

fn news(state: EscrowState) -> Command {
    Command::EscrowNews {
        attempt: attempt_id(SUBJECT),
        state,
    }
}

/// A paid payment whose money the PG holds.
pub fn held() -> Book {
    let mut first = attempt(SUBJECT);
    first.order.is_escrow = true;
    let taken = approved("tx-1", 1000);
    Book::after([begin(first), resolve(SUBJECT, taken, Reporter::Request)])
}

fn escrow(book: &Book) -> Escrow {
    book.payment().escrow.clone().unwrap()
}

const STATES_OF_ESCROW: [EscrowState; 7] = [
    EscrowState::BeforeRegistered,
    EscrowState::Registered,
    EscrowState::Delivered,
    EscrowState::Confirmed {
        automatically: true,
    },
    EscrowState::Rejected,
    EscrowState::RejectConfirmed,
    EscrowState::Cancelled,
];

#[test]
fn an_action_needs_money_that_is_there() {
    let sales = || Task::RegisterStoreSales { sales: Vec::new() };
    let rows: Vec<_> = STATES
        .iter()
        .map(|state| {
            let answer = book_in(state).ask(act(sales(), 9));
            row([
                state,
                &answer.map_or_else(|why| format!("{why:?}"), |_| "begins".to_owned()),
            ])
        })
        .filter(|row| row[1] != "PaymentNotPaid")
        .collect();
    assert_table(&rows, "Captured | begins");
    assert_eq!(
        Book::default().ask(act(sales(), 9)),
        Err(Refusal::PaymentNotFound)
    );
    let mut book = paid(won(1000));
    assert!(book.ask(act(Task::CapturePayment, 9)).is_ok());
    book.run(cancel(1, None)).unwrap();
    book.run(resolve_refund(1, refunded(), Reporter::Request))
        .unwrap();
    for task in [sales(), Task::CapturePayment] {
        assert_eq!(book.ask(act(task, 9)), Err(Refusal::PaymentNotPaid));
    }
}

/// Each request breaks the rules below its own refusal, too: the first one wins.
#[test]
fn refusals_come_in_their_order() {
    assert_eq!(
        book_in("Failed").ask(act(Task::AcceptRejection, 9)),
        Err(Refusal::PaymentNotPaid)
    );
    let mut open = paid(won(1000));
    open.run(act(Task::RegisterStoreSales { sales: Vec::new() }, 8))
        .unwrap();
    for task in [register("1"), Task::AcceptRejection] {
        assert_eq!(open.ask(act(task, 9)), Err(Refusal::NotEscrow));
    }
    let mut open = held();
    open.run(act(register("1"), 8)).unwrap();
    assert_eq!(
        open.ask(act(Task::AcceptRejection, 9)),
        Err(Refusal::EscrowNotRejected)
    );
    assert_eq!(
        open.ask(act(register("2"), 9)),
        Err(Refusal::ActionInFlight)
    );
    open.run(end(8, refused())).unwrap();
    assert!(open.ask(act(register("2"), 9)).is_ok());
}

#[test]
fn an_action_ends_once_and_only_itself() {
    let mut book = held();
    let decision = book.run(act(register("1"), 8)).unwrap();
    assert_eq!(decision.effects, [Effect::ResolveAction { send_by: at(8) }]);
    assert_eq!(book.ask(end(7, done())), Err(Refusal::NothingToDo));
    book.run(end(8, done())).unwrap();
    assert_eq!(book.ask(end(8, done())), Err(Refusal::NothingToDo));
    assert_eq!(book.payment().action, None);
    let held = escrow(&book);
    assert_eq!(held.state, EscrowState::Registered);
    let applied_at: Timestamp = held.shipment.unwrap().applied_at;
    assert_eq!(applied_at, at(20));
}

#[test]
fn a_refused_shipment_changes_nothing_and_a_correction_only_the_shipment() {
    let mut book = held();
    book.run(act(register("1"), 8)).unwrap();
    book.run(end(8, refused())).unwrap();
    assert_eq!(escrow(&book), Escrow::default());
    book.run(act(register("1"), 9)).unwrap();
    book.run(end(9, done())).unwrap();
    book.run(news(EscrowState::Rejected)).unwrap();
    let change = Task::ChangeShipment {
        shipment: shipment("2"),
    };
    book.run(act(change, 10)).unwrap();
    book.run(end(10, done())).unwrap();
    let held = escrow(&book);
    assert_eq!(held.state, EscrowState::Rejected);
    assert_eq!(held.shipment.unwrap().invoice_number, "2");
}

#[test]
fn a_shipment_without_a_clear_answer_is_the_one_that_the_pg_then_tells_of() {
    let mut book = held();
    book.run(act(register("1"), 8)).unwrap();
    book.run(end(8, ActionEnd::Unclear)).unwrap();
    assert_eq!(escrow(&book).state, EscrowState::BeforeRegistered);
    assert_eq!(escrow(&book).shipment, None);
    book.run(news(EscrowState::Registered)).unwrap();
    assert_eq!(escrow(&book).shipment.unwrap().invoice_number, "1");
    assert_eq!(escrow(&book).unconfirmed, None);
}

/// The other way round: the notice is there before it is clear that there will be no answer.
#[test]
fn a_shipment_that_the_pg_tells_of_while_it_is_under_way_is_the_one_asked_for() {
    for (ends, kept) in [
        (ActionEnd::Unclear, Some("1")),
        (done(), Some("1")),
        // The PG was told by somebody else, of what nobody knows here.
        (refused(), None),
    ] {
        let mut book = held();
        book.run(act(register("1"), 8)).unwrap();
        book.run(news(EscrowState::Registered)).unwrap();
        let told = book.payment().told_shipment().unwrap();
        assert_eq!(told.invoice_number, "1");
        assert_eq!(escrow(&book).shipment, None);
        book.run(end(8, ends)).unwrap();
        let held = escrow(&book);
        assert_eq!(held.state, EscrowState::Registered);
        let number = held.shipment.as_ref().map(|it| it.invoice_number.as_str());
        assert_eq!(number, kept);
        assert_eq!(book.payment().told_shipment(), held.shipment.as_ref());
        assert_eq!(held.unconfirmed, None);
    }
}

#[test]
fn news_lead_where_the_pg_can_go_and_nowhere_else() {
    let mut rows = Vec::new();
    for from in STATES_OF_ESCROW {
        let leads: Vec<&str> = STATES_OF_ESCROW
            .iter()
            .filter(|to| from.leads_to(**to))
            .map(|to| to.name())
            .collect();
        rows.push(row([from.name(), &leads.join(" ")]));
    }
    assert_table(
        &rows,
        "
BEFORE_REGISTERED | REGISTERED DELIVERED CONFIRMED REJECTED REJECT_CONFIRMED CANCELLED
REGISTERED | DELIVERED CONFIRMED REJECTED REJECT_CONFIRMED CANCELLED
DELIVERED | CONFIRMED REJECTED REJECT_CONFIRMED CANCELLED
CONFIRMED | CANCELLED
REJECTED | CONFIRMED REJECT_CONFIRMED CANCELLED
REJECT_CONFIRMED | CANCELLED
CANCELLED |
",
    );
    let mut book = held();
    book.run(news(EscrowState::Rejected)).unwrap();
    assert_eq!(
        book.ask(news(EscrowState::Registered)),
        Err(Refusal::NothingToDo)
    );
    book.run(act(Task::AcceptRejection, 8)).unwrap();
    book.run(end(8, done())).unwrap();
    assert_eq!(escrow(&book).state, EscrowState::RejectConfirmed);
    assert_eq!(
        paid(won(1000)).ask(news(EscrowState::Registered)),
        Err(Refusal::NothingToDo)
    );
}

#[test]
fn a_whole_cancellation_ends_the_escrow_and_a_part_does_not() {
    let mut book = held();
    book.run(cancel(1, Some(400))).unwrap();
    book.run(resolve_refund(1, refunded(), Reporter::Request))
        .unwrap();
    assert_eq!(escrow(&book).state, EscrowState::BeforeRegistered);
    book.run(cancel(2, None)).unwrap();
    book.run(resolve_refund(2, refunded(), Reporter::Request))
        .unwrap();
    assert_eq!(escrow(&book).state, EscrowState::Cancelled);
    assert_eq!(
        book.ask(act(register("1"), 8)),
        Err(Refusal::PaymentNotPaid)
    );
}

#[test]
fn the_pg_says_whether_it_holds_the_money() {
    let with = |said: Option<bool>| {
        let mut first = attempt(SUBJECT);
        first.order.is_escrow = true;
        let mut taken = capture("tx-1", 1000);
        taken.escrow = said;
        let outcome = naru_domain::payment::AttemptOutcome::Approved(Box::new(taken));
        let book = Book::after([begin(first), resolve(SUBJECT, outcome, Reporter::Request)]);
        book.payment().escrow.is_some()
    };
    assert!(with(None), "as it was asked for");
    assert!(with(Some(true)));
    assert!(!with(Some(false)));
    let mut first = attempt(SUBJECT);
    first.order.is_escrow = true;
    let mut account = issued();
    account.escrow = Some(false);
    let outcome = naru_domain::payment::AttemptOutcome::AccountIssued(Box::new(account));
    let mut book = Book::after([begin(first), resolve(SUBJECT, outcome, Reporter::Request)]);
    book.run(crate::support::deposit(SUBJECT, "issue-1", 1000))
        .unwrap();
    assert_eq!(book.payment().escrow, None, "the issue said so");
}

fn receipt() -> PaymentReceipt {
    PaymentReceipt {
        kind: None,
        issued: IssuedReceipt {
            pg_receipt_id: Some("receipt-1".to_owned()),
            issue_number: "123456789".to_owned(),
            url: None,
            at: at(2),
        },
        amount: Amount::ZERO,
        cancelled_at: None,
        is_manual: false,
    }
}

/// A payment by deposit with a receipt for a person.
fn with_receipt() -> Book {
    let mut first = attempt(SUBJECT);
    first.cash_receipt = Some(ReceiptKind::Personal);
    let account = crate::support::account_issued();
    let mut book = Book::after([begin(first), resolve(SUBJECT, account, Reporter::Request)]);
    let mut taken = deposit_of("issue-1", 1000);
    taken.cash_receipt = Some(receipt());
    book.run(Command::Deposit {
        attempt: attempt_id(SUBJECT),
        capture: Box::new(taken),
    })
    .unwrap();
    book
}

fn receipt_of(book: &Book) -> PaymentReceipt {
    match book.state(attempt_id(SUBJECT)) {
        AttemptState::Captured { capture } => capture.cash_receipt.clone().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_receipt_of_a_deposit_follows_its_money() {
    let mut book = with_receipt();
    let found = receipt_of(&book);
    assert_eq!(
        (found.kind, found.amount),
        (Some(ReceiptKind::Personal), won(1000))
    );
    book.run(cancel(1, Some(400))).unwrap();
    book.run(resolve_refund(1, refunded(), Reporter::Request))
        .unwrap();
    assert_eq!(receipt_of(&book).amount.total, 600);
    book.run(cancel(2, None)).unwrap();
    book.run(resolve_refund(2, refunded(), Reporter::Request))
        .unwrap();
    let gone = receipt_of(&book);
    assert_eq!((gone.amount.total, gone.cancelled_at), (600, Some(at(7))));
}

#[test]
fn a_receipt_that_was_cancelled_apart_stays_as_it_was() {
    let cancelled = || Command::ReceiptCancelled {
        cancelled_at: at(9),
    };
    let mut book = with_receipt();
    book.run(cancelled()).unwrap();
    assert_eq!(book.ask(cancelled()), Err(Refusal::NothingToDo));
    book.run(cancel(1, None)).unwrap();
    book.run(resolve_refund(1, refunded(), Reporter::Request))
        .unwrap();
    let gone = receipt_of(&book);
    assert_eq!((gone.amount.total, gone.cancelled_at), (1000, Some(at(9))));
    assert_eq!(paid(won(1000)).ask(cancelled()), Err(Refusal::NothingToDo));
}

#[test]
fn a_receipt_that_is_told_later_is_added_once() {
    let found = || Command::ReceiptFound {
        attempt: attempt_id(SUBJECT),
        issued: receipt().issued,
    };
    let mut book = book_in("WaitingForDeposit");
    assert_eq!(book.ask(found()), Err(Refusal::NothingToDo));
    book.run(crate::support::deposit(SUBJECT, "issue-1", 1000))
        .unwrap();
    book.run(found()).unwrap();
    assert_eq!(receipt_of(&book).amount, won(1000));
    assert_eq!(book.ask(found()), Err(Refusal::NothingToDo));
}

#[test]
fn a_receipt_asked_for_by_itself_takes_the_place_of_a_cancelled_one_and_follows_nothing() {
    let issued = || Command::ReceiptIssued {
        receipt: Box::new(PaymentReceipt {
            kind: Some(ReceiptKind::Corporate),
            amount: won(700),
            is_manual: true,
            ..receipt()
        }),
    };
    let waiting = book_in("WaitingForDeposit").ask(issued());
    assert_eq!(waiting, Err(Refusal::NothingToDo));
    let mut book = with_receipt();
    assert_eq!(book.ask(issued()), Err(Refusal::NothingToDo), "one counts");
    let cancelled = Command::ReceiptCancelled {
        cancelled_at: at(9),
    };
    book.run(cancelled.clone()).unwrap();
    book.run(issued()).unwrap();
    book.run(cancel(1, None)).unwrap();
    book.run(resolve_refund(1, refunded(), Reporter::Request))
        .unwrap();
    let stays = receipt_of(&book);
    assert_eq!((stays.amount.total, stays.cancelled_at), (700, None));
    book.run(cancelled).unwrap();
    assert_eq!(receipt_of(&book).cancelled_at, Some(at(9)));
}

#[test]
fn a_note_is_kept_and_changes_no_state() {
    let note = |number| Command::Note {
        attempt: attempt_id(number),
        discrepancy: Discrepancy::ForeignRefund { amount: 5 },
    };
    let mut book = paid(won(1000));
    let before = book.payment().clone();
    let decision = book.run(note(SUBJECT)).unwrap();
    assert_eq!(decision.effects.len(), 1);
    let after = book.payment().clone();
    assert_eq!(before.attempts, after.attempts);
    assert_eq!(book.ask(note(77)), Err(Refusal::NothingToDo));
}
