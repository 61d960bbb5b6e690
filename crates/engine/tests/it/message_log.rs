//! The log of a payment's messages: what was sent, and what was not and why.

use naru_domain::{PaymentId, StoreId};
use naru_engine::admin::{NewDispute, NewEndpoint};
use naru_engine::records::{Environment, PayloadFormat, PayloadVersion};

use crate::support::{Bed, STORE, call, cancel, card_payment};

fn store() -> StoreId {
    StoreId::new(STORE)
}

async fn pay(bed: &Bed) {
    let request = card_payment("a", false);
    bed.engine.pay_instantly(call(), request).await.unwrap();
}

async fn refund(bed: &Bed, amount: Option<i64>) {
    let id = PaymentId::new("a");
    let refunded = bed.engine.cancel_payment(call(), id, cancel(amount)).await;
    refunded.unwrap();
}

async fn dispute(bed: &Bed, id: &str) {
    let new = NewDispute {
        pg_dispute_id: Some(id.to_owned()),
        reason: "not received".to_owned(),
        created_at: None,
    };
    let payment = (&store(), &PaymentId::new("a"));
    bed.engine.open_dispute(payment, new).await.unwrap();
}

async fn resolve(bed: &Bed, id: &str) {
    let payment = (&store(), &PaymentId::new("a"));
    let end = (Some(id.to_owned()), None);
    bed.engine.resolve_dispute(payment, end).await.unwrap();
}

async fn remove_endpoints(bed: &Bed) {
    for endpoint in bed.engine.webhook_endpoints(Some(&store())).await.unwrap() {
        let removed = bed.engine.remove_endpoint(&store(), &endpoint.id).await;
        removed.unwrap();
    }
}

/// An endpoint of this version in the place of the bed's.
async fn endpoint(bed: &Bed, version: PayloadVersion) {
    let endpoint = NewEndpoint {
        store_id: store(),
        id: None,
        environment: Environment::Test,
        url: Some("http://shop.test/other".to_owned()),
        version,
        format: PayloadFormat::Json,
        secret: None,
    };
    bed.engine.create_endpoint(endpoint).await.unwrap();
}

/// Event by event, whether it was sent.
async fn log(bed: &Bed) -> Vec<(String, bool)> {
    let log = bed.engine.message_log(&store(), &PaymentId::new("a")).await;
    log.unwrap()
        .into_iter()
        .map(|line| {
            (
                line.event.replace("Transaction.", ""),
                line.not_sent.is_none(),
            )
        })
        .collect()
}

fn expected(lines: &[(&str, bool)]) -> Vec<(String, bool)> {
    let owned = |(event, is_sent): &(&str, bool)| ((*event).to_owned(), *is_sent);
    lines.iter().map(owned).collect()
}

/// Refunds and disputes, of which the second half has nowhere to go.
async fn half_told(bed: &Bed) {
    pay(bed).await;
    bed.time.pass_ms(60_000);
    refund(bed, Some(100)).await;
    dispute(bed, "d-1").await;
    remove_endpoints(bed).await;
    bed.time.pass_ms(60_000);
    refund(bed, Some(100)).await;
    refund(bed, None).await;
    dispute(bed, "d-2").await;
    resolve(bed, "d-2").await;
}

/// The PG's clock is not ours: money is told of by what it is, not by when it moved.
#[tokio::test]
async fn what_was_sent_is_not_named_again_and_what_was_not_is_named_once() {
    for version in [PayloadVersion::V20240425, PayloadVersion::V20240101] {
        let bed = Bed::new().await;
        remove_endpoints(&bed).await;
        endpoint(&bed, version).await;
        half_told(&bed).await;
        let mut found = log(&bed).await;
        found.sort();
        let disputes_told = version == PayloadVersion::V20240425;
        let mut wanted = expected(&[
            ("Cancelled", false),
            ("DisputeCreated", false),
            ("DisputeCreated", disputes_told),
            ("DisputeResolved", false),
            ("Paid", true),
            ("PartialCancelled", false),
            ("PartialCancelled", true),
        ]);
        wanted.sort();
        assert_eq!(found, wanted, "{version:?}");
    }
}

#[tokio::test]
async fn one_dispute_told_to_two_addresses_is_one() {
    let bed = Bed::new().await;
    endpoint(&bed, PayloadVersion::V20240425).await;
    pay(&bed).await;
    remove_endpoints(&bed).await;
    dispute(&bed, "d-1").await;
    endpoint(&bed, PayloadVersion::V20240425).await;
    endpoint(&bed, PayloadVersion::V20240425).await;
    dispute(&bed, "d-2").await;
    let found = log(&bed).await;
    let disputes = found.iter().filter(|(event, _)| event == "DisputeCreated");
    let untold = disputes.clone().filter(|(_, is_sent)| !is_sent).count();
    assert_eq!((disputes.count(), untold), (3, 1), "{found:?}");
}
