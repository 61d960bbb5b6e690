//! The journal of a payment: what each thing that happens posts, and that nothing else does.
//! Random histories are checked after each step of every book: see [`check_journal`].

use std::collections::{BTreeMap, BTreeSet};

use naru_domain::journal::{
    Balances, BookAccount, Posting, PostingKind, balances, new_postings, postings, settled,
    taken_back,
};
use naru_domain::payment::{
    AppliedPromotion, AttemptState, CancellationState, Command, Payment, Reporter, RetainOption,
};
use naru_domain::settlement::LineFigures;
use naru_domain::{Currency, PromotionId};

use crate::book::Book;
use crate::promotion::{fixed, percent, policy};
use crate::support::{
    account_issued, approved, at, attempt, attempt_id, begin, cancel, cancel_request,
    cancellation_id, capture, close, closed, confirm, declined, deposit, irreversible, order,
    refunded, refused, resolve, resolve_refund, returned, reversed, tell, window_attempt, won,
};

/// Larger amounts than any that is sold: sums of them leave the range, where no sum is right.
const SANE_MAX: i64 = 1 << 52;

/// What must hold of the journal after every change of a payment: it was only added to, it holds
/// nothing twice and nothing of nothing, and it comes to what the payment's own sums say.
pub fn check_journal(before: Option<&Payment>, after: &Payment) {
    let old = before.map(postings).unwrap_or_default();
    let all = postings(after);
    for posting in &old {
        assert!(all.contains(posting), "{posting:?} is gone: {all:?}");
    }
    let posted: Vec<String> = old.iter().map(Posting::id).collect();
    let added = new_postings(&posted, after);
    assert_eq!(old.len() + added.len(), all.len(), "old, new and all");
    let ids: BTreeSet<String> = all.iter().map(Posting::id).collect();
    assert_eq!(ids.len(), all.len(), "posted twice: {all:?}");
    for posting in &all {
        assert!(posting.amount > 0, "{posting:?}");
        assert_ne!(posting.debit, posting.credit, "{posting:?}");
        let id = posting.id();
        let read = Posting::parse_id(&id);
        assert_eq!(read, Some((posting.kind, posting.about.as_str())));
    }
    if all.iter().all(|posting| posting.amount < SANE_MAX) {
        let found: Balances = all.iter().collect();
        assert_eq!(found, balances(after), "{all:?}");
    }
}

/// A posting as a clerk would say it.
fn line(posting: &Posting) -> String {
    let Posting {
        kind,
        debit,
        credit,
        amount,
        currency,
        ..
    } = posting;
    let kind = kind.name();
    format!("{kind} {amount} {} {credit} -> {debit}", currency.as_str())
}

fn lines(payment: &Payment) -> Vec<String> {
    postings(payment).iter().map(line).collect()
}

const PG: &str = "receivable:INICIS:INIpayTest";

fn taken() -> [Command; 2] {
    [
        begin(attempt(1)),
        resolve(1, approved("tx-1", 1000), Reporter::Request),
    ]
}

fn refund(number: u128, amount: Option<i64>) -> [Command; 2] {
    [
        cancel(number, amount),
        resolve_refund(number, refunded(), Reporter::Request),
    ]
}

