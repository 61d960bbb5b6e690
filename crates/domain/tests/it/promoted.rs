//! Payments that a promotion made cheaper: what is charged, what a cancellation moves, what the
//! budget feels of it (P5).

use naru_domain::payment::{
    AppliedPromotion, AttemptOutcome, AttemptState, CancelRequest, Capture, Command, Failure,
    Payment, RefundOutcome, Refusal, Reporter, RetainOption,
};
use naru_domain::promotion::{DiscountPolicy, PromotionRefusal};
use naru_domain::{Amount, Card, CardPayment, Method, PromotionId};
use proptest::prelude::*;

use crate::book::{Book, check_parts};
use crate::promotion::{fixed, percent, policy};
use crate::support::{
    approved, attempt, begin, begin_attempt, cancel_request, capture, confirm, declined, order,
    refunded, refused, resolve, resolve_refund, returned, reversed, tell, window_attempt, won,
};

const BUDGET: i64 = 1_000_000;
const COMPANY: &str = "LOTTE_CARD";

fn applied(policy: DiscountPolicy, total: i64) -> AppliedPromotion {
    AppliedPromotion {
        id: PromotionId::new("promotion-id-1"),
        discount: policy.discount(total),
        policy,
        recovers: true,
        budget: BUDGET,
        company: Some(COMPANY.to_owned()),
    }
}

fn begun(amount: Amount, policy: DiscountPolicy) -> Book {
    let mut first = attempt(1);
    first.promotion = Some(applied(policy, amount.total));
    first.order = order(amount);
    Book::after([begin(first)])
}

/// Paid, at the price after the discount.
fn paid(amount: Amount, policy: DiscountPolicy) -> Book {
    let mut book = begun(amount, policy);
    let charged = book.payment().attempts[0].charged().total;
    book.run(resolve(1, approved("tx-1", charged), Reporter::Request))
        .unwrap();
    book
}

fn request(number: u128, amount: Option<i64>, retain: RetainOption) -> CancelRequest {
    CancelRequest {
        retain,
        ..cancel_request(number, amount)
    }
}

/// Cancels; gives what moved at the PG and what is held afterwards.
fn cancel(
    book: &mut Book,
    number: u128,
    amount: Option<i64>,
    retain: RetainOption,
) -> Result<(i64, i64), Refusal> {
    book.run(Command::Cancel(Box::new(request(number, amount, retain))))?;
    book.run(resolve_refund(number, refunded(), Reporter::Request))
        .unwrap();
    let payment = book.payment();
    let moved = payment.cancellations.last().unwrap().money().total;
    Ok((
        moved,
        payment.attempts[0].charged().total - payment.refunded().total,
    ))
}

fn spent(book: &Book) -> i64 {
    book.payment().budgets().values().sum()
}

/// The table of the documents: order 6,000, a discount from 5,000 up, 2,000 cancelled.
#[test]
fn the_documents_table_of_cancellations() {
    for (policy, charged, release, retain) in [
        (
            policy(&[percent(5_000, 10)]),
            5_400,
            (1_400, 4_000),
            (1_800, 3_600),
        ),
        (
            policy(&[fixed(5_000, 1_000)]),
            5_000,
            (1_000, 4_000),
            (1_800, 3_200),
        ),
    ] {
        let book = paid(won(6_000), policy);
        assert_eq!(book.payment().attempts[0].charged().total, charged);
        for (option, expected) in [
            (RetainOption::Release, release),
            (RetainOption::Retain, retain),
        ] {
            let mut book = book.clone();
            assert_eq!(cancel(&mut book, 1, Some(2_000), option), Ok(expected));
            assert_eq!(book.payment().cancelled().total, 2_000, "order terms");
            let rest = cancel(&mut book, 2, None, option).unwrap();
            assert_eq!(
                rest,
                (expected.1, 0),
                "the rest gives back all that is held"
            );
            assert_eq!(book.payment().status().name(), "CANCELLED");
            assert_eq!(spent(&book), 0);
        }
    }
}

