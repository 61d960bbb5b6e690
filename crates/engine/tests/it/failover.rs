//! Failover to another channel: only where the PG surely did not act, and never money twice (P3).

use naru_domain::PaymentId;
use naru_domain::payment::{AttemptState, Failure, Status};
use naru_engine::{Answer, Fault};
use naru_store_memory::Fault as StoreFault;

use crate::groups::{by_group, card_channels, channels_of, charge, group, issue, key_channel};
use crate::support::{Bed, Cut, call, cancel};

const A: &str = "channel-key-a";
const B: &str = "channel-key-b";
const C: &str = "channel-key-c";

/// A bed with a group that goes to A, and on to B and then C as far as it may.
async fn bed_with(failover: u8) -> (Bed, naru_domain::ChannelGroupId) {
    let bed = Bed::new().await;
    card_channels(&bed.engine, &[A, B, C]).await;
    let shares = [(A, 100), (B, 0)];
    let group = group(&bed.engine, &shares, failover).await;
    (bed, group.id)
}

fn code(result: &Result<Answer, Fault>) -> &str {
    match result {
        Err(Fault::PgProvider { pg_code, .. }) => pg_code,
        other => panic!("{other:?}"),
    }
}

async fn events(bed: &Bed, id: &str) -> Vec<String> {
    let webhooks = bed.read(id).await.webhooks;
    webhooks.iter().map(|one| one.event.clone()).collect()
}

#[tokio::test]
async fn it_is_off_unless_the_group_says_otherwise() {
    let (bed, group) = bed_with(0).await;
    bed.wire.script(&[Cut::Refused]);
    let answer = bed
        .engine
        .pay_instantly(call(), by_group("a", &group))
        .await;
    assert_eq!(code(&answer), Failure::NOT_SENT);
    assert_eq!(channels_of(&bed.read("a").await), [A]);
}

#[tokio::test]
async fn a_payment_that_the_pg_never_saw_goes_through_another_channel() {
    let (bed, group) = bed_with(1).await;
    bed.wire.script(&[Cut::Refused]);
    let answer = bed
        .engine
        .pay_instantly(call(), by_group("a", &group))
        .await;
    assert!(matches!(answer, Ok(Answer::Payment { .. })), "{answer:?}");
    let view = bed.read("a").await;
    assert_eq!(channels_of(&view), [A, B]);
    let [first, second] = view.payment.attempts.as_slice() else {
        panic!("{:?}", view.payment.attempts)
    };
    assert!(matches!(first.state, AttemptState::Failed { .. }));
    assert_eq!(second.takes_over_from, Some(first.id));
    assert_eq!(view.payment.status(), Status::Paid);
    assert_eq!(events(&bed, "a").await, ["Transaction.Paid"]);
    let books = bed.books().await;
    assert_eq!(books.len(), 1);
    assert_eq!(books[0].0, second.id.order_id(), "an order of its own");
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::Paid);
    bed.engine
        .cancel_payment(call(), PaymentId::new("a"), cancel(None))
        .await
        .unwrap();
    assert!(
        bed.books().await.is_empty(),
        "given back where it was taken"
    );
}

#[tokio::test]
async fn nothing_goes_on_after_an_answer_that_is_unclear_or_a_decline() {
    for cut in [Cut::Before, Cut::After, Cut::Silence, Cut::Twice] {
        let (bed, group) = bed_with(1).await;
        bed.wire.script(&[cut]);
        let _answer = bed
            .engine
            .pay_instantly(call(), by_group("a", &group))
            .await;
        bed.settle().await;
        assert_eq!(channels_of(&bed.read("a").await), [A], "{cut:?}");
        assert!(bed.books().await.len() <= 1, "{cut:?}");
    }
    let (bed, group) = bed_with(1).await;
    let mut request = by_group("b", &group);
    if let naru_engine::payments::PayMethod::Card(card) = &mut request.method.method {
        card.credential.number = naru_engine::Secret::new("9000000000120054");
    }
    let answer = bed.engine.pay_instantly(call(), request).await;
    assert_eq!(code(&answer), "120054");
    assert_eq!(channels_of(&bed.read("b").await), [A]);
}

/// Whatever happens to the first request and to the second, what the PGs hold is what we say.
#[tokio::test]
async fn the_wire_cut_at_each_place_takes_no_money_twice() {
    let cuts = [
        Cut::None,
        Cut::Refused,
        Cut::RefusedLate,
        Cut::Before,
        Cut::Silence,
        Cut::After,
        Cut::Twice,
    ];
    for first in cuts {
        for second in cuts {
            let (bed, group) = bed_with(1).await;
            bed.wire.script(&[first, second]);
            let answer = bed
                .engine
                .pay_instantly(call(), by_group("a", &group))
                .await;
            bed.wire.forget_script();
            bed.settle().await;
            let what = format!("{first:?}, {second:?}: {answer:?}");
            let view = bed.read("a").await;
            let captured = view.payment.captured().map(|(one, _)| one.id.order_id());
            let books = bed.books().await;
            let held: Vec<_> = books.iter().map(|(order, ..)| order.clone()).collect();
            assert_eq!(held, captured.into_iter().collect::<Vec<_>>(), "{what}");
            if answer.is_ok() {
                assert_eq!(view.payment.status(), Status::Paid, "{what}");
            }
            let again = bed
                .engine
                .pay_instantly(call(), by_group("a", &group))
                .await;
            assert_eq!(bed.books().await.len(), 1, "{what}, then {again:?}");
        }
    }
}

