//! Promotions together with failover: an attempt that takes another's place takes its discount
//! over, so that a budget is neither lost nor spent twice, wherever the process dies.

use naru_domain::payment::{AttemptState, Failure, Status};
use naru_domain::promotion::{PromotionStatus, Recovery};
use naru_domain::{ChannelGroupId, PaymentId, PromotionId};
use naru_engine::admin::{NewPromotion, PromotionAct};
use naru_engine::payments::{PayInstantly, PayRequest};
use naru_engine::{Answer, Fault};
use naru_store_memory::Fault as StoreFault;

use crate::groups::{by_group, card_channels, channels_of, group};
use crate::promotions::{bed, discount, new_promotion, promotion, spent, view};
use crate::support::{Bed, Cut, call, cancel};

const A: &str = "channel-key-a";
const B: &str = "channel-key-b";
/// How often the engine asks a store to take a unit: after so many failures the request dies.
const COMMIT_TRIES: usize = 4;

/// A bed with a promotion of 10 % and a group that goes to A, then to B.
async fn bed_with(total_budget: i64) -> (Bed, ChannelGroupId, PromotionId) {
    let bed = bed().await;
    card_channels(&bed.engine, &[A, B]).await;
    let group = group(&bed.engine, &[(A, 100), (B, 0)], 1).await.id;
    let promotion = promotion(&bed, total_budget).await;
    (bed, group, promotion)
}

fn request(id: &str, group: &ChannelGroupId, of: &PromotionId) -> PayRequest<PayInstantly> {
    let mut request = by_group(id, group);
    request.order.promotion_id = Some(of.as_str().to_owned());
    request
}

async fn pay(
    bed: &Bed,
    id: &str,
    (group, of): (&ChannelGroupId, &PromotionId),
) -> Result<Answer, Fault> {
    bed.engine
        .pay_instantly(call(), request(id, group, of))
        .await
}

#[tokio::test]
async fn the_second_channel_takes_the_discounted_amount_and_the_budget_once() {
    let (bed, group, of) = bed_with(10_000).await;
    bed.wire.script(&[Cut::Refused]);
    pay(&bed, "a", (&group, &of)).await.unwrap();
    let view = bed.read("a").await;
    assert_eq!(channels_of(&view), [A, B]);
    let discounts: Vec<i64> = view
        .payment
        .attempts
        .iter()
        .map(naru_domain::payment::Attempt::discount)
        .collect();
    assert_eq!(discounts, [100, 100]);
    assert_eq!(
        bed.books().await[0].1,
        900,
        "the second PG was asked for the price"
    );
    assert_eq!(spent(&bed, &of).await, 100, "once");
    bed.settle().await;
    assert_eq!(spent(&bed, &of).await, 100);
    bed.engine
        .cancel_payment(call(), PaymentId::new("a"), cancel(None))
        .await
        .unwrap();
    assert_eq!(spent(&bed, &of).await, 0, "all of it is given back");
    assert!(bed.books().await.is_empty());
}

#[tokio::test]
async fn where_no_channel_saw_it_nothing_is_spent() {
    let (bed, group, of) = bed_with(10_000).await;
    bed.wire.script(&[Cut::Refused; 2]);
    pay(&bed, "a", (&group, &of)).await.unwrap_err();
    assert_eq!(bed.read("a").await.payment.attempts.len(), 2);
    assert_eq!(spent(&bed, &of).await, 0);
    pay(&bed, "a", (&group, &of)).await.unwrap();
    assert_eq!(spent(&bed, &of).await, 100);
}

/// The last of the budget is reserved by the attempt that ends: the next one must not be refused
/// it, nor take more than there is.
#[tokio::test]
async fn the_last_of_a_budget_goes_over_to_the_next_channel() {
    let (bed, group, of) = bed_with(100).await;
    bed.wire.script(&[Cut::Refused]);
    pay(&bed, "a", (&group, &of)).await.unwrap();
    assert_eq!(discount(&bed, "a").await, 100);
    assert_eq!(bed.books().await[0].1, 900);
    assert_eq!(spent(&bed, &of).await, 100);
    let status = view(&bed.engine, &of).await.status;
    assert_eq!(status, PromotionStatus::BudgetExhausted);
    bed.wire.script(&[Cut::Refused]);
    pay(&bed, "b", (&group, &of)).await.unwrap();
    assert_eq!(discount(&bed, "b").await, 0, "nothing is left for another");
    assert_eq!(spent(&bed, &of).await, 100);
}

/// What was promised to the customer holds, though the promotion ends between the channels.
#[tokio::test]
async fn a_promotion_that_ends_meanwhile_keeps_what_was_reserved() {
    let mut setup = bed_with(10_000).await;
    let (bed, group, of) = (&mut setup.0, setup.1.clone(), setup.2.clone());
    bed.wire.script(&[Cut::Refused, Cut::HangAfter]);
    let (engine, ask) = (bed.engine.clone(), request("a", &group, &of));
    bed.crash_in(async move { engine.pay_instantly(call(), ask).await })
        .await;
    let ended = bed.engine.act_on_promotion(&of, PromotionAct::Terminate);
    ended.await.unwrap();
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::Paid);
    assert_eq!(bed.books().await[0].1, 900);
    assert_eq!(spent(bed, &of).await, 100);
}

