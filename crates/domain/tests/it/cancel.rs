//! Cancelling: whether it may begin, and with which amounts (P5, design 2a.7).

use naru_domain::Amount;
use naru_domain::payment::{CancelRequest, Command, Refusal, Reporter};

use crate::book::Book;
use crate::sample::{STATES, SUBJECT, book_in};
use crate::support::{
    approved, attempt, begin, cancel, cancel_request, order, refunded, refused, resolve,
    resolve_refund, won,
};
use crate::tables::{self, assert_table, row};

/// A paid payment of that amount.
pub fn paid(amount: Amount) -> Book {
    let mut first = attempt(SUBJECT);
    first.order = order(amount);
    let taken = approved("tx-1", amount.total);
    Book::after([begin(first), resolve(SUBJECT, taken, Reporter::Request)])
}

fn amount(total: i64, tax_free: i64, vat: i64) -> Amount {
    Amount::new(total, Some(tax_free), Some(vat)).unwrap()
}

/// Asks for a cancellation whose fields the test sets.
fn ask(book: &Book, change: impl FnOnce(&mut CancelRequest)) -> Result<Amount, Refusal> {
    let mut book = book.clone();
    let mut request = cancel_request(99, None);
    change(&mut request);
    book.run(Command::Cancel(Box::new(request)))?;
    Ok(book.payment().cancellations.last().unwrap().amount)
}

/// Cancels and has it refunded.
fn cancel_now(book: &mut Book, number: u128, change: impl FnOnce(&mut CancelRequest)) {
    let mut request = cancel_request(number, None);
    change(&mut request);
    book.run(Command::Cancel(Box::new(request))).unwrap();
    book.run(resolve_refund(number, refunded(), Reporter::Request))
        .unwrap();
}

#[test]
fn only_what_was_paid_can_be_cancelled() {
    let rows: Vec<_> = STATES
        .iter()
        .map(|state| {
            let answer = book_in(state).ask(cancel(1, None));
            row([
                state,
                &answer.map_or_else(|why| format!("{why:?}"), |_| "begins".to_owned()),
            ])
        })
        .filter(|row| row[1] != "PaymentNotPaid")
        .collect();
    assert_table(&rows, "Captured | begins");
    assert_eq!(
        Book::default().ask(cancel(1, None)),
        Err(Refusal::PaymentNotFound)
    );
}

/// Each request breaks all the rules below its own refusal, too: the first one wins.
#[test]
fn refusals_come_in_their_order() {
    let worst = |request: &mut CancelRequest| {
        request.current_cancellable = Some(1);
        request.amount = Some(9_000);
        request.tax_free = Some(8_000);
        request.vat = Some(8_000);
    };
    let mut book = paid(amount(1000, 110, 50));
    book.run(cancel(1, None)).unwrap();
    book.run(resolve_refund(1, refunded(), Reporter::Request))
        .unwrap();
    book.limits.cancellations_max = 0;
    assert_eq!(ask(&book, worst), Err(Refusal::PaymentAlreadyCancelled));
    assert_eq!(ask(&book_in("Failed"), worst), Err(Refusal::PaymentNotPaid));

    let mut book = paid(amount(1000, 110, 50));
    book.run(cancel(1, None)).unwrap();
    book.limits.cancellations_max = 0;
    assert_eq!(ask(&book, worst), Err(Refusal::CancellationInFlight));
    let mut book = paid(amount(1000, 110, 50));
    book.limits.cancellations_max = 0;
    assert_eq!(ask(&book, worst), Err(Refusal::MaxCancelCountReached));
    let book = paid(amount(1000, 110, 50));
    assert_eq!(
        ask(&book, worst),
        Err(Refusal::CancellableAmountConsistencyBroken)
    );
    let refusal = |change: fn(&mut CancelRequest)| {
        ask(&book, |request| {
            worst(request);
            request.current_cancellable = Some(1000);
            change(request);
        })
        .unwrap_err()
    };
    assert_eq!(
        refusal(|_| {}),
        Refusal::CancelAmountExceedsCancellableAmount
    );
    assert_eq!(
        refusal(|it| it.amount = Some(999)),
        Refusal::SumOfPartsExceedsCancelAmount
    );
    assert_eq!(
        refusal(|it| (it.amount, it.tax_free, it.vat) = (Some(999), Some(111), Some(888))),
        Refusal::CancelTaxFreeAmountExceedsCancellableTaxFreeAmount
    );
    assert_eq!(
        refusal(|it| (it.amount, it.tax_free, it.vat) = (Some(999), Some(110), Some(51))),
        Refusal::CancelTaxAmountExceedsCancellableTaxAmount
    );
}