/// What happens, and what it posts.
type Case = (&'static str, Vec<Command>, Vec<String>);

fn check(cases: Vec<Case>) {
    for (what, commands, wanted) in cases {
        let book = Book::after(commands);
        assert_eq!(lines(book.payment()), wanted, "{what}");
    }
}

fn captured() -> String {
    format!("capture 1000 KRW sales -> {PG}")
}

fn undue(amount: i64) -> String {
    format!("undue {amount} KRW reversals -> {PG}")
}

fn gone_back(amount: i64) -> String {
    format!("reversal {amount} KRW {PG} -> reversals")
}

fn given_back(amount: i64) -> String {
    format!("cancellation {amount} KRW {PG} -> sales")
}

fn account() -> [Command; 2] {
    [
        begin(attempt(1)),
        resolve(1, account_issued(), Reporter::Request),
    ]
}

#[test]
fn each_way_to_take_money_posts_it_once() {
    let by = Reporter::Resolver;
    let answer = |amount| resolve(1, approved("tx-1", amount), by);
    let window = [begin(window_attempt(1)), returned(1, Ok(())), confirm(1)];
    check(vec![
        ("an intent", vec![begin(attempt(1))], Vec::new()),
        ("a capture", taken().to_vec(), vec![captured()]),
        (
            "a refusal",
            vec![begin(attempt(1)), resolve(1, declined(), by)],
            Vec::new(),
        ),
        (
            "found by inquiry",
            vec![begin(attempt(1)), answer(1000)],
            vec![captured()],
        ),
        ("a window", window.to_vec(), Vec::new()),
        (
            "a window that was approved",
            [&window[..], &[answer(1000)]].concat(),
            vec![captured()],
        ),
        ("an account", account().to_vec(), Vec::new()),
        (
            "a deposit",
            [&account()[..], &[deposit(1, "tx-1", 1000)]].concat(),
            vec![captured()],
        ),
        (
            "a deposit of another amount",
            [&account()[..], &[deposit(1, "tx-1", 900)]].concat(),
            Vec::new(),
        ),
        (
            "a second deposit",
            [
                &account()[..],
                &[deposit(1, "tx-1", 1000), deposit(1, "tx-2", 1000)],
            ]
            .concat(),
            vec![captured()],
        ),
    ]);
}

#[test]
fn money_that_must_not_stand_is_posted_apart_from_sales() {
    let by = Reporter::Resolver;
    let answer = |number, amount| resolve(number, approved("tx-1", amount), by);
    check(vec![
        (
            "a deposit on a closed account of a paid payment",
            [
                &account()[..],
                &[
                    close(),
                    closed(1),
                    begin(attempt(2)),
                    resolve(2, approved("tx-2", 1000), by),
                    deposit(1, "tx-1", 1000),
                    irreversible(1),
                ],
            ]
            .concat(),
            vec![undue(1000), captured()],
        ),
        (
            "another amount than was asked for",
            vec![begin(attempt(1)), answer(1, 900)],
            vec![undue(900)],
        ),
        (
            "that, undone",
            vec![begin(attempt(1)), answer(1, 900), reversed(1)],
            vec![undue(900), gone_back(900)],
        ),
        (
            "money after failure was told, undone, and taken again",
            vec![
                begin(attempt(1)),
                tell(1),
                answer(1, 1000),
                reversed(1),
                begin(attempt(2)),
                answer(2, 1000),
            ],
            vec![undue(1000), gone_back(1000), captured()],
        ),
        (
            "an account that nobody wanted, closed",
            vec![
                begin(attempt(1)),
                tell(1),
                resolve(1, account_issued(), by),
                reversed(1),
            ],
            Vec::new(),
        ),
    ]);
}

#[test]
fn each_way_to_give_back_money_posts_it_once() {
    let by = Reporter::Resolver;
    check(vec![
        (
            "a cancellation under way",
            [&taken()[..], &[cancel(1, None)]].concat(),
            vec![captured()],
        ),
        (
            "a cancellation that was refused",
            [
                &taken()[..],
                &[cancel(1, None), resolve_refund(1, refused(), by)],
            ]
            .concat(),
            vec![captured()],
        ),
        (
            "a cancellation of the whole",
            [&taken()[..], &refund(1, None)].concat(),
            vec![captured(), given_back(1000)],
        ),
        (
            "cancellations of parts",
            [&taken()[..], &refund(1, Some(300)), &refund(2, None)].concat(),
            vec![captured(), given_back(300), given_back(700)],
        ),
    ]);
}

#[test]
fn a_posting_is_dated_by_the_money() {
    let book = Book::after([&taken()[..], &refund(1, Some(300))].concat());
    let dates: Vec<_> = postings(book.payment())
        .iter()
        .map(|posting| (posting.kind, posting.at))
        .collect();
    let wanted = [
        (PostingKind::Capture, at(2)),
        (PostingKind::Cancellation, at(7)),
    ];
    assert_eq!(dates, wanted);
}

#[test]
fn a_reversal_is_dated_by_the_failure_or_by_later_money() {
    let told = Book::after([
        begin(attempt(1)),
        tell(1),
        resolve(1, approved("tx-1", 1000), Reporter::Resolver),
        reversed(1),
    ]);
    let AttemptState::Reversed { at: failed_at, .. } = told.state(attempt_id(1)) else {
        panic!("{:?}", told.payment());
    };
    let dates = |payment: &Payment| -> Vec<_> {
        postings(payment).iter().map(|posting| posting.at).collect()
    };
    assert_eq!(dates(told.payment()), [at(2), *failed_at]);
    let mut late = told.payment().clone();
    let AttemptState::Reversed {
        capture: Some(capture),
        ..
    } = &mut late.attempts[0].state
    else {
        panic!("{late:?}");
    };
    capture.paid_at = at(9_000);
    assert_eq!(dates(&late), [at(9_000), at(9_000)]);
}

#[test]
fn ids_follow_from_what_happened() {
    let book = Book::after([&taken()[..], &refund(1, Some(300))].concat());
    let ids: Vec<String> = postings(book.payment()).iter().map(Posting::id).collect();
    let wanted = [
        format!("capture:{}", attempt_id(1)),
        format!("cancellation:{}", cancellation_id(1)),
    ];
    assert_eq!(ids, wanted);
}

#[test]
fn money_in_another_currency_goes_back_in_that_currency() {
    let mut taken = capture("tx-1", 1000);
    taken.currency = Some(Currency::new("USD"));
    let outcome = naru_domain::payment::AttemptOutcome::Approved(Box::new(taken));
    let book = Book::after([
        begin(attempt(1)),
        resolve(1, outcome, Reporter::Request),
        reversed(1),
    ]);
    let wanted = [
        format!("undue 1000 USD reversals -> {PG}"),
        format!("reversal 1000 USD {PG} -> reversals"),
    ];
    assert_eq!(lines(book.payment()), wanted);
}

/// 6,000 won, of which a promotion takes some off.
fn promoted(policy: naru_domain::promotion::DiscountPolicy) -> Book {
    let mut first = attempt(1);
    first.order = order(won(6_000));
    first.promotion = Some(AppliedPromotion {
        id: PromotionId::new("promotion-id-1"),
        discount: policy.discount(6_000),
        policy,
        recovers: true,
        budget: 1_000_000,
        company: None,
    });
    let charged = first.charged().total;
    Book::after([
        begin(first),
        resolve(1, approved("tx-1", charged), Reporter::Request),
    ])
}

fn give_back(book: &mut Book, number: u128, amount: Option<i64>) {
    let mut request = cancel_request(number, amount);
    request.retain = RetainOption::Release;
    book.run(Command::Cancel(Box::new(request))).unwrap();
    book.run(resolve_refund(number, refunded(), Reporter::Request))
        .unwrap();
}

#[test]
fn a_discount_and_what_a_cancellation_gives_back_of_it_are_postings_of_their_own() {
    let mut book = promoted(policy(&[percent(5_000, 10)]));
    give_back(&mut book, 1, Some(500));
    give_back(&mut book, 2, None);
    let wanted = [
        format!("capture 5400 KRW sales -> {PG}"),
        "discount 600 KRW sales -> promotion:promotion-id-1".to_owned(),
        format!("cancellation 450 KRW {PG} -> sales"),
        "discount-back 50 KRW promotion:promotion-id-1 -> sales".to_owned(),
        format!("cancellation 4950 KRW {PG} -> sales"),
        "discount-back 550 KRW promotion:promotion-id-1 -> sales".to_owned(),
    ];
    assert_eq!(lines(book.payment()), wanted);
    let sums: Balances = postings(book.payment()).iter().collect();
    assert_eq!(sums, Balances::default(), "all of it has gone back");
}

#[test]
fn a_discount_that_grows_with_a_cancellation_is_posted_the_other_way() {
    // Of less than 6,000 won more is taken off.
    let mut book = promoted(policy(&[fixed(1_000, 900), fixed(6_000, 100)]));
    give_back(&mut book, 1, Some(1_000));
    let wanted = [
        format!("capture 5900 KRW sales -> {PG}"),
        "discount 100 KRW sales -> promotion:promotion-id-1".to_owned(),
        format!("cancellation 1800 KRW {PG} -> sales"),
        "discount-back 800 KRW sales -> promotion:promotion-id-1".to_owned(),
    ];
    assert_eq!(lines(book.payment()), wanted);
}

#[test]
fn balances_are_reckoned_from_the_sums_of_the_payment() {
    let mut book = promoted(policy(&[percent(5_000, 10)]));
    give_back(&mut book, 1, Some(500));
    let sums = balances(book.payment());
    let krw = Currency::krw();
    let promotion = BookAccount::promotion(&PromotionId::new("promotion-id-1"));
    let receivable = BookAccount::receivable("INICIS", "INIpayTest");
    assert_eq!(sums.of(&receivable, &krw), 4_950);
    assert_eq!(sums.of(&BookAccount::sales(), &krw), -5_500);
    assert_eq!(sums.of(&promotion, &krw), 550);
    assert_eq!(sums.of(&BookAccount::reversals(), &krw), 0);
    let mut other = sums.clone();
    other.add(BookAccount::sales(), &krw, 100);
    let differences = sums.differences(&other);
    let sales = BookAccount::sales();
    assert_eq!(differences, [(&sales, &krw, [-5_500, -5_400])]);
}

/// A row that two bugs have agreed on is still found: the sums do not come from the postings.
#[test]
fn a_cancellation_beside_no_capture_is_posted_nowhere_and_reckoned_nowhere() {
    let mut payment = Book::after([&taken()[..], &refund(1, Some(300))].concat())
        .payment()
        .clone();
    assert!(matches!(
        payment.cancellations[0].state,
        CancellationState::Succeeded { .. }
    ));
    payment.attempts[0].state = AttemptState::Sending;
    assert_eq!(postings(&payment), []);
    assert_eq!(balances(&payment), Balances::default());
}

fn figures(amount: i64, total: i64, fee: i64, fee_vat: i64) -> LineFigures {
    LineFigures {
        amount,
        total,
        fee,
        fee_vat,
        ..LineFigures::default()
    }
}

#[test]
fn a_settlement_pays_the_receivable_and_is_taken_back_whole() {
    let receivable = BookAccount::receivable("INICIS", "INIpayTest");
    let mut sums = BTreeMap::new();
    sums.insert(Currency::krw(), figures(11_000, 10_900, 275, 28));
    // More went back than was sold, and so did the fee.
    sums.insert(Currency::new("USD"), figures(-500, -500, -10, -1));
    sums.insert(Currency::new("JPY"), LineFigures::default());
    let posted = settled(&receivable, "batch-1", &sums, at(3));
    let wanted = [
        format!("settlement 10597 KRW {PG} -> bank"),
        format!("paid-elsewhere 100 KRW {PG} -> paid-elsewhere"),
        format!("fee 275 KRW {PG} -> fees"),
        format!("fee-vat 28 KRW {PG} -> fee-vat"),
        format!("settlement 489 USD bank -> {PG}"),
        format!("fee 10 USD fees -> {PG}"),
        format!("fee-vat 1 USD fee-vat -> {PG}"),
    ];
    assert_eq!(posted.iter().map(line).collect::<Vec<_>>(), wanted);
    assert_eq!(posted[0].id(), "settlement:KRW:batch-1");
    let mut sums: Balances = posted.iter().collect();
    assert_eq!(sums.of(&receivable, &Currency::krw()), -11_000);
    for posting in &posted {
        let back = taken_back(posting).unwrap();
        assert_ne!(back.id(), posting.id());
        assert_eq!(taken_back(&back), None);
        sums.post(&back);
    }
    assert_eq!(sums, Balances::default());
}

#[test]
fn every_kind_is_known_by_its_name() {
    for kind in PostingKind::ALL {
        assert_eq!(PostingKind::parse(kind.name()), Some(kind));
    }
    assert_eq!(PostingKind::parse("gift"), None);
    let names: BTreeSet<_> = PostingKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), PostingKind::ALL.len());
}
