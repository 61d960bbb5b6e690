//! Promotions by themselves: what they take off, where they stand, who may change what when.

use naru_domain::promotion::{
    BrokenPolicy, BrokenPromotion, DiscountPolicy, Offer, Partition, Payer, Promotion,
    PromotionChange, PromotionRefusal, PromotionStatus, Recovery, Scheme, Spare,
};
use naru_domain::{Currency, PromotionId, StoreId};
use proptest::prelude::*;

use crate::support::at;

pub fn percent(amount_from: i64, percent: i32) -> Partition {
    Partition {
        amount_from,
        scheme: Scheme::Percent { percent },
    }
}

pub fn fixed(amount_from: i64, amount: i64) -> Partition {
    Partition {
        amount_from,
        scheme: Scheme::Amount { amount },
    }
}

pub fn policy(partitions: &[Partition]) -> DiscountPolicy {
    DiscountPolicy {
        partitions: partitions.to_vec(),
        max_discount: None,
    }
}

/// From second 100 to second 1000, for cards of Samsung, 10 % from 5,000 up, a budget of 10,000.
pub fn promotion() -> Promotion {
    Promotion {
        id: PromotionId::new("promotion-id-1"),
        store_id: StoreId::new("store-1"),
        name: "summer".to_owned(),
        card_company: "SAMSUNG_CARD".to_owned(),
        currency: Currency::krw(),
        policy: policy(&[percent(5_000, 10)]),
        total_budget: 10_000,
        recovery: Recovery::Recover,
        start_at: at(100),
        end_at: at(1_000),
        created_at: at(0),
        paused_at: None,
        terminated_at: None,
        exhausted_from: None,
    }
}

const SAMSUNG: Payer<'_> = Payer::Card(Some("SAMSUNG_CARD"));

#[test]
fn the_partition_with_the_greatest_amount_reached_counts() {
    let percents = policy(&[percent(1_000, 5), percent(10_000, 10), percent(50_000, 15)]);
    for (total, discount) in [
        (0, 0),
        (999, 0),
        (1_000, 50),
        (9_999, 499),
        (10_000, 1_000),
        (49_999, 4_999),
        (50_000, 7_500),
        (i64::MAX, i64::MAX / 20 * 3 + 1),
    ] {
        assert_eq!(percents.discount(total), discount, "{total}");
    }
    let capped = DiscountPolicy {
        max_discount: Some(6_000),
        ..percents
    };
    assert_eq!(capped.discount(50_000), 6_000);
    assert_eq!(capped.discount(49_999), 4_999);
    let amounts = policy(&[fixed(1_000, 100), fixed(10_000, 2_000)]);
    assert_eq!(
        [999, 1_000, 9_999, 10_000, 90_000].map(|total| amounts.discount(total)),
        [0, 100, 100, 2_000, 2_000]
    );
}

#[test]
fn policies_that_make_no_sense_are_refused() {
    let field = |partitions: &[Partition], max_discount| {
        let policy = DiscountPolicy {
            partitions: partitions.to_vec(),
            max_discount,
        };
        policy.check().err().map(|BrokenPolicy(field, _)| field)
    };
    let six: Vec<_> = (1..=6).map(|n| percent(i64::from(n) * 1_000, n)).collect();
    for (partitions, max, broken) in [
        (vec![], None, Some("partitions")),
        (six.clone(), None, Some("partitions")),
        (six[..5].to_vec(), None, None),
        (vec![percent(0, 10)], None, Some("amountFrom")),
        (vec![percent(1, 0)], None, Some("percent")),
        (vec![percent(1, 101)], None, Some("percent")),
        (vec![percent(1, 100)], None, None),
        (vec![fixed(1_000, 0)], None, Some("amount")),
        (vec![fixed(1_000, 1_001)], None, Some("amount")),
        (vec![fixed(1_000, 1_000)], None, None),
        (
            vec![percent(1_000, 5), fixed(2_000, 500)],
            None,
            Some("partitions"),
        ),
        (
            vec![percent(2_000, 5), percent(1_000, 10)],
            None,
            Some("amountFrom"),
        ),
        (
            vec![percent(1_000, 10), percent(2_000, 10)],
            None,
            Some("partitions"),
        ),
        // 10 % and 10 % again, though the amount is twice as large.
        (
            vec![fixed(1_000, 100), fixed(2_000, 200)],
            None,
            Some("partitions"),
        ),
        (vec![fixed(1_000, 100), fixed(2_000, 201)], None, None),
        (vec![percent(1_000, 10)], Some(0), Some("maxDiscountAmount")),
        (vec![fixed(1_000, 10)], Some(5), Some("maxDiscountAmount")),
        (vec![percent(1_000, 10)], Some(5), None),
    ] {
        assert_eq!(field(&partitions, max), broken, "{partitions:?} {max:?}");
    }
}

