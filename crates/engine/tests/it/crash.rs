//! A process that dies at the wire: design 2a.1, 2a.5, 2a.7, 2a.9.

use naru_domain::PaymentId;
use naru_domain::payment::{AttemptState, CancellationState, Failure, Status};
use naru_engine::{Answer, Fault};

use crate::support::{Bed, Cut, call, cancel, card_payment};

fn events(webhooks: &[naru_engine::payments::WebhookView]) -> Vec<&str> {
    webhooks
        .iter()
        .map(|webhook| webhook.event.as_str())
        .collect()
}

#[tokio::test]
async fn an_attempt_that_the_pg_never_saw_ends_failed_with_its_webhook() {
    let mut bed = Bed::new().await;
    bed.wire.script(&[Cut::HangBefore]);
    let (engine, context) = (bed.engine.clone(), call());
    bed.crash_in(async move {
        engine
            .pay_instantly(context, card_payment("a", false))
            .await
    })
    .await;
    assert_eq!(bed.status("a").await, Status::PayPending);
    bed.settle().await;
    let view = bed.read("a").await;
    let AttemptState::Failed { failure, .. } = &view.payment.attempts[0].state else {
        panic!("{:?}", view.payment.attempts[0].state);
    };
    assert_eq!(failure.pg_code, Failure::NOT_SENT);
    assert_eq!(events(&view.webhooks), ["Transaction.Failed"]);
    assert!(bed.books().await.is_empty());
}

#[tokio::test]
async fn a_capture_that_nobody_was_told_of_pays_and_is_announced() {
    let mut bed = Bed::new().await;
    bed.wire.script(&[Cut::HangAfter]);
    let (engine, context) = (bed.engine.clone(), call());
    bed.crash_in(async move { engine.pay_instantly(context, card_payment("a", true)).await })
        .await;
    bed.settle().await;
    let view = bed.read("a").await;
    assert_eq!(view.payment.status(), Status::Paid);
    assert_eq!(
        events(&view.webhooks),
        ["Transaction.Paid"],
        "whatever skipWebhook said"
    );
    assert_eq!(bed.books().await.len(), 1);
}

#[tokio::test]
async fn a_running_idempotency_record_is_completed_by_the_resolver() {
    let mut bed = Bed::new().await;
    let ticket = bed.ticket("0123456789abcdef", "{}");
    bed.wire.script(&[Cut::HangAfter]);
    let (engine, mut context) = (bed.engine.clone(), call());
    context.ticket = Some(ticket.clone());
    bed.crash_in(async move {
        engine
            .pay_instantly(context, card_payment("a", false))
            .await
    })
    .await;
    let replay = bed.engine.replay(&ticket).await;
    assert_eq!(replay, Err(Fault::IdempotencyOutstandingRequest));
    bed.settle().await;
    let replay = bed.engine.replay(&ticket).await.unwrap();
    assert!(
        matches!(replay, Some(Ok(Answer::Payment { .. }))),
        "{replay:?}"
    );
    let other_body = bed.ticket("0123456789abcdef", "{\"a\":1}");
    assert!(matches!(
        bed.engine.replay(&other_body).await,
        Err(Fault::InvalidRequest { .. })
    ));
}

#[tokio::test]
async fn a_refund_that_the_process_did_not_live_to_see_is_found_out() {
    for (cut, succeeded) in [(Cut::HangBefore, false), (Cut::HangAfter, true)] {
        let mut bed = Bed::new().await;
        bed.engine
            .pay_instantly(call(), card_payment("a", false))
            .await
            .unwrap();
        bed.wire.script(&[cut]);
        let (engine, context) = (bed.engine.clone(), call());
        bed.crash_in(async move {
            engine
                .cancel_payment(context, PaymentId::new("a"), cancel(Some(300)))
                .await
        })
        .await;
        bed.settle().await;
        let payment = bed.read("a").await.payment;
        let state = &payment.cancellations[0].state;
        assert_eq!(
            matches!(state, CancellationState::Succeeded { .. }),
            succeeded,
            "{state:?}"
        );
        let refunded = if succeeded { 300 } else { 0 };
        assert_eq!(payment.cancelled().total, refunded);
        assert_eq!(bed.books().await[0].2, refunded, "the books agree");
    }
}

#[tokio::test]
async fn a_second_process_pays_again_only_when_the_first_surely_failed() {
    let mut bed = Bed::new().await;
    bed.wire.script(&[Cut::HangBefore]);
    let (engine, context) = (bed.engine.clone(), call());
    bed.crash_in(async move {
        engine
            .pay_instantly(context, card_payment("a", false))
            .await
    })
    .await;
    bed.settle().await;
    bed.engine
        .pay_instantly(call(), card_payment("a", false))
        .await
        .unwrap();
    let payment = bed.read("a").await.payment;
    assert_eq!(payment.attempts.len(), 2);
    assert_eq!(payment.status(), Status::Paid);
    assert_eq!(bed.books().await.len(), 1);
    let again = bed
        .engine
        .pay_instantly(call(), card_payment("a", false))
        .await;
    assert_eq!(again, Err(Fault::AlreadyPaid));
}
