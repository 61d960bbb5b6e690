//! Disputes: recorded by an operator, told by webhook, and nothing else.

use futures_util::future::join_all;
use naru_domain::payment::{DISPUTES_MAX, Status, Trigger};
use naru_domain::{PaymentId, StoreId, Timestamp};
use naru_engine::Fault;
use naru_engine::admin::{DisputesView, NewDispute};
use naru_store_memory::Fault as StoreFault;

use crate::support::{Bed, STORE, call, cancel, card_payment};

fn ids() -> (StoreId, PaymentId) {
    (StoreId::new(STORE), PaymentId::new("a"))
}

fn new(id: Option<&str>) -> NewDispute {
    NewDispute {
        pg_dispute_id: id.map(str::to_owned),
        reason: "not received".to_owned(),
        created_at: None,
    }
}

/// A bed on which the payment "a" is paid.
async fn paid() -> Bed {
    let bed = Bed::new().await;
    let request = card_payment("a", false);
    bed.engine.pay_instantly(call(), request).await.unwrap();
    bed
}

async fn open(bed: &Bed, new: NewDispute) -> Result<DisputesView, Fault> {
    let (store, payment) = ids();
    bed.engine.open_dispute((&store, &payment), new).await
}

async fn end(bed: &Bed, id: Option<&str>, at: Option<Timestamp>) -> Result<DisputesView, Fault> {
    let (store, payment) = ids();
    let end = (id.map(str::to_owned), at);
    bed.engine.resolve_dispute((&store, &payment), end).await
}

/// What a receiver gets, and why.
async fn told(bed: &Bed) -> Vec<(String, Option<Trigger>)> {
    let webhooks = bed.read("a").await.webhooks;
    webhooks
        .iter()
        .map(|one| (one.event.clone(), one.trigger))
        .collect()
}

fn refused(answer: &Result<DisputesView, Fault>, words: &str) {
    match answer {
        Err(Fault::InvalidRequest { message }) => assert!(message.contains(words), "{message}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_dispute_is_told_once_and_changes_no_money() {
    let mut bed = paid().await;
    let opened = open(&bed, new(Some("d-1"))).await.unwrap();
    assert!(opened.is_news);
    assert_eq!(opened.disputes[0].created_at, bed.time.read());
    let again = open(&bed, new(Some("d-1"))).await.unwrap();
    assert!(!again.is_news);
    assert_eq!(again.disputes, opened.disputes);
    assert_eq!(bed.status("a").await, Status::Paid);
    // What is on disk survives the process.
    bed.restart();
    bed.time.pass_ms(1_000);
    let resolved = end(&bed, None, None).await.unwrap();
    assert!(resolved.is_news);
    assert_eq!(resolved.disputes[0].resolved_at, Some(bed.time.read()));
    assert!(!end(&bed, Some("d-1"), None).await.unwrap().is_news);
    let created = Some(Trigger::DisputeCreated);
    let ended = Some(Trigger::DisputeResolved);
    assert_eq!(
        told(&bed).await,
        [
            ("Transaction.Paid".to_owned(), None),
            ("Transaction.DisputeCreated".to_owned(), created),
            ("Transaction.DisputeResolved".to_owned(), ended),
        ]
    );
    assert_eq!(bed.status("a").await, Status::Paid);
    // Money that goes back because of it is an ordinary cancellation.
    let cancelled = bed.engine.cancel_payment(call(), ids().1, cancel(None));
    cancelled.await.unwrap();
    assert_eq!(bed.status("a").await, Status::Cancelled);
    assert_eq!(bed.read("a").await.payment.disputes.len(), 1);
}

#[tokio::test]
async fn refusals_come_in_their_order() {
    let bed = Bed::new().await;
    assert_eq!(open(&bed, new(None)).await, Err(Fault::PaymentNotFound));
    assert_eq!(end(&bed, None, None).await, Err(Fault::PaymentNotFound));
    let nobody = StoreId::new("store-x");
    let answer = bed
        .engine
        .open_dispute((&nobody, &ids().1), new(None))
        .await;
    refused(&answer, "is no store");
    let mut declined = card_payment("a", false);
    if let naru_engine::payments::PayMethod::Card(card) = &mut declined.method.method {
        card.credential.number = naru_engine::Secret::new("9000000000120049");
    }
    bed.engine
        .pay_instantly(call(), declined)
        .await
        .unwrap_err();
    assert_eq!(open(&bed, new(None)).await, Err(Fault::PaymentNotPaid));
    let request = card_payment("a", false);
    bed.engine.pay_instantly(call(), request).await.unwrap();
    for (reason, words) in [
        ("", "`reason`"),
        (" ", "`reason`"),
        (&"x".repeat(501), "`reason`"),
    ] {
        let wrong = NewDispute {
            reason: reason.to_owned(),
            ..new(None)
        };
        refused(&open(&bed, wrong).await, words);
    }
    refused(&open(&bed, new(Some(""))).await, "`pgDisputeId`");
    refused(
        &open(&bed, new(Some(&"x".repeat(129)))).await,
        "`pgDisputeId`",
    );
    let later = bed.time.read().plus_seconds(1);
    let future = NewDispute {
        created_at: Some(later),
        ..new(None)
    };
    refused(&open(&bed, future).await, "still to come");
    refused(&end(&bed, None, None).await, "no such dispute is open");
    open(&bed, new(None)).await.unwrap();
    refused(&end(&bed, None, Some(later)).await, "still to come");
    let before = bed.time.read().plus_seconds(-1);
    refused(&end(&bed, None, Some(before)).await, "before it began");
    open(&bed, new(Some("d-2"))).await.unwrap();
    refused(&end(&bed, None, None).await, "several are");
    assert_eq!(told(&bed).await.len(), 4, "nothing refused was told");
}

#[tokio::test]
async fn of_the_same_report_at_once_one_is_news() {
    let bed = paid().await;
    let all = (0..10).map(|_| open(&bed, new(Some("d-1"))));
    let news = join_all(all).await.into_iter();
    assert_eq!(news.filter(|it| it.as_ref().unwrap().is_news).count(), 1);
    assert_eq!(told(&bed).await.len(), 2);
    let more = (0..DISPUTES_MAX).map(|_| open(&bed, new(None)));
    let refused = join_all(more).await.into_iter().filter(Result::is_err);
    assert_eq!(refused.count(), 1, "a hundred, and no more");
    assert_eq!(bed.read("a").await.payment.disputes.len(), DISPUTES_MAX);
}

/// The store says that the commit failed, and it did not, or it did: a repeated report is right.
#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_repeated_without_harm() {
    for fault in [StoreFault::Before, StoreFault::After] {
        let bed = paid().await;
        for _ in 0..4 {
            bed.store.fail_next(fault);
        }
        let lost = open(&bed, new(Some("d-1"))).await;
        assert!(matches!(lost, Err(Fault::Unavailable { .. })), "{lost:?}");
        open(&bed, new(Some("d-1"))).await.unwrap();
        assert_eq!(bed.read("a").await.payment.disputes.len(), 1, "{fault:?}");
        assert_eq!(told(&bed).await.len(), 2, "{fault:?}: told once");
    }
}