#[test]
fn a_status_follows_from_time_budget_and_hand() {
    let status = |change: fn(&mut Promotion), spent, second| {
        let mut promotion = promotion();
        change(&mut promotion);
        promotion.status(spent, at(second)).name()
    };
    let nothing = |_: &mut Promotion| {};
    assert_eq!(status(nothing, 0, 99), "SCHEDULED");
    assert_eq!(status(nothing, 0, 100), "IN_PROGRESS");
    assert_eq!(status(nothing, 9_999, 999), "IN_PROGRESS");
    assert_eq!(status(nothing, 10_000, 500), "BUDGET_EXHAUSTED");
    assert_eq!(status(nothing, 0, 1_000), "COMPLETED");
    let marked = |it: &mut Promotion| it.exhausted_from = Some(9_500);
    assert_eq!(status(marked, 9_500, 500), "BUDGET_EXHAUSTED");
    assert_eq!(status(marked, 9_499, 500), "IN_PROGRESS", "restored");
    let spare = |it: &mut Promotion| {
        it.recovery = Recovery::NoRecover {
            spare: Some(Spare::Percent { percent: 10 }),
        }
    };
    assert_eq!(status(spare, 10_999, 500), "IN_PROGRESS");
    assert_eq!(status(spare, 11_000, 500), "BUDGET_EXHAUSTED");
    let paused = |it: &mut Promotion| it.paused_at = Some(at(1));
    for (second, name) in [(50, "PAUSED"), (500, "PAUSED"), (1_000, "COMPLETED")] {
        assert_eq!(status(paused, 10_000, second), name);
    }
    let ended = |it: &mut Promotion| {
        it.paused_at = Some(at(1));
        it.terminated_at = Some(at(2));
    };
    assert_eq!(status(ended, 0, 2_000), "TERMINATED");
}

#[test]
fn an_offer_is_refused_only_for_the_card_and_for_taking_everything() {
    let ask = |promotion: &Promotion, total, payer, spent| {
        promotion.offer(total, payer, (spent, at(500)))
    };
    let it = promotion();
    let Ok(Offer::Discount(applied)) = ask(&it, 6_000, SAMSUNG, 0) else {
        panic!("no discount");
    };
    assert_eq!((applied.discount, applied.budget), (600, 10_000));
    let mismatch = Err(PromotionRefusal::PayMethodDoesNotMatch);
    for payer in [
        Payer::Card(Some("LOTTE_CARD")),
        Payer::Card(None),
        Payer::Other,
    ] {
        assert_eq!(ask(&it, 6_000, payer, 0), mismatch, "{payer:?}");
        assert_eq!(ask(&it, 10, payer, 0), mismatch, "also below all amounts");
        assert_eq!(ask(&it, 6_000, payer, 10_000), Ok(Offer::Nothing));
    }
    assert_eq!(ask(&it, 4_999, SAMSUNG, 0), Ok(Offer::Nothing));
    assert_eq!(ask(&it, 6_000, SAMSUNG, 9_401), Ok(Offer::Exhausted));
    assert!(matches!(
        ask(&it, 6_000, SAMSUNG, 9_400),
        Ok(Offer::Discount(_))
    ));
    let exhausted = it.exhausted(9_401);
    assert_eq!(ask(&exhausted, 5_000, SAMSUNG, 9_401), Ok(Offer::Nothing));
    let whole = Promotion {
        policy: policy(&[fixed(1_000, 1_000)]),
        ..it
    };
    let everything = Err(PromotionRefusal::DiscountExceedsTotal);
    assert_eq!(ask(&whole, 1_000, SAMSUNG, 0), everything);
    assert_eq!(
        ask(&whole, 1_000, SAMSUNG, 9_500),
        everything,
        "before the budget"
    );
    assert!(matches!(
        ask(&whole, 1_001, SAMSUNG, 0),
        Ok(Offer::Discount(_))
    ));
}