#[test]
fn cancel_beyond_remaining_amount_is_refused() {
    let mut book = paid(won(1000));
    cancel_now(&mut book, 1, |it| it.amount = Some(400));
    let exceeds = Err(Refusal::CancelAmountExceedsCancellableAmount);
    assert_eq!(ask(&book, |it| it.amount = Some(601)), exceeds);
    assert_eq!(ask(&book, |it| it.amount = Some(i64::MAX)), exceeds);
    assert_eq!(ask(&book, |it| it.amount = Some(600)).unwrap().total, 600);
    assert_eq!(ask(&book, |_| {}).unwrap().total, 600);
}

#[test]
fn cancel_of_nothing_or_less_is_refused() {
    let book = paid(amount(1000, 100, 50));
    let exceeds = Err(Refusal::CancelAmountExceedsCancellableAmount);
    for nothing in [0, -1, i64::MIN] {
        assert_eq!(ask(&book, |it| it.amount = Some(nothing)), exceeds);
    }
    for less in [-1, i64::MIN] {
        assert_eq!(
            ask(&book, |it| (it.amount, it.tax_free) =
                (Some(10), Some(less))),
            Err(Refusal::CancelTaxFreeAmountExceedsCancellableTaxFreeAmount)
        );
        assert_eq!(
            ask(&book, |it| (it.amount, it.vat) = (Some(10), Some(less))),
            Err(Refusal::CancelTaxAmountExceedsCancellableTaxAmount)
        );
    }
}

#[test]
fn a_wrong_balance_is_refused() {
    let mut book = paid(won(1000));
    cancel_now(&mut book, 1, |it| it.amount = Some(400));
    let broken = Err(Refusal::CancellableAmountConsistencyBroken);
    for believed in [0, 400, 599, 601, 1000, i64::MIN] {
        assert_eq!(
            ask(&book, |it| it.current_cancellable = Some(believed)),
            broken
        );
    }
    assert!(ask(&book, |it| it.current_cancellable = Some(600)).is_ok());
}

/// The balance that a refused cancellation had reserved is free again.
#[test]
fn a_refused_cancellation_gives_its_reserve_back() {
    let mut book = paid(won(1000));
    book.run(cancel(1, Some(700))).unwrap();
    assert_eq!(book.payment().reserved().total, 700);
    assert_eq!(book.payment().cancelled().total, 0);
    book.run(resolve_refund(1, refused(), Reporter::Request))
        .unwrap();
    assert_eq!(book.payment().reserved().total, 0);
    assert_eq!(
        ask(&book, |it| it.current_cancellable = Some(1000))
            .unwrap()
            .total,
        1000
    );
}

#[test]
fn refused_cancellations_count_towards_the_limit() {
    let mut book = paid(won(1000));
    book.limits.cancellations_max = 2;
    for number in 1..=2 {
        book.run(cancel(number, Some(1))).unwrap();
        book.run(resolve_refund(number, refused(), Reporter::Request))
            .unwrap();
    }
    assert_eq!(
        book.run(cancel(3, Some(1))),
        Err(Refusal::MaxCancelCountReached)
    );
}

/// Paid; asked for; cancelled: amount, tax-free part and VAT of each, `-` where omitted.
const PARTS: &str = "
1000 0 91 | - - - | 1000 0 91
1000 0 91 | 1000 - - | 1000 0 91
1000 0 91 | 500 - - | 500 0 45
1000 0 91 | 500 - 40 | 500 0 40
1000 0 91 | 500 - 91 | 500 0 91
1000 0 91 | 500 - 92 | CancelTaxAmountExceedsCancellableTaxAmount
1000 0 91 | 500 1 - | CancelTaxFreeAmountExceedsCancellableTaxFreeAmount

