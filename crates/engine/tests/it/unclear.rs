//! Answers that are lost while the process lives: design 2a.1 to 2a.4, 2a.7.

use naru_domain::PaymentId;
use naru_domain::payment::{AttemptState, CancellationState, Failure, Status};
use naru_engine::{Answer, Fault};
use naru_store_memory::Fault as StoreFault;

use crate::support::{Bed, Cut, call, cancel, card_payment};

fn code(result: Result<Answer, Fault>) -> String {
    match result {
        Err(Fault::PgProvider { pg_code, .. }) => pg_code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_lost_approval_is_found_by_the_request_itself() {
    let bed = Bed::new().await;
    bed.wire.script(&[Cut::After]);
    let answer = bed
        .engine
        .pay_instantly(call(), card_payment("a", false))
        .await;
    assert!(matches!(answer, Ok(Answer::Payment { .. })), "{answer:?}");
    assert_eq!(bed.status("a").await, Status::Paid);
    assert_eq!(bed.books().await.len(), 1, "never repeated");
}

#[tokio::test]
async fn a_request_that_never_arrived_fails_after_two_inquiries() {
    let bed = Bed::new().await;
    bed.wire.script(&[Cut::Before]);
    let answer = bed
        .engine
        .pay_instantly(call(), card_payment("a", false))
        .await;
    assert_eq!(code(answer), Failure::NOT_SENT);
    assert_eq!(bed.status("a").await, Status::Failed);
}

#[tokio::test]
async fn a_refused_connection_fails_at_once() {
    let bed = Bed::new().await;
    bed.wire.script(&[Cut::Refused]);
    let answer = bed
        .engine
        .pay_instantly(call(), card_payment("a", false))
        .await;
    assert_eq!(code(answer), Failure::NOT_SENT);
}

#[tokio::test]
async fn a_capture_found_after_the_caller_was_told_is_reversed() {
    let bed = Bed::new().await;
    bed.wire.script(&[Cut::After]);
    bed.wire.always(Cut::Before);
    let answer = bed
        .engine
        .pay_instantly(call(), card_payment("a", false))
        .await;
    assert_eq!(code(answer), Failure::OUTCOME_UNKNOWN);
    assert_eq!(bed.status("a").await, Status::PayPending);
    let other = bed
        .engine
        .pay_instantly(call(), card_payment("a", false))
        .await;
    assert_eq!(code(other), Failure::OUTCOME_UNKNOWN, "starts nothing");
    bed.wire.always(Cut::None);
    bed.settle().await;
    let payment = bed.read("a").await.payment;
    assert!(matches!(
        payment.attempts[0].state,
        AttemptState::Reversed { .. }
    ));
    assert_eq!(payment.status(), Status::Failed);
    assert!(bed.books().await.is_empty(), "all given back");
}

#[tokio::test]
async fn an_unclear_refund_is_requested_and_resolved_never_sent_again() {
    let bed = Bed::new().await;
    bed.engine
        .pay_instantly(call(), card_payment("a", false))
        .await
        .unwrap();
    bed.wire.script(&[Cut::After, Cut::Before]);
    let answer = bed
        .engine
        .cancel_payment(call(), PaymentId::new("a"), cancel(Some(300)))
        .await;
    let Ok(Answer::Cancellation { cancellation }) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(cancellation.state, CancellationState::Requested);
    assert_eq!(bed.status("a").await, Status::Paid);
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::PartialCancelled);
    assert_eq!(bed.books().await[0].2, 300, "once");
}

#[tokio::test]
async fn commits_that_look_failed_but_took_effect_change_nothing_twice() {
    let bed = Bed::new().await;
    // The intent, and then the result.
    bed.store.fail_next(StoreFault::After);
    bed.store.pass_next(1);
    bed.store.fail_next(StoreFault::After);
    let answer = bed
        .engine
        .pay_instantly(call(), card_payment("a", false))
        .await;
    assert!(answer.is_ok(), "{answer:?}");
    let view = bed.read("a").await;
    assert_eq!(view.payment.attempts.len(), 1);
    assert_eq!(view.webhooks.len(), 1);
    assert_eq!(bed.books().await.len(), 1);
}

#[tokio::test]
async fn cancels_beyond_the_balance_are_refused_and_parts_follow_the_rules() {
    let bed = Bed::new().await;
    bed.engine
        .pay_instantly(call(), card_payment("a", false))
        .await
        .unwrap();
    let id = || PaymentId::new("a");
    let too_much = bed
        .engine
        .cancel_payment(call(), id(), cancel(Some(1_001)))
        .await;
    assert_eq!(too_much, Err(Fault::CancelAmountExceedsCancellableAmount));
    bed.engine
        .cancel_payment(call(), id(), cancel(Some(400)))
        .await
        .unwrap();
    bed.engine
        .cancel_payment(call(), id(), cancel(None))
        .await
        .unwrap();
    assert_eq!(bed.status("a").await, Status::Cancelled);
    let again = bed.engine.cancel_payment(call(), id(), cancel(None)).await;
    assert_eq!(again, Err(Fault::PaymentAlreadyCancelled));
    let payment = bed.read("a").await.payment;
    assert_eq!(
        payment.cancelled(),
        payment.attempts[0].order.amount,
        "every part came back"
    );
}

#[tokio::test]
async fn a_pg_that_hangs_keeps_the_caller_no_longer_than_the_budget() {
    let bed = Bed::new().await;
    bed.wire.always(Cut::Silence);
    let started_at = bed.time.read();
    let answer = bed
        .engine
        .pay_instantly(call(), card_payment("a", false))
        .await;
    assert_eq!(code(answer), Failure::OUTCOME_UNKNOWN);
    let took_ms = bed.time.read().as_millis() - started_at.as_millis();
    assert!((45_000..=51_000).contains(&took_ms), "{took_ms}");
}

#[tokio::test]
async fn a_reversal_that_is_refused_as_done_already_is_done() {
    let bed = Bed::new().await;
    bed.wire.script(&[Cut::After]);
    bed.wire.always(Cut::Before);
    let answer = bed
        .engine
        .pay_instantly(call(), card_payment("a", false))
        .await;
    assert_eq!(code(answer), Failure::OUTCOME_UNKNOWN);
    // The resolver finds it, the reversal can't ask six times, asks, and its request arrives twice.
    bed.wire.script(&[Cut::None]);
    bed.wire.script(&[Cut::Before; 6]);
    bed.wire.script(&[Cut::None, Cut::Twice]);
    bed.wire.always(Cut::None);
    bed.settle().await;
    bed.settle().await;
    let attempt = bed.read("a").await.payment.attempts[0].clone();
    assert!(
        matches!(attempt.state, AttemptState::Reversed { .. }),
        "{:?}",
        attempt.state
    );
    assert!(bed.discrepancies().await.is_empty());
    assert!(bed.books().await.is_empty());
}

#[tokio::test]
async fn inquiries_that_failed_use_up_no_try_of_a_reversal() {
    let bed = Bed::new().await;
    bed.wire.script(&[Cut::After]);
    bed.wire.always(Cut::Before);
    let answer = bed
        .engine
        .pay_instantly(call(), card_payment("a", false))
        .await;
    assert_eq!(code(answer), Failure::OUTCOME_UNKNOWN);
    // The capture is found; then the PG's books can't be read for a long time.
    bed.wire.script(&[Cut::None]);
    bed.settle().await;
    let state = |payment: &naru_domain::payment::Payment| payment.attempts[0].state.clone();
    let payment = bed.read("a").await.payment;
    assert!(matches!(state(&payment), AttemptState::Reversing { .. }));
    // The PG is back, and refuses once: it may take the refund another time.
    let fault = serde_json::json!({ "operation": "refund", "kind": "decline", "times": 1 });
    bed.control_with("/faults", &fault).await;
    bed.wire.always(Cut::None);
    bed.settle().await;
    let payment = bed.read("a").await.payment;
    assert!(
        matches!(state(&payment), AttemptState::Reversed { .. }),
        "{:?}",
        state(&payment)
    );
    assert!(bed.discrepancies().await.is_empty());
    assert!(bed.books().await.is_empty(), "all given back");
}

#[tokio::test]
async fn a_refund_that_arrived_twice_is_looked_up_although_the_second_copy_is_refused() {
    // A part of which another would fit, and one of which it would not.
    for amount in [300, 700] {
        let bed = Bed::new().await;
        bed.engine
            .pay_instantly(call(), card_payment("a", false))
            .await
            .unwrap();
        bed.wire.script(&[Cut::Twice]);
        let answer = bed
            .engine
            .cancel_payment(call(), PaymentId::new("a"), cancel(Some(amount)))
            .await
            .unwrap();
        let Answer::Cancellation { cancellation } = answer else {
            panic!("{answer:?}");
        };
        assert!(
            matches!(cancellation.state, CancellationState::Succeeded { .. }),
            "{:?}",
            cancellation.state
        );
        assert_eq!(bed.books().await[0].2, amount, "given back once");
    }
}
