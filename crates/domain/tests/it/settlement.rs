//! Lines of settlements against our books, their figures and sums, and books against books.

use jiff::tz::TimeZone;
use naru_domain::payment::{AttemptState, Cancellation, CancellationState, Payment};
use naru_domain::settlement::{
    Action, LineFigures, LineKind, LineMethod, MatchStatus, Ours, Reason, SettlementLine, Summary,
    Taxation, VatSums, compare, figures, our_approval, our_cancellation, tie_cancellation,
};
use naru_domain::{
    Amount, CancellationId, Currency, Day, DifferenceKind, PgBooks, PgState, Timestamp,
    compare_books,
};
use proptest::prelude::*;
use uuid::Uuid;

use crate::sample::book_in;

fn korea() -> TimeZone {
    TimeZone::get("Asia/Seoul").unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn line(kind: LineKind, amount: i64) -> SettlementLine {
    SettlementLine {
        kind,
        pg_tx_id: "tid".to_owned(),
        order_id: None,
        pg_cancellation_id: None,
        transacted_on: day("2026-01-15"),
        transacted_at: None,
        settled_on: day("2026-01-16"),
        method: LineMethod::Card,
        currency: Currency::krw(),
        amount,
        discount: 0,
        tax_free: None,
        vat: None,
        fee: 0,
        fee_vat: None,
        is_escrow: None,
        installment_months: None,
        order_name: None,
    }
}

fn ours(total: i64) -> Ours {
    Ours {
        action: Action::Approval,
        amount: Amount::new(total, Some(100), None).unwrap(),
        currency: Currency::krw(),
        day: day("2026-01-15"),
        is_escrow: false,
        installment_months: 0,
        cancellation: None,
    }
}

#[test]
fn the_worked_example_of_the_formulas() {
    let mut approval = line(LineKind::Approval, 11_000);
    approval.fee = 275;
    let found = figures(&approval, Taxation::Taxable, None);
    assert_eq!(
        (found.vat, found.supply, found.fee_vat),
        (1_000, 10_000, 28)
    );
    let mut sum = Summary::default();
    sum.add((Action::Approval, MatchStatus::Matched), 1, &found, 0);
    assert_eq!(
        (sum.settlement_count(), sum.settlement_amount()),
        (1, 10_697)
    );
}

#[test]
fn what_is_compared_and_what_each_difference_is_called() {
    type Change = fn(&mut SettlementLine);
    let cases: [(Change, &[Reason]); 12] = [
        (|_| {}, &[]),
        (|line| line.amount = 1_001, &[Reason::PaymentAmount]),
        (
            |line| line.currency = Currency::new("USD"),
            &[Reason::PaymentAmount],
        ),
        (|line| line.tax_free = Some(100), &[]),
        (|line| line.tax_free = Some(99), &[Reason::TaxFreeAmount]),
        (|line| line.vat = Some(82), &[]),
        (|line| line.vat = Some(81), &[Reason::VatAmount]),
        (|line| line.is_escrow = Some(true), &[Reason::Escrow]),
        (
            |line| line.installment_months = Some(3),
            &[Reason::InstallmentMonths],
        ),
        (
            |line| line.transacted_on = day("2026-01-16"),
            &[Reason::PaymentDate],
        ),
        // Seconds do not count.
        (
            |line| line.transacted_at = "2026-01-15T14:59:59Z".parse().ok(),
            &[],
        ),
        (
            |line| {
                line.amount = 900;
                line.vat = Some(0);
                line.transacted_on = day("2026-01-14");
            },
            &[
                Reason::PaymentAmount,
                Reason::VatAmount,
                Reason::PaymentDate,
            ],
        ),
    ];
    for (at, (change, reasons)) in cases.into_iter().enumerate() {
        let mut line = line(LineKind::Approval, 1_000);
        change(&mut line);
        let verdict = compare(&line, Some(&ours(1_000)), None);
        assert_eq!(verdict.reasons, reasons, "case {at}");
        let status = if reasons.is_empty() {
            MatchStatus::Matched
        } else {
            MatchStatus::NotMatched
        };
        assert_eq!(verdict.status, status, "case {at}");
        assert_eq!(verdict.difference, line.amount - 1_000, "case {at}");
    }
}

#[test]
fn a_line_alone_is_incomparable_and_an_old_one_was_not_collected() {
    let ours = ours(1_000);
    let from = day("2026-01-16");
    let cases = [
        (
            LineKind::Approval,
            None,
            None,
            MatchStatus::Incomparable,
            Action::Approval,
        ),
        (
            LineKind::Cancellation,
            None,
            None,
            MatchStatus::Incomparable,
            Action::UnclassifiedCancel,
        ),
        (
            LineKind::Correction,
            Some(&ours),
            None,
            MatchStatus::Incomparable,
            Action::Correction,
        ),
        (
            LineKind::Approval,
            Some(&ours),
            Some(from),
            MatchStatus::NotCollected,
            Action::Approval,
        ),
        (
            LineKind::Approval,
            Some(&ours),
            Some(day("2026-01-15")),
            MatchStatus::Matched,
            Action::Approval,
        ),
    ];
    for (kind, ours, from, status, action) in cases {
        let verdict = compare(&line(kind, 1_000), ours, from);
        assert_eq!((verdict.status, verdict.action), (status, action));
    }
}

#[test]
fn taxation_of_the_channel_goes_before_the_file_and_our_payment_fills_gaps() {
    let mut told = line(LineKind::Approval, 1_000);
    told.tax_free = Some(500);
    told.vat = Some(45);
    let silent = line(LineKind::Approval, 1_000);
    let ours = ours(1_000);
    let parts = |line, taxation, ours| {
        let LineFigures {
            total,
            supply,
            vat,
            tax_free,
            ..
        } = figures(line, taxation, ours);
        assert_eq!(total, supply + vat + tax_free);
        (supply, vat, tax_free)
    };
    assert_eq!(
        parts(&told, Taxation::PerPayment, Some(&ours)),
        (455, 45, 500)
    );
    assert_eq!(parts(&told, Taxation::Taxable, Some(&ours)), (955, 45, 0));
    assert_eq!(parts(&told, Taxation::Exempt, Some(&ours)), (0, 0, 1_000));
    assert_eq!(
        parts(&silent, Taxation::PerPayment, Some(&ours)),
        (818, 82, 100)
    );
    assert_eq!(parts(&silent, Taxation::PerPayment, None), (909, 91, 0));
    assert_eq!(parts(&silent, Taxation::Taxable, None), (909, 91, 0));
    let cancel = line(LineKind::Cancellation, 1_000);
    assert_eq!(parts(&cancel, Taxation::Taxable, None), (-909, -91, 0));
    let mut discounted = silent.clone();
    discounted.discount = 200;
    // VAT goes by the amount before the discount (console.md 1.2).
    assert_eq!(parts(&discounted, Taxation::Taxable, None), (709, 91, 0));
}

#[test]
fn sums_follow_the_formulas() {
    let figures = |total: i64, fee: i64| LineFigures {
        total,
        amount: total,
        fee,
        fee_vat: fee / 10,
        ..LineFigures::default()
    };
    let mut sum = Summary::default();
    let matched = MatchStatus::Matched;
    sum.add((Action::Approval, matched), 2, &figures(3_000, 100), 0);
    sum.add(
        (Action::Approval, MatchStatus::NotMatched),
        1,
        &figures(500, 0),
        -20,
    );
    sum.add((Action::FullCancel, matched), 1, &figures(-1_000, -30), 0);
    sum.add((Action::PartialCancel, matched), 1, &figures(-200, 0), 0);
    sum.add(
        (Action::UnclassifiedCancel, MatchStatus::Incomparable),
        1,
        &figures(-50, 0),
        0,
    );
    sum.add(
        (Action::Approval, MatchStatus::NotCollected),
        1,
        &figures(700, 0),
        0,
    );
    assert_eq!(sum.approvals.count, 3);
    // 3 − 1 − 1 + 1
    assert_eq!(sum.settlement_count(), 2);
    assert_eq!((sum.cancel_count(), sum.cancel_amount()), (3, 1_250));
    // 3,500 − 1,250 + 700 − 70 − 7
    assert_eq!(sum.settlement_amount(), 2_873);
    assert_eq!(sum.anomaly_amount(), 20 + 50);
}

/// A payment of 1,000 won whose attempt is in the named state.
fn of(state: &str) -> Payment {
    book_in(state).payment().clone()
}

const PAID: &str = "2026-01-15T03:00:00Z";

/// A payment of 1,000 won, captured, with cancellations as (PG's id, amount, moment).
fn captured(cancellations: &[(Option<&str>, i64, &str)]) -> Payment {
    let mut payment = of("Captured");
    if let AttemptState::Captured { capture } = &mut payment.attempts[0].state {
        capture.paid_at = PAID.parse().unwrap();
    }
    payment.cancellations = (0_u128..)
        .zip(cancellations)
        .map(|(number, (id, amount, at))| Cancellation {
            id: CancellationId::new(Uuid::from_u128(number)),
            amount: Amount::new(*amount, None, None).unwrap(),
            promoted: None,
            reason: "test".to_owned(),
            requester: None,
            refund_account: None,
            skip_webhook: false,
            cancelled_before: 0,
            send_by: Timestamp::default(),
            requested_at: Timestamp::default(),
            state: CancellationState::Succeeded {
                pg_cancellation_id: id.map(str::to_owned),
                at: at.parse().unwrap(),
            },
        })
        .collect();
    payment
}

#[test]
fn a_cancellation_is_tied_by_its_id_else_by_amount_and_day() {
    let payment = captured(&[
        (Some("c1"), 300, PAID),
        (None, 300, PAID),
        (None, 300, "2026-01-15T15:00:00Z"),
        (None, 300, PAID),
    ]);
    let ids: Vec<CancellationId> = payment.cancellations.iter().map(|one| one.id).collect();
    let cancel = |id: Option<&str>, amount: i64, on: &str| SettlementLine {
        pg_cancellation_id: id.map(str::to_owned),
        transacted_on: day(on),
        ..line(LineKind::Cancellation, amount)
    };
    let (first, next) = ("2026-01-15", "2026-01-16");
    let cases: [(SettlementLine, &[usize], Option<usize>); 8] = [
        (cancel(Some("c1"), 300, first), &[], Some(0)),
        // By its id, whatever the amount.
        (cancel(Some("c1"), 299, next), &[], Some(0)),
        // Another id than any of ours: the first without one.
        (cancel(Some("c9"), 300, first), &[], Some(1)),
        (cancel(None, 300, first), &[0], Some(1)),
        (cancel(None, 300, first), &[0, 1], Some(3)),
        // Korea's day: 15:00 in UTC is the next.
        (cancel(None, 300, next), &[], Some(2)),
        (cancel(None, 300, first), &[0, 1, 3], None),
        (cancel(None, 299, first), &[], None),
    ];
    for (at, (line, taken, tied)) in cases.into_iter().enumerate() {
        let taken: Vec<CancellationId> = taken.iter().map(|at| ids[*at]).collect();
        let found = tie_cancellation(&payment, &line, &taken, &korea());
        assert_eq!(found.map(|one| one.id), tied.map(|at| ids[at]), "case {at}");
    }
}

#[test]
fn our_sides_tell_full_from_partial() {
    let payment = captured(&[(None, 400, PAID)]);
    let (attempt, capture) = payment.captured().unwrap();
    let approval = our_approval(attempt, capture, &korea());
    assert_eq!(approval.day, day("2026-01-15"));
    let side = our_cancellation((attempt, capture), &payment.cancellations[0], &korea()).unwrap();
    assert_eq!(side.action, Action::PartialCancel);
    let whole = captured(&[(None, 1_000, PAID)]);
    let side = our_cancellation((attempt, capture), &whole.cancellations[0], &korea()).unwrap();
    assert_eq!(side.action, Action::FullCancel);
}

fn books(state: PgState, amount: i64, cancelled: i64) -> PgBooks {
    PgBooks::Found {
        state,
        amount,
        cancelled,
        currency: Some(Currency::krw()),
    }
}

/// What a PG's books say, from words such as `approved 1000/400` (taken, given back).
fn said(words: &str) -> PgBooks {
    let Some((state, amounts)) = words.split_once(' ') else {
        return PgBooks::NotFound;
    };
    let (amount, cancelled) = amounts.split_once('/').unwrap();
    let state = match state {
        "waiting" => PgState::Waiting,
        "approved" => PgState::Approved,
        "cancelled" => PgState::Cancelled,
        _ => PgState::Declined,
    };
    books(state, amount.parse().unwrap(), cancelled.parse().unwrap())
}

/// Our payment, what the PG says, and the differences as `KIND ours/theirs`.
const BOOKS: [(&str, &str, &str); 24] = [
    ("paid", "approved 1000/0", ""),
    ("partly", "approved 1000/400", ""),
    ("gone", "cancelled 1000/1000", ""),
    ("paid", "nothing", "MISSING_AT_PG 1000/0"),
    ("partly", "nothing", "MISSING_AT_PG 600/0"),
    ("paid", "declined 1000/0", "MISSING_AT_PG 1000/0"),
    ("paid", "waiting 1000/0", "MISSING_AT_PG 1000/0"),
    ("paid", "approved 1010/0", "CAPTURED_AMOUNT 1000/1010"),
    ("paid", "cancelled 1000/1000", "CANCELLED_AMOUNT 0/1000"),
    ("partly", "approved 1000/0", "CANCELLED_AMOUNT 400/0"),
    (
        "partly",
        "approved 999/300",
        "CAPTURED_AMOUNT 1000/999, CANCELLED_AMOUNT 400/300",
    ),
    ("Failed", "nothing", ""),
    ("Failed", "declined 1000/0", ""),
    ("Failed", "cancelled 1000/1000", ""),
    ("Failed", "approved 1000/0", "TAKEN_AT_PG 0/1000"),
    ("Failed", "approved 1000/300", "TAKEN_AT_PG 0/700"),
    ("Failed", "waiting 1000/0", "ACCOUNT_STATE 0/1000"),
    ("Reversed (money)", "cancelled 1000/1000", ""),
    ("Reversed (money)", "approved 1000/0", "TAKEN_AT_PG 0/1000"),
    ("WaitingForDeposit", "waiting 1000/0", ""),
    (
        "WaitingForDeposit",
        "waiting 900/0",
        "CAPTURED_AMOUNT 1000/900",
    ),
    ("WaitingForDeposit", "approved 1000/0", "TAKEN_AT_PG 0/1000"),
    (
        "WaitingForDeposit",
        "cancelled 1000/0",
        "ACCOUNT_STATE 1000/0",
    ),
    ("WaitingForDeposit", "nothing", "MISSING_AT_PG 1000/0"),
];

#[test]
fn books_against_books() {
    for (ours, theirs, expected) in BOOKS {
        let payment = match ours {
            "paid" => captured(&[]),
            "partly" => captured(&[(None, 400, PAID)]),
            "gone" => captured(&[(None, 1_000, PAID)]),
            state => of(state),
        };
        let found: Vec<String> = compare_books(&payment, &payment.attempts[0], &said(theirs))
            .into_iter()
            .map(|one| format!("{} {}/{}", one.kind.name(), one.ours, one.theirs))
            .collect();
        assert_eq!(found.join(", "), expected, "{ours}, {theirs}");
    }
}

#[test]
fn another_currency_is_a_difference() {
    let payment = captured(&[]);
    let dollars = PgBooks::Found {
        state: PgState::Approved,
        amount: 1_000,
        cancelled: 0,
        currency: Some(Currency::new("USD")),
    };
    let found = compare_books(&payment, &payment.attempts[0], &dollars);
    assert_eq!(found[0].kind, DifferenceKind::Currency);
}

#[test]
fn what_is_under_way_is_not_compared() {
    let mut payment = captured(&[(None, 400, PAID)]);
    assert!(payment.is_at_rest());
    payment.cancellations[0].state = CancellationState::Requested;
    assert!(!payment.is_at_rest());
    let mut payment = of("Failed");
    payment.attempts[0].state = AttemptState::Unknown { told: true };
    assert!(!payment.is_at_rest());
    let found = compare_books(
        &payment,
        &payment.attempts[0],
        &books(PgState::Approved, 1_000, 0),
    );
    assert_eq!(found, []);
}

proptest! {
    /// The invariant of every row and of the summary, whatever the file and the channel say.
    #[test]
    fn total_is_supply_and_vat_and_tax_free(
        lines in prop::collection::vec(
            (
                0..3_u8,
                0..1_000_000_000_000_i64,
                0..1_000_000_000_000_i64,
                prop::option::of(0..1_000_000_000_000_i64),
                prop::option::of(0..1_000_000_000_000_i64),
                0..3_u8,
                prop::option::of(1..1_000_000_000_000_i64),
            ),
            1..20,
        )
    ) {
        let mut sums = VatSums::default();
        let mut total = 0;
        for (kind, amount, discount, tax_free, vat, taxation, our_total) in lines {
            let kinds = [LineKind::Approval, LineKind::Cancellation, LineKind::Correction];
            let kind = kinds[usize::from(kind)];
            let mut line = line(kind, if kind == LineKind::Correction { -amount } else { amount });
            (line.discount, line.tax_free, line.vat) = (discount, tax_free, vat);
            let taxation =
                [Taxation::PerPayment, Taxation::Taxable, Taxation::Exempt][usize::from(taxation)];
            let ours = our_total.map(|total| Ours {
                amount: Amount::asked(total, Some(total / 3), None).unwrap(),
                ..ours(1_000)
            });
            let found = figures(&line, taxation, ours.as_ref());
            prop_assert_eq!(found.total, found.supply + found.vat + found.tax_free);
            let signs = [found.supply, found.vat, found.tax_free];
            prop_assert!(signs.iter().all(|part| part.signum() * found.total.signum() >= 0));
            sums.add(&found);
            total += found.total;
            prop_assert_eq!(sums.total, sums.supply + sums.vat + sums.tax_free);
            prop_assert_eq!(sums.total, total);
        }
    }
}
