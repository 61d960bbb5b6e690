//! Budgets of promotions: the counter is the sum over the payments, whatever races or dies.

use futures_util::future::join_all;
use naru_domain::payment::{AttemptState, CancellationState, RetainOption, Status};
use naru_domain::promotion::{DiscountPolicy, Partition, PromotionStatus, Recovery, Scheme};
use naru_domain::{Currency, PaymentId, PromotionId, StoreId};
use naru_engine::admin::{NewPromotion, PromotionAct};
use naru_engine::payments::{CancelPayment, PayInstantly, PayRequest};
use naru_engine::records::{CardBinRecord, PaymentRecord};
use naru_engine::{Answer, Engine, Fault, PromotionView};
use naru_store::{Query, tables};

use crate::support::{Bed, Cut, STORE, account_payment, call, cancel, card_payment};

/// The card of the bed's payments, as the operator knows it.
const BIN: &str = "411111";

pub async fn bed() -> Bed {
    let bed = Bed::new().await;
    let bin = CardBinRecord {
        bin: BIN.to_owned(),
        company: "LOTTE_CARD".to_owned(),
    };
    bed.engine.put_card_bins(vec![bin]).await.unwrap();
    bed
}

pub fn new_promotion(bed: &Bed, total_budget: i64) -> NewPromotion {
    NewPromotion {
        store_id: StoreId::new(STORE),
        name: "summer".to_owned(),
        card_company: "LOTTE_CARD".to_owned(),
        currency: Currency::krw(),
        policy: DiscountPolicy {
            partitions: vec![Partition {
                amount_from: 1_000,
                scheme: Scheme::Percent { percent: 10 },
            }],
            max_discount: None,
        },
        total_budget,
        recovery: Recovery::Recover,
        start_at: None,
        end_at: bed.time.read().plus_seconds(86_400 * 365),
    }
}

/// A promotion of 10 % from 1,000 won up.
pub async fn promotion(bed: &Bed, total_budget: i64) -> PromotionId {
    let made = bed
        .engine
        .create_promotion(new_promotion(bed, total_budget))
        .await;
    made.unwrap().promotion.id
}

fn promoted(id: &str, promotion: &PromotionId) -> PayRequest<PayInstantly> {
    let mut request = card_payment(id, false);
    request.order.promotion_id = Some(promotion.as_str().to_owned());
    request
}

async fn pay(bed: &Bed, id: &str, promotion: &PromotionId) -> Result<Answer, Fault> {
    bed.engine
        .pay_instantly(call(), promoted(id, promotion))
        .await
}

pub async fn view(engine: &Engine, id: &PromotionId) -> PromotionView {
    engine.existing_promotion(id).await.unwrap()
}

/// What the counter says, after holding it against all payments.
pub async fn spent(bed: &Bed, id: &PromotionId) -> i64 {
    let query = Query::of(&tables::PAYMENTS, 1_000);
    let payments = bed
        .engine
        .store()
        .list::<PaymentRecord>(query)
        .await
        .unwrap();
    let sum: i64 = payments
        .iter()
        .filter_map(|found| found.value.0.budgets().get(id).copied())
        .sum();
    let view = view(&bed.engine, id).await;
    assert_eq!(view.spent, sum, "the counter is the sum over the payments");
    view.spent
}

pub async fn discount(bed: &Bed, id: &str) -> i64 {
    bed.read(id).await.payment.attempts[0].discount()
}

fn retain(amount: Option<i64>) -> CancelPayment {
    CancelPayment {
        retain: RetainOption::Retain,
        ..cancel(amount)
    }
}

#[tokio::test]
async fn the_pg_is_asked_for_the_discounted_amount() {
    let bed = bed().await;
    let id = promotion(&bed, 10_000).await;
    pay(&bed, "a", &id).await.unwrap();
    assert_eq!(bed.status("a").await, Status::Paid);
    assert_eq!(bed.books().await[0].1, 900);
    assert_eq!(spent(&bed, &id).await, 100);
}

#[tokio::test]
async fn of_many_at_once_only_those_that_fit_are_cheaper() {
    let bed = bed().await;
    let id = promotion(&bed, 1_050).await;
    let payments: Vec<_> = (0..30).map(|n| format!("p-{n}")).collect();
    let all = payments.iter().map(|payment| pay(&bed, payment, &id));
    for answer in join_all(all).await {
        answer.unwrap();
    }
    let mut cheaper = 0;
    for payment in &payments {
        let discount = discount(&bed, payment).await;
        assert!([0, 100].contains(&discount));
        cheaper += discount / 100;
    }
    assert_eq!(cheaper, 10, "as many as the budget has, and no more");
    assert_eq!(spent(&bed, &id).await, 1_000);
    let taken: i64 = bed.books().await.iter().map(|row| row.1).sum();
    assert_eq!(taken, 10 * 900 + 20 * 1_000);
    // 50 are left, too little for a discount: exhausted until a cancellation gives back.
    assert_eq!(
        view(&bed.engine, &id).await.status,
        PromotionStatus::BudgetExhausted
    );
    let mut cheap = Vec::new();
    for payment in &payments {
        if discount(&bed, payment).await > 0 {
            cheap.push(PaymentId::new(payment));
        }
    }
    let cancelled = cheap.remove(0);
    bed.engine
        .cancel_payment(call(), cancelled, cancel(None))
        .await
        .unwrap();
    assert_eq!(spent(&bed, &id).await, 900);
    let view = view(&bed.engine, &id).await;
    assert_eq!(view.status, PromotionStatus::InProgress);
    pay(&bed, "again", &id).await.unwrap();
    assert_eq!(discount(&bed, "again").await, 100);
}