#[tokio::test]
async fn every_channel_that_never_saw_it_is_an_attempt_and_the_last_is_the_answer() {
    let bed = Bed::new().await;
    card_channels(&bed.engine, &[A, B, C]).await;
    let group = group(&bed.engine, &[(A, 100), (B, 0), (C, 0)], 9).await.id;
    bed.wire.script(&[Cut::Refused; 3]);
    let answer = bed
        .engine
        .pay_instantly(call(), by_group("a", &group))
        .await;
    assert_eq!(code(&answer), Failure::NOT_SENT);
    let view = bed.read("a").await;
    assert_eq!(view.payment.attempts.len(), 3);
    assert_eq!(view.payment.status(), Status::Failed);
    assert_eq!(events(&bed, "a").await, ["Transaction.Failed"], "told once");
}

#[tokio::test]
async fn tries_and_their_time_are_bounded() {
    let bed = Bed::new().await;
    card_channels(&bed.engine, &[A, B, C]).await;
    let group = group(&bed.engine, &[(A, 100), (B, 0), (C, 0)], 1).await.id;
    bed.wire.script(&[Cut::Refused; 2]);
    let answer = bed
        .engine
        .pay_instantly(call(), by_group("a", &group))
        .await;
    assert_eq!(code(&answer), Failure::NOT_SENT);
    assert_eq!(
        bed.read("a").await.payment.attempts.len(),
        2,
        "one further try"
    );
    bed.wire.script(&[Cut::RefusedLate]);
    let answer = bed
        .engine
        .pay_instantly(call(), by_group("b", &group))
        .await;
    assert_eq!(code(&answer), Failure::NOT_SENT);
    assert_eq!(
        channels_of(&bed.read("b").await),
        [A],
        "too late for another"
    );
}

#[tokio::test]
async fn a_crash_in_the_second_try_is_resolved_and_is_what_the_request_answers() {
    for (cut, status) in [
        (Cut::HangBefore, Status::Failed),
        (Cut::HangAfter, Status::Paid),
    ] {
        let (mut bed, group) = bed_with(1).await;
        let ticket = bed.ticket("0123456789abcdef", "{}");
        bed.wire.script(&[Cut::Refused, cut]);
        let (engine, mut context) = (bed.engine.clone(), call());
        context.ticket = Some(ticket.clone());
        bed.crash_in(async move { engine.pay_instantly(context, by_group("a", &group)).await })
            .await;
        let replay = bed.engine.replay(&ticket).await;
        assert_eq!(replay, Err(Fault::IdempotencyOutstandingRequest));
        bed.settle().await;
        assert_eq!(bed.status("a").await, status);
        let replay = bed.engine.replay(&ticket).await.unwrap().unwrap();
        assert_eq!(replay.is_ok(), status == Status::Paid, "{replay:?}");
        assert_eq!(bed.books().await.len(), usize::from(status == Status::Paid));
        assert_eq!(events(&bed, "a").await.len(), 1);
    }
}

#[tokio::test]
async fn commits_that_look_failed_but_took_effect_send_nothing_twice() {
    // The commit of the failover, the third: after the intent and before the result.
    for passed in 0..3 {
        let (bed, group) = bed_with(1).await;
        bed.wire.script(&[Cut::Refused]);
        bed.store.pass_next(passed);
        bed.store.fail_next(StoreFault::After);
        let answer = bed
            .engine
            .pay_instantly(call(), by_group("a", &group))
            .await;
        assert!(answer.is_ok(), "{answer:?}");
        assert_eq!(channels_of(&bed.read("a").await), [A, B]);
        assert_eq!(bed.books().await.len(), 1);
    }
}

#[tokio::test]
async fn a_channel_whose_rules_refuse_is_passed_over_without_a_trace() {
    let bed = Bed::new().await;
    key_channel(&bed.engine, A, &[]).await;
    card_channels(&bed.engine, &[B]).await;
    let group = group(&bed.engine, &[(A, 100), (B, 0)], 1).await.id;
    let issued = bed.engine.issue_billing_key(call(), issue(&group)).await;
    let Ok(Answer::BillingKeyIssued { billing_key, .. }) = issued else {
        panic!("{issued:?}")
    };
    key_channel(&bed.engine, A, &["forbids"]).await;
    let request = charge("a", &billing_key, None);
    let answer = bed.engine.pay_with_billing_key(call(), request).await;
    assert!(answer.is_ok(), "{answer:?}");
    assert_eq!(channels_of(&bed.read("a").await), [B]);
    let request = charge("b", &billing_key, Some(A));
    let answer = bed.engine.pay_with_billing_key(call(), request).await;
    assert!(
        matches!(answer, Err(Fault::InvalidRequest { .. })),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_billing_key_goes_on_with_the_key_of_the_other_channel() {
    let bed = Bed::new().await;
    card_channels(&bed.engine, &[A, B]).await;
    let group = group(&bed.engine, &[(A, 100), (B, 0)], 1).await.id;
    let issued = bed.engine.issue_billing_key(call(), issue(&group)).await;
    let Ok(Answer::BillingKeyIssued { billing_key, .. }) = issued else {
        panic!("{issued:?}")
    };
    bed.wire.script(&[Cut::Refused]);
    let request = charge("a", &billing_key, None);
    let answer = bed.engine.pay_with_billing_key(call(), request).await;
    assert!(answer.is_ok(), "{answer:?}");
    assert_eq!(channels_of(&bed.read("a").await), [A, B]);
    bed.wire.script(&[Cut::Refused]);
    let request = charge("b", &billing_key, Some(A));
    let answer = bed.engine.pay_with_billing_key(call(), request).await;
    assert_eq!(
        code(&answer),
        Failure::NOT_SENT,
        "the caller named a channel"
    );
}