/// Which of (name, start, end, everything else) may be changed, and what else may be done.
#[test]
fn who_may_do_what_when() {
    let table = [
        ("SCHEDULED", 50, 0, "name start end deep pause terminate"),
        ("IN_PROGRESS", 500, 0, "name start end pause terminate"),
        (
            "BUDGET_EXHAUSTED",
            500,
            10_000,
            "name start end pause terminate",
        ),
        ("PAUSED", 500, 0, "name end resume terminate"),
        ("TERMINATED", 500, 0, ""),
        ("COMPLETED", 1_000, 0, ""),
    ];
    for (status, second, spent, allowed) in table {
        let mut it = promotion();
        it.paused_at = (status == "PAUSED").then_some(at(1));
        it.terminated_at = (status == "TERMINATED").then_some(at(2));
        let now = (spent, at(second));
        assert_eq!(it.status(now.0, now.1).name(), status);
        let change = |change: PromotionChange| it.change(change, now);
        let nothing = PromotionChange::default;
        let tried = [
            (
                "name",
                change(PromotionChange {
                    name: Some("winter".to_owned()),
                    ..nothing()
                }),
            ),
            (
                "start",
                change(PromotionChange {
                    start_at: Some(at(60)),
                    ..nothing()
                }),
            ),
            (
                "end",
                change(PromotionChange {
                    end_at: Some(at(2_000)),
                    ..nothing()
                }),
            ),
            (
                "deep",
                change(PromotionChange {
                    total_budget: Some(5),
                    ..nothing()
                }),
            ),
            ("pause", it.pause(now)),
            ("resume", it.resume(now)),
            ("terminate", it.terminate(now)),
        ];
        let done: Vec<_> = tried
            .iter()
            .filter(|(_, answer)| answer.is_ok())
            .map(|(what, _)| *what)
            .collect();
        assert_eq!(done.join(" "), allowed, "{status}");
        for (what, answer) in tried {
            assert!(
                matches!(answer, Ok(_) | Err(BrokenPromotion::Status { .. })),
                "{what}: {answer:?}"
            );
        }
    }
}

#[test]
fn a_resumed_promotion_goes_back_to_whatever_fits_now() {
    let paused = promotion().pause((0, at(50))).unwrap();
    for (second, spent, status) in [
        (60, 0, PromotionStatus::Scheduled),
        (500, 0, PromotionStatus::InProgress),
        (500, 10_000, PromotionStatus::BudgetExhausted),
    ] {
        let resumed = paused.resume((spent, at(second))).unwrap();
        assert_eq!(resumed.status(spent, at(second)), status);
    }
    assert!(paused.resume((0, at(1_000))).is_err());
}

#[test]
fn promotions_that_make_no_sense_are_refused() {
    let broken = |change: fn(&mut Promotion)| {
        let mut promotion = promotion();
        change(&mut promotion);
        match promotion.check(at(0)) {
            Err(BrokenPromotion::Field(field, _)) => field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(broken(|it| it.name = " ".to_owned()), "name");
    assert_eq!(
        broken(|it| it.card_company = "CITI_CARD".to_owned()),
        "cardCompany"
    );
    assert_eq!(broken(|it| it.total_budget = 0), "totalBudget");
    assert_eq!(broken(|it| it.end_at = it.start_at), "endAt");
    assert_eq!(
        broken(|it| (it.start_at, it.end_at) = (at(-9), at(0))),
        "endAt"
    );
    assert_eq!(broken(|it| it.policy = policy(&[])), "partitions");
    assert_eq!(
        broken(|it| it.recovery = Recovery::NoRecover {
            spare: Some(Spare::Amount { amount: 0 })
        }),
        "spareBudget.amount"
    );
    assert_eq!(
        broken(|it| it.recovery = Recovery::NoRecover {
            spare: Some(Spare::Percent { percent: 101 })
        }),
        "spareBudget.percent"
    );
}

proptest! {
    /// Whatever policy passes the check, a larger order never has a smaller discount, and no
    /// order a discount above it.
    #[test]
    fn discounts_grow_with_the_order_and_stay_below_it(
        parts in proptest::collection::vec((1..100_000_i64, 1..100_000_i64), 1..5),
        is_percent in any::<bool>(),
        max_discount in proptest::option::of(1..10_000_i64),
        totals in (1..1_000_000_i64, 1..1_000_000_i64),
    ) {
        let mut from = 0;
        let partitions: Vec<_> = parts.into_iter().map(|(step, size)| {
            from += step;
            if is_percent {
                percent(from, i32::try_from(size % 100).unwrap() + 1)
            } else {
                fixed(from, size % from + 1)
            }
        }).collect();
        let policy = DiscountPolicy { partitions, max_discount };
        prop_assume!(policy.check().is_ok());
        let (low, high) = (totals.0.min(totals.1), totals.0.max(totals.1));
        prop_assert!(policy.discount(low) <= policy.discount(high));
        prop_assert!(policy.discount(high) <= high);
    }
}