1000 300 64 | - - - | 1000 300 64
1000 300 64 | 1000 - - | 1000 300 64
1000 300 64 | - 300 - | 1000 300 64
1000 300 64 | - - 64 | CancelTaxAmountExceedsCancellableTaxAmount
1000 300 64 | - 0 - | CancelTaxAmountExceedsCancellableTaxAmount
1000 300 64 | - 300 63 | CancelTaxAmountExceedsCancellableTaxAmount
1000 300 64 | 700 - - | 700 0 64
1000 300 64 | 701 - - | CancelTaxAmountExceedsCancellableTaxAmount
1000 300 64 | 300 300 - | 300 300 0
1000 300 64 | 400 300 - | 400 300 9

1000 0 10 | 500 - - | 500 0 10
1000 0 0 | 500 - - | 500 0 0
1000 0 900 | 500 - - | 500 0 400
1000 0 900 | 500 - 399 | CancelTaxAmountExceedsCancellableTaxAmount
1000 0 900 | 500 - 400 | 500 0 400
1000 1000 0 | 500 - - | CancelTaxAmountExceedsCancellableTaxAmount
1000 1000 0 | 500 500 - | 500 500 0
";

/// The whole rest takes the remaining parts; a part of it is taxable unless it says so. A computed
/// VAT is capped at what is left, and never leaves more VAT than taxable amount.
#[test]
fn omitted_parts_are_filled_by_the_rules() {
    let numbers = |cell: &str| -> [Option<i64>; 3] {
        let parts: Vec<_> = cell.split(' ').map(|part| part.parse().ok()).collect();
        parts.try_into().unwrap()
    };
    for row in tables::parse(PARTS) {
        let [total, tax_free, vat] = numbers(&row[0]);
        let whole = Amount::new(total.unwrap(), tax_free, vat).unwrap();
        let answer = ask(&paid(whole), |request| {
            [request.amount, request.tax_free, request.vat] = numbers(&row[1]);
        });
        let answer = match answer {
            Ok(parts) => format!("{} {} {}", parts.total, parts.tax_free, parts.vat),
            Err(refusal) => format!("{refusal:?}"),
        };
        assert_eq!(answer, row[2], "{row:?}");
    }
}

#[test]
fn thirds_of_an_odd_amount_add_up_to_the_whole() {
    let whole = amount(1000, 100, 82);
    let mut book = paid(whole);
    cancel_now(&mut book, 1, |it| {
        (it.amount, it.tax_free) = (Some(333), Some(33));
    });
    cancel_now(&mut book, 2, |it| {
        (it.amount, it.tax_free) = (Some(333), Some(33));
    });
    cancel_now(&mut book, 3, |_| {});
    assert_eq!(book.payment().cancelled(), whole);
    let vats: Vec<i64> = book
        .payment()
        .cancellations
        .iter()
        .map(|one| one.amount.vat)
        .collect();
    assert_eq!(vats, [27, 27, 28]);
}

#[test]
fn one_won_at_a_time_gives_the_whole_back() {
    let mut book = paid(amount(60, 0, 60));
    book.limits.cancellations_max = 60;
    for number in 1..=60 {
        cancel_now(&mut book, number, |it| it.amount = Some(1));
    }
    assert_eq!(book.payment().cancelled(), amount(60, 0, 60));
    assert_eq!(
        book.ask(cancel(61, Some(1))),
        Err(Refusal::PaymentAlreadyCancelled)
    );
}

#[test]
fn a_cancellation_keeps_what_it_was_asked_with() {
    let mut book = paid(won(1000));
    cancel_now(&mut book, 1, |it| it.amount = Some(250));
    let mut request = cancel_request(2, Some(250));
    request.requester = Some("CUSTOMER".to_owned());
    request.skip_webhook = true;
    book.run(Command::Cancel(Box::new(request.clone())))
        .unwrap();
    let cancellation = book.payment().cancellations.last().unwrap();
    assert_eq!(cancellation.id, request.id);
    assert_eq!(cancellation.reason, request.reason);
    assert_eq!(cancellation.requester, request.requester);
    assert_eq!(cancellation.cancelled_before, 250);
    assert_eq!(cancellation.requested_at, book.now());
    assert!(cancellation.skip_webhook);
}