#[tokio::test]
async fn a_crash_in_either_try_leaves_the_budget_as_the_money() {
    for (script, attempts, status, left) in [
        (&[Cut::HangBefore][..], 1, Status::Failed, 0),
        (&[Cut::HangAfter][..], 1, Status::Paid, 100),
        (&[Cut::Refused, Cut::HangBefore][..], 2, Status::Failed, 0),
        (&[Cut::Refused, Cut::HangAfter][..], 2, Status::Paid, 100),
    ] {
        let (mut bed, group, of) = bed_with(100).await;
        bed.wire.script(script);
        let (engine, ask) = (bed.engine.clone(), request("a", &group, &of));
        bed.crash_in(async move { engine.pay_instantly(call(), ask).await })
            .await;
        assert_eq!(spent(&bed, &of).await, 100, "{script:?}: reserved once");
        assert_eq!(bed.read("a").await.payment.attempts.len(), attempts);
        bed.settle().await;
        assert_eq!(bed.status("a").await, status, "{script:?}");
        assert_eq!(spent(&bed, &of).await, left, "{script:?}");
        let taken: Vec<i64> = bed.books().await.iter().map(|row| row.1).collect();
        let expected: &[i64] = if left == 0 { &[] } else { &[900] };
        assert_eq!(taken, expected, "{script:?}");
    }
}

/// The commits are the intent, the failover and the result: each may take effect, or not, when
/// the process dies of it.
#[tokio::test]
async fn a_crash_at_each_commit_neither_loses_budget_nor_spends_it_twice() {
    for passed in 0..3 {
        for fault in [StoreFault::Before, StoreFault::After] {
            let (mut bed, group, of) = bed_with(100).await;
            bed.wire.script(&[Cut::Refused]);
            bed.store.pass_next(passed);
            for _ in 0..COMMIT_TRIES {
                bed.store.fail_next(fault);
            }
            // The request dies of it, and the process with it; another one looks after the rest.
            let answer = pay(&bed, "a", (&group, &of)).await;
            assert!(answer.is_err(), "{passed} {fault:?}: {answer:?}");
            let what = format!("commit {passed}, {fault:?}");
            bed.restart();
            bed.settle().await;
            bed.settle().await;
            let books = bed.books().await;
            let money: i64 = books.iter().map(|row| row.1).sum();
            let reserved = spent(&bed, &of).await;
            match money {
                0 => assert_eq!(reserved, 0, "{what}"),
                taken => assert_eq!((taken, reserved), (900, 100), "{what}"),
            }
            assert!(books.len() <= 1, "{what}");
        }
    }
}

/// An unclear second answer reserves until it is found out, and gives back once.
#[tokio::test]
async fn an_unclear_second_try_holds_the_budget_until_it_is_known() {
    for (cut, left) in [(Cut::After, 0), (Cut::Before, 0)] {
        let (bed, group, of) = bed_with(10_000).await;
        bed.wire.script(&[Cut::Refused, cut]);
        bed.wire.always(Cut::Before);
        let answer = pay(&bed, "a", (&group, &of)).await;
        assert!(
            matches!(&answer, Err(Fault::PgProvider { pg_code, .. })
                if pg_code == Failure::OUTCOME_UNKNOWN),
            "{answer:?}"
        );
        assert_eq!(spent(&bed, &of).await, 100, "{cut:?}: held");
        bed.wire.always(Cut::None);
        bed.settle().await;
        bed.settle().await;
        // The caller was told that nobody knows: what was taken goes back, with its budget.
        assert_eq!(spent(&bed, &of).await, left, "{cut:?}");
        assert!(bed.books().await.is_empty(), "{cut:?}");
        let payment = bed.read("a").await.payment;
        let ends = payment.attempts.iter().all(|attempt| {
            matches!(
                attempt.state,
                AttemptState::Failed { .. } | AttemptState::Reversed { .. }
            )
        });
        assert!(ends, "{cut:?}");
    }
}

/// Of many at once that all fail over, as many get a discount as the budget has.
#[tokio::test]
async fn many_that_fail_over_at_once_share_a_budget_to_the_won() {
    let (bed, group, of) = bed_with(1_050).await;
    let names: Vec<String> = (0..20).map(|n| format!("p-{n}")).collect();
    // Each second request finds nobody, in whatever order they come.
    let script: Vec<Cut> = (0..60)
        .map(|n| if n % 3 == 0 { Cut::Refused } else { Cut::None })
        .collect();
    bed.wire.script(&script);
    let all = names.iter().map(|id| pay(&bed, id, (&group, &of)));
    futures_util::future::join_all(all).await;
    bed.wire.forget_script();
    bed.settle().await;
    let reserved = spent(&bed, &of).await;
    assert!(reserved <= 1_050);
    let mut discounts = 0;
    for id in &names {
        let payment = bed.read(id).await.payment;
        if let Some((attempt, _)) = payment.captured() {
            discounts += attempt.discount();
        }
    }
    assert_eq!(
        discounts, reserved,
        "what is spent was taken off somebody's price"
    );
    let taken: i64 = bed.books().await.iter().map(|row| row.1).sum();
    let paid = bed.books().await.len();
    assert_eq!(taken, i64::try_from(paid).unwrap() * 1_000 - discounts);
}

/// With a promotion to which cancellations give nothing back, a failover still costs it once.
#[tokio::test]
async fn without_recovery_a_failover_costs_the_budget_once_and_a_refund_gives_nothing_back() {
    let (bed, group, _) = bed_with(10_000).await;
    let new = NewPromotion {
        name: "spend".to_owned(),
        recovery: Recovery::NoRecover { spare: None },
        ..new_promotion(&bed, 10_000)
    };
    let of = bed.engine.create_promotion(new).await.unwrap().promotion.id;
    bed.wire.script(&[Cut::Refused]);
    pay(&bed, "a", (&group, &of)).await.unwrap();
    assert_eq!(spent(&bed, &of).await, 100);
    bed.engine
        .cancel_payment(call(), PaymentId::new("a"), cancel(None))
        .await
        .unwrap();
    assert_eq!(spent(&bed, &of).await, 100);
}