/// The other table: 10 % off from 10,000, order 10,000.
#[test]
fn a_cancellation_that_would_cost_more_is_refused() {
    let book = paid(won(10_000), policy(&[percent(10_000, 10)]));
    let ask = |amount| {
        let mut book = book.clone();
        cancel(&mut book, 1, amount, RetainOption::Release)
    };
    assert_eq!(
        ask(Some(500)),
        Err(Refusal::NegativePromotionAdjustedCancelAmount)
    );
    assert_eq!(
        ask(Some(999)),
        Err(Refusal::NegativePromotionAdjustedCancelAmount)
    );
    assert_eq!(ask(Some(1_000)), Ok((0, 9_000)), "all of it was discount");
    assert_eq!(ask(Some(1_001)), Ok((1, 8_999)));
    assert_eq!(ask(None), Ok((9_000, 0)), "a full cancel refunds all paid");
}

/// RETAIN of a fixed amount goes by what was paid, and never gives more back than was cancelled.
#[test]
fn a_retained_fixed_amount_never_gives_back_more_than_was_cancelled() {
    let mut book = paid(won(10_000), policy(&[fixed(5_000, 1_000)]));
    // 1,000 of 9,000 paid: an order of 9,500 would cost 8,445, which is 555 less.
    assert_eq!(
        cancel(&mut book, 1, Some(500), RetainOption::Retain),
        Ok((500, 8_500))
    );
    assert_eq!(spent(&book), 1_000);
    // What remains, 5,000, costs 4,445.
    assert_eq!(
        cancel(&mut book, 2, Some(4_500), RetainOption::Retain),
        Ok((4_055, 4_445))
    );
    assert_eq!(spent(&book), 555);
    let mut half = paid(won(10_000), policy(&[fixed(10_000, 8_000)]));
    assert_eq!(
        cancel(&mut half, 1, Some(1_000), RetainOption::Retain),
        Ok((1_000, 1_000)),
        "a discount of more than what was paid"
    );
}

#[test]
fn a_retained_discount_that_was_cut_stays_that_part_of_the_order() {
    let capped = DiscountPolicy {
        max_discount: Some(5_000),
        ..policy(&[percent(10_000, 10)])
    };
    let mut book = paid(won(100_000), capped);
    assert_eq!(
        cancel(&mut book, 1, Some(10_000), RetainOption::Retain),
        Ok((9_500, 85_500))
    );
}

#[test]
fn the_option_of_the_first_cancellation_binds() {
    let changed = Err(Refusal::PromotionDiscountRetainOptionShouldNotBeChanged);
    let mut book = paid(won(6_000), policy(&[percent(5_000, 10)]));
    // One that was refused binds nobody.
    let retain = request(9, Some(500), RetainOption::Retain);
    book.run(Command::Cancel(Box::new(retain))).unwrap();
    book.run(resolve_refund(9, refused(), Reporter::Request))
        .unwrap();
    cancel(&mut book, 1, Some(2_000), RetainOption::Release).unwrap();
    assert_eq!(
        cancel(&mut book, 2, Some(10), RetainOption::Retain),
        changed
    );
    assert_eq!(cancel(&mut book, 2, None, RetainOption::Retain), changed);
    cancel(&mut book, 2, None, RetainOption::Release).unwrap();
    // Without a promotion nobody minds.
    let mut plain = crate::cancel::paid(won(1_000));
    for (number, option) in [(1, RetainOption::Retain), (2, RetainOption::Release)] {
        let one = request(number, Some(10), option);
        plain.run(Command::Cancel(Box::new(one))).unwrap();
        plain
            .run(resolve_refund(number, refunded(), Reporter::Request))
            .unwrap();
    }
}

