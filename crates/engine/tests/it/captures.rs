//! Captures by hand: an action like others, at a PG that waits for them.

use naru_domain::PaymentId;
use naru_domain::payment::{Failure, Payment, Status};
use naru_engine::payments::CallContext;
use naru_engine::{Answer, Fault};

use crate::groups::{charge, group, issue, key_channel};
use crate::support::{Bed, Cut, call};

const CHANNEL: &str = "channel-captures";

fn id() -> PaymentId {
    PaymentId::new("a")
}

/// A bed on which the payment "a" is authorised.
async fn authorised() -> Bed {
    let bed = Bed::new().await;
    key_channel(&bed.engine, CHANNEL, &[]).await;
    let group = group(&bed.engine, &[(CHANNEL, 100)], 0).await;
    let request = issue(&group.id);
    let issued = bed.engine.issue_billing_key(call(), request).await;
    let Ok(Answer::BillingKeyIssued { billing_key, .. }) = issued else {
        panic!("{issued:?}")
    };
    bed.engine
        .pay_with_billing_key(call(), charge("a", &billing_key, None))
        .await
        .unwrap();
    bed
}

fn without_action(payment: &Payment) -> Payment {
    Payment {
        action: None,
        ..payment.clone()
    }
}

#[tokio::test]
async fn a_capture_whose_process_dies_ends_unclear_and_is_not_sent_again() {
    for cut in [Cut::HangBefore, Cut::HangAfter] {
        let mut bed = authorised().await;
        let ticket = bed.ticket("0123456789abcdef", "{}");
        let context = CallContext {
            ticket: Some(ticket.clone()),
            ..call()
        };
        bed.wire.script(&[cut]);
        let engine = bed.engine.clone();
        bed.crash_in(async move { engine.capture_payment(context, id()).await })
            .await;
        let left = bed.read("a").await.payment;
        assert!(left.action.is_some(), "{cut:?}: the intent is on disk");
        bed.settle().await;
        bed.settle().await;
        let after = bed.read("a").await.payment;
        assert_eq!(after.action, None, "{cut:?}");
        assert_eq!(after.status(), Status::Paid, "{cut:?}");
        assert_eq!(after.attempts, without_action(&left).attempts, "{cut:?}");
        let replay = bed.engine.replay(&ticket).await.unwrap().unwrap();
        assert!(
            matches!(&replay, Err(Fault::PgProvider { pg_code, .. })
                if pg_code == Failure::OUTCOME_UNKNOWN),
            "{cut:?}: {replay:?}"
        );
        // Whoever asks again is answered by the PG.
        let again = bed.engine.capture_payment(call(), id()).await;
        assert_eq!(again, Ok(Answer::Empty), "{cut:?}");
    }
}

#[tokio::test]
async fn a_capture_that_never_left_is_told_as_such() {
    let bed = authorised().await;
    bed.wire.script(&[Cut::Refused]);
    let never = bed.engine.capture_payment(call(), id()).await;
    assert!(
        matches!(&never, Err(Fault::PgProvider { pg_code, .. }) if pg_code == Failure::NOT_SENT),
        "{never:?}"
    );
    assert_eq!(bed.read("a").await.payment.action, None);
    let then = bed.engine.capture_payment(call(), id()).await;
    assert_eq!(then, Ok(Answer::Empty));
}