#[tokio::test]
async fn a_failed_payment_gives_its_reserve_back() {
    let bed = bed().await;
    let id = promotion(&bed, 10_000).await;
    bed.wire.script(&[Cut::Refused]);
    pay(&bed, "a", &id).await.unwrap_err();
    assert_eq!(spent(&bed, &id).await, 0);
    // Unknown and told: reserved; found paid after that: reversed, and given back.
    bed.wire.script(&[Cut::After]);
    bed.wire.always(Cut::Before);
    pay(&bed, "b", &id).await.unwrap_err();
    assert_eq!(spent(&bed, &id).await, 100);
    bed.wire.always(Cut::None);
    bed.settle().await;
    assert_eq!(spent(&bed, &id).await, 0);
    assert!(bed.books().await.is_empty());
}

#[tokio::test]
async fn the_budget_survives_a_crash_on_either_side_of_the_pg() {
    let mut bed = bed().await;
    let id = promotion(&bed, 10_000).await;
    for (payment, cut, left, status) in [
        ("before", Cut::HangBefore, 0, Status::Failed),
        ("after", Cut::HangAfter, 100, Status::Paid),
    ] {
        bed.wire.script(&[cut]);
        let engine = bed.engine.clone();
        let request = promoted(payment, &id);
        bed.crash_in(async move { engine.pay_instantly(call(), request).await })
            .await;
        assert_eq!(spent(&bed, &id).await, 100, "reserved");
        bed.settle().await;
        assert_eq!(bed.status(payment).await, status);
        assert_eq!(spent(&bed, &id).await, left);
    }
}

#[tokio::test]
async fn an_unclear_refund_reserves_the_order_and_is_found_by_its_money() {
    let bed = bed().await;
    let id = promotion(&bed, 10_000).await;
    pay(&bed, "a", &id).await.unwrap();
    let payment = || PaymentId::new("a");
    bed.wire.script(&[Cut::After, Cut::Before]);
    let answer = bed
        .engine
        .cancel_payment(call(), payment(), retain(Some(400)))
        .await
        .unwrap();
    let Answer::Cancellation { cancellation } = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(cancellation.state, CancellationState::Requested);
    assert_eq!(
        (cancellation.amount.total, cancellation.money().total),
        (400, 360)
    );
    assert_eq!(
        spent(&bed, &id).await,
        100,
        "not given back before it is sure"
    );
    let rest = bed
        .engine
        .cancel_payment(call(), payment(), retain(Some(700)));
    assert_eq!(
        rest.await,
        Err(Fault::outcome_unknown()),
        "the first one runs"
    );
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::PartialCancelled);
    assert_eq!(bed.books().await[0].2, 360, "once, in money");
    assert_eq!(spent(&bed, &id).await, 60);
    bed.engine
        .cancel_payment(call(), payment(), retain(None))
        .await
        .unwrap();
    assert_eq!(bed.status("a").await, Status::Cancelled);
    assert!(bed.books().await.is_empty(), "all of it went back");
    assert_eq!(spent(&bed, &id).await, 0);
}

#[tokio::test]
async fn a_cancellation_of_nothing_but_discount_asks_the_pg_for_nothing() {
    let mut bed = bed().await;
    let id = promotion(&bed, 10_000).await;
    pay(&bed, "a", &id).await.unwrap();
    let payment = || PaymentId::new("a");
    let less = bed
        .engine
        .cancel_payment(call(), payment(), cancel(Some(99)));
    assert_eq!(
        less.await,
        Err(Fault::NegativePromotionAdjustedCancelAmount)
    );
    bed.wire.always(Cut::Refused);
    // 900 remain, below the promotion's 1,000: they cost the 900 that were paid.
    bed.engine
        .cancel_payment(call(), payment(), cancel(Some(100)))
        .await
        .unwrap();
    assert_eq!(bed.status("a").await, Status::PartialCancelled);
    assert_eq!(spent(&bed, &id).await, 0);
    bed.wire.always(Cut::None);
    assert_eq!(bed.books().await[0].2, 0);
    bed.restart();
    bed.engine
        .cancel_payment(call(), payment(), cancel(None))
        .await
        .unwrap();
    assert!(bed.books().await.is_empty());
}