/// Each request breaks the rules below its own refusal, too.
#[test]
fn the_promotions_refusals_come_last() {
    let mut book = paid(won(10_000), policy(&[percent(10_000, 10)]));
    cancel(&mut book, 1, Some(1_000), RetainOption::Release).unwrap();
    let ask = |change: fn(&mut CancelRequest)| {
        let mut request = request(2, Some(500), RetainOption::Retain);
        request.vat = Some(900);
        change(&mut request);
        book.clone()
            .run(Command::Cancel(Box::new(request)))
            .unwrap_err()
    };
    assert_eq!(ask(|_| {}), Refusal::SumOfPartsExceedsCancelAmount);
    assert_eq!(
        ask(|it| it.vat = None),
        Refusal::PromotionDiscountRetainOptionShouldNotBeChanged
    );
    let fresh = paid(won(10_000), policy(&[percent(10_000, 10)]));
    let negative = request(2, Some(500), RetainOption::Release);
    assert_eq!(
        fresh.clone().run(Command::Cancel(Box::new(negative))),
        Err(Refusal::NegativePromotionAdjustedCancelAmount)
    );
}

#[test]
fn a_promotion_refuses_after_the_payments_own_rules() {
    let ask = |amount: Amount, refusal| {
        let mut first = attempt(1);
        first.order = order(amount);
        let mut begin = begin_attempt(first);
        begin.promotion_refusal = Some(refusal);
        Book::default()
            .ask(Command::Begin(Box::new(begin)))
            .unwrap_err()
    };
    let mismatch = PromotionRefusal::PayMethodDoesNotMatch;
    assert_eq!(
        ask(won(1_000), mismatch),
        Refusal::PromotionPayMethodDoesNotMatch
    );
    assert_eq!(
        ask(won(1_000), PromotionRefusal::DiscountExceedsTotal),
        Refusal::DiscountAmountExceedsTotalAmount
    );
    let parts = Amount::asked(10, Some(10), Some(10)).unwrap();
    assert_eq!(ask(parts, mismatch), Refusal::SumOfPartsExceedsTotalAmount);
}

#[test]
fn only_the_discounted_amount_is_what_was_asked_for() {
    let mut book = begun(won(6_000), policy(&[percent(5_000, 10)]));
    book.run(resolve(1, approved("tx-1", 6_000), Reporter::Request))
        .unwrap();
    assert!(matches!(
        book.payment().attempts[0].state,
        AttemptState::Reversing { .. }
    ));
    assert_eq!(spent(&book), 0, "what failed spends nothing");
    let mut book = begun(won(6_000), policy(&[percent(5_000, 10)]));
    book.run(resolve(1, approved("tx-1", 5_400), Reporter::Request))
        .unwrap();
    assert_eq!(book.payment().status().name(), "PAID");
}

/// Reserved while open, spent once paid, back at failure.
#[test]
fn the_budget_follows_the_attempt() {
    let fresh = || begun(won(6_000), policy(&[percent(5_000, 10)]));
    let begins = fresh().payment().budget_changes(None);
    assert_eq!((begins[0].delta, begins[0].at_most), (600, Some(BUDGET)));
    for (commands, left) in [
        (vec![], 600),
        (
            vec![resolve(1, AttemptOutcome::Unclear, Reporter::Request)],
            600,
        ),
        (vec![tell(1)], 600),
        (vec![resolve(1, declined(), Reporter::Request)], 0),
        (
            vec![resolve(1, AttemptOutcome::NeverSeen, Reporter::Resolver)],
            0,
        ),
        (
            vec![resolve(1, approved("tx-1", 5_400), Reporter::Request)],
            600,
        ),
        (
            vec![
                tell(1),
                resolve(1, approved("tx-1", 5_400), Reporter::Resolver),
                reversed(1),
            ],
            0,
        ),
    ] {
        let mut book = fresh();
        for command in commands {
            let before = book.payment().clone();
            book.run(command).unwrap();
            let changes = book.payment().budget_changes(Some(&before));
            assert!(changes.iter().all(|change| change.at_most.is_none()));
        }
        assert_eq!(spent(&book), left, "{:?}", book.payment().attempts[0].state);
    }
    let mut kept = paid(won(6_000), policy(&[percent(5_000, 10)]));
    let mut without = kept.payment().clone();
    without.attempts[0].promotion.as_mut().unwrap().recovers = false;
    cancel(&mut kept, 1, Some(2_000), RetainOption::Retain).unwrap();
    assert_eq!(spent(&kept), 400);
    without.cancellations = kept.payment().cancellations.clone();
    assert_eq!(without.budgets().values().sum::<i64>(), 600, "NO_RECOVER");
}

