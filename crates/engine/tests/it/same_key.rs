//! Two requests with one idempotency key at once: design 2a.5.

use naru_engine::{Answer, Fault};

use crate::support::{Bed, call, card_payment};

#[tokio::test]
async fn the_second_of_two_at_once_is_told_that_the_first_runs() {
    let bed = Bed::new().await;
    let ticket = bed.ticket("0123456789abcdef", "{}");
    let pay = || {
        let mut context = call();
        context.ticket = Some(ticket.clone());
        bed.engine.pay_instantly(context, card_payment("a", false))
    };
    let (first, second) = tokio::join!(pay(), pay());
    assert!(matches!(first, Ok(Answer::Payment { .. })), "{first:?}");
    assert_eq!(second, Err(Fault::IdempotencyOutstandingRequest));
    assert_eq!(bed.books().await.len(), 1);
}