#[tokio::test]
async fn who_pays_otherwise_is_refused_and_spends_nothing() {
    let bed = bed().await;
    let id = promotion(&bed, 10_000).await;
    let mut account = account_payment("account");
    account.order.promotion_id = Some(id.as_str().to_owned());
    let mismatch = Err(Fault::PromotionPayMethodDoesNotMatch);
    assert_eq!(bed.engine.pay_instantly(call(), account).await, mismatch);
    let other = CardBinRecord {
        bin: "41111111".to_owned(),
        company: "HANA_CARD".to_owned(),
    };
    bed.engine.put_card_bins(vec![other]).await.unwrap();
    assert_eq!(
        pay(&bed, "longer", &id).await,
        mismatch,
        "more digits, more known"
    );
    assert_eq!(spent(&bed, &id).await, 0);
    assert!(bed.transactions().await.is_empty(), "nobody asked the PG");
}

#[tokio::test]
async fn what_is_not_in_progress_discounts_nothing() {
    let bed = bed().await;
    let id = promotion(&bed, 10_000).await;
    let act = async |act| bed.engine.act_on_promotion(&id, act).await.unwrap().status;
    assert_eq!(act(PromotionAct::Pause).await, PromotionStatus::Paused);
    pay(&bed, "paused", &id).await.unwrap();
    assert_eq!(discount(&bed, "paused").await, 0);
    assert_eq!(act(PromotionAct::Resume).await, PromotionStatus::InProgress);
    pay(&bed, "resumed", &id).await.unwrap();
    assert_eq!(discount(&bed, "resumed").await, 100);
    let terminated = act(PromotionAct::Terminate).await;
    assert_eq!(terminated, PromotionStatus::Terminated);
    pay(&bed, "terminated", &id).await.unwrap();
    assert_eq!(discount(&bed, "terminated").await, 0);
    let later = NewPromotion {
        start_at: Some(bed.time.read().plus_seconds(60)),
        ..new_promotion(&bed, 10_000)
    };
    let later = bed.engine.create_promotion(later).await.unwrap();
    assert_eq!(later.status, PromotionStatus::Scheduled);
    let later = later.promotion.id;
    pay(&bed, "early", &later).await.unwrap();
    assert_eq!(discount(&bed, "early").await, 0);
    bed.time.pass_ms(61_000);
    pay(&bed, "started", &later).await.unwrap();
    assert_eq!(discount(&bed, "started").await, 100);
}

/// Many payments and cancellations at once, with answers lost at random: at rest the counter is
/// the sum over the payments, and the PG's books are theirs.
#[tokio::test]
async fn at_rest_the_counter_is_the_sum_over_the_payments() {
    let bed = bed().await;
    let id = promotion(&bed, 1_500).await;
    let cuts = [
        Cut::None,
        Cut::After,
        Cut::None,
        Cut::Before,
        Cut::Refused,
        Cut::None,
    ];
    for round in 0..4_usize {
        let script: Vec<_> = (0..40)
            .map(|n| cuts[(n * 7 + round * 3 + n / 5) % cuts.len()])
            .collect();
        bed.wire.script(&script);
        let names: Vec<_> = (0..8).map(|n| format!("r{round}-{n}")).collect();
        join_all(names.iter().map(|name| pay(&bed, name, &id))).await;
        let cancels = (0..8).map(|n| {
            let payment = PaymentId::new(format!("r{round}-{n}"));
            let request = match n % 4 {
                0 => cancel(None),
                1 => retain(Some(300)),
                2 => cancel(Some(500)),
                _ => retain(Some(1)),
            };
            bed.engine.cancel_payment(call(), payment, request)
        });
        join_all(cancels).await;
        spent(&bed, &id).await;
    }
    bed.wire.always(Cut::None);
    bed.settle().await;
    bed.settle().await;
    assert!(spent(&bed, &id).await <= 1_500);
    let books = bed.books().await;
    let query = Query::of(&tables::PAYMENTS, 1_000);
    let payments = bed
        .engine
        .store()
        .list::<PaymentRecord>(query)
        .await
        .unwrap();
    for found in &payments {
        let payment = &found.value.0;
        for attempt in &payment.attempts {
            let order = attempt.id.order_id();
            let row = books.iter().find(|row| row.0 == order);
            match &attempt.state {
                AttemptState::Captured { .. } => {
                    let refunded = payment.refunded().total;
                    let charged = attempt.charged().total;
                    let expected = (charged != refunded).then_some((charged, refunded));
                    assert_eq!(row.map(|row| (row.1, row.2)), expected, "{}", payment.id);
                }
                AttemptState::Failed { .. } | AttemptState::Reversed { .. } => {
                    assert_eq!(row, None, "{}", payment.id);
                }
                state => panic!("at rest: {state:?}"),
            }
        }
    }
    assert_eq!(payments.len(), 32);
}