#[test]
fn an_amount_is_reduced_with_its_parts() {
    let reduced = |total, tax_free, vat, to| {
        let amount = Amount::new(total, Some(tax_free), vat)
            .unwrap()
            .reduced_to(to);
        (amount.total, amount.tax_free, amount.vat)
    };
    assert_eq!(reduced(6_000, 0, None, 5_400), (5_400, 0, 491));
    assert_eq!(reduced(10_000, 3_000, None, 9_000), (9_000, 2_700, 573));
    assert_eq!(reduced(10_000, 10_000, None, 9_999), (9_999, 9_999, 0));
    assert_eq!(reduced(10_000, 0, Some(0), 9_000), (9_000, 0, 0));
    assert_eq!(reduced(10_000, 0, Some(10_000), 9_000), (9_000, 0, 9_000));
    assert_eq!(reduced(10_000, 0, None, 0), (0, 0, 0));
    assert_eq!(reduced(7, 3, Some(4), 5), (5, 2, 2));
}

fn policies() -> impl Strategy<Value = DiscountPolicy> {
    let percents = (1..5_000_i64, 1..60_i32, proptest::option::of(1..3_000_i64)).prop_map(
        |(from, first, max_discount)| DiscountPolicy {
            max_discount,
            ..policy(&[percent(from, first), percent(from * 2, first + 20)])
        },
    );
    let amounts = (2..5_000_i64).prop_flat_map(|from| {
        (1..from)
            .prop_map(move |amount| policy(&[fixed(from, amount), fixed(from * 2, amount * 2 + 1)]))
    });
    prop_oneof![percents, amounts]
}

/// What must hold of money at each moment.
fn check(payment: &Payment) -> Result<(), TestCaseError> {
    let attempt = &payment.attempts[0];
    let (order, charged) = (attempt.order.amount, attempt.charged());
    check_parts(charged);
    let mut held = charged;
    for one in &payment.cancellations {
        let money = one.money();
        check_parts(money);
        prop_assert!(
            money.total <= one.amount.total,
            "more back than was cancelled"
        );
        if !matches!(
            one.state,
            naru_domain::payment::CancellationState::Failed { .. }
        ) {
            held = held.minus(money);
            check_parts(held);
        }
    }
    let left = order.minus(payment.reserved());
    prop_assert!(
        held.total <= left.total,
        "no more is held than the rest costs"
    );
    if left.total == 0 {
        prop_assert_eq!(held, Amount::ZERO, "all of it came back, part by part");
    }
    // What moved and what was discount make up the order.
    let back = payment.cancelled().total - payment.refunded().total;
    prop_assert_eq!(
        payment.budgets().values().sum::<i64>(),
        attempt.discount() - back
    );
    prop_assert!((0..=attempt.discount()).contains(&(attempt.discount() - back)));
    Ok(())
}

proptest! {
    #[test]
    fn money_and_budget_are_conserved_whatever_is_cancelled(
        total in 2..20_000_i64,
        parts in (proptest::option::of(0..10_000_i64), proptest::option::of(0..10_000_i64)),
        policy in policies(),
        retain in any::<bool>(),
        wishes in proptest::collection::vec(
            (
                proptest::option::weighted(0.9, 1..4_000_i64),
                proptest::option::of(0..2_000_i64),
                0..4_u8,
            ),
            1..8,
        ),
    ) {
        let amount = Amount::new(total, parts.0, parts.1)
            .or_else(|_| Amount::new(total, None, None))
            .unwrap();
        let discount = policy.discount(total);
        prop_assume!(policy.check().is_ok() && discount > 0 && discount < total);
        let option = if retain { RetainOption::Retain } else { RetainOption::Release };
        let mut book = paid(amount, policy);
        check(book.payment())?;
        let mut counter = discount;
        for (number, (wish, tax_free, outcome)) in (1..).zip(wishes) {
            let mut request = request(number, wish, option);
            request.tax_free = tax_free;
            let before = book.payment().clone();
            if book.run(Command::Cancel(Box::new(request))).is_err() {
                continue;
            }
            check(book.payment())?;
            let end = if outcome % 2 == 0 { refunded() } else { refused() };
            if outcome > 1 {
                let unclear = resolve_refund(number, RefundOutcome::Unclear, Reporter::Request);
                book.run(unclear).unwrap();
                check(book.payment())?;
            }
            book.run(resolve_refund(number, end, Reporter::Resolver)).unwrap();
            check(book.payment())?;
            for change in book.payment().budget_changes(Some(&before)) {
                counter += change.delta;
            }
            prop_assert_eq!(counter, spent(&book), "the counter is the sum over the payments");
        }
    }
}

/// 6,000 won in a window, 600 of them off.
fn in_window() -> Book {
    let mut first = window_attempt(1);
    first.promotion = Some(applied(policy(&[percent(5_000, 10)]), 6_000));
    first.order = order(won(6_000));
    Book::after([begin(first)])
}

fn paid_by(issuer: Option<&str>) -> Method {
    Method::Card(CardPayment {
        card: Card {
            issuer: issuer.map(str::to_owned),
            ..Card::default()
        },
        ..CardPayment::default()
    })
}

#[test]
fn a_window_takes_of_the_budget_when_its_approval_begins() {
    let mut book = in_window();
    assert_eq!(book.payment().budget_changes(None), []);
    book.run(returned(1, Ok(()))).unwrap();
    let waiting = book.payment().clone();
    assert_eq!(waiting.budget_changes(None), []);
    book.run(confirm(1)).unwrap();
    let changes = book.payment().budget_changes(Some(&waiting));
    let [change] = &changes[..] else {
        panic!("{changes:?}");
    };
    assert_eq!((change.delta, change.at_most), (600, Some(BUDGET)));
    let sending = book.payment().clone();
    book.run(resolve(1, declined(), Reporter::Request)).unwrap();
    let changes = book.payment().budget_changes(Some(&sending));
    assert_eq!((changes[0].delta, changes[0].at_most), (-600, None));
}

#[test]
fn only_cards_that_a_promotion_is_for_pay_in_its_window() {
    let transfer = Method::Transfer(naru_domain::Transfer::default());
    for (method, is_kept) in [
        (paid_by(Some(COMPANY)), true),
        // The PG does not say; the window was opened at the right company.
        (paid_by(None), true),
        (paid_by(Some("BC_CARD")), false),
        (transfer, false),
    ] {
        let mut book = in_window();
        book.run(returned(1, Ok(()))).unwrap();
        book.run(confirm(1)).unwrap();
        let taken = Capture {
            method: method.clone(),
            ..capture("tx-1", 5_400)
        };
        let outcome = AttemptOutcome::Approved(Box::new(taken));
        book.run(resolve(1, outcome, Reporter::Request)).unwrap();
        let state = &book.payment().attempts[0].state;
        match state {
            AttemptState::Captured { .. } => assert!(is_kept, "{method:?}"),
            AttemptState::Reversing { failure, .. } => {
                assert!(!is_kept, "{method:?}");
                assert_eq!(failure.pg_code, Failure::PROMOTION_CARD);
            }
            other => panic!("{other:?}"),
        }
    }
}
