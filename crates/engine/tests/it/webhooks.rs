//! Deliveries after their endpoint was removed: P6, nothing goes out unsigned.

use naru_domain::StoreId;
use naru_engine::admin::NewEndpoint;
use naru_engine::records::{
    Environment, Execution, ExecutionResult, PayloadFormat, PayloadVersion, Queue, WebhookRecord,
};
use naru_store::{Query, tables};

use crate::support::{Bed, STORE, call, card_payment};

/// Pays, removes the endpoint, and gives the one delivery that follows.
async fn delivered_after_removal(bed: &Bed) -> Execution {
    let paid = bed
        .engine
        .pay_instantly(call(), card_payment("a", false))
        .await;
    assert!(paid.is_ok(), "{paid:?}");
    let store = StoreId::new(STORE);
    let endpoints = bed.engine.webhook_endpoints(Some(&store)).await.unwrap();
    let removed = bed.engine.remove_endpoint(&store, &endpoints[0].id).await;
    removed.unwrap();
    let jobs = bed
        .engine
        .claim(Queue::Webhook, 10, (1_000, false), Vec::new())
        .await
        .unwrap();
    assert_eq!(jobs.len(), 1);
    for job in jobs {
        bed.engine.run(job).await.unwrap();
    }
    let query = Query::of(&tables::WEBHOOKS, 10);
    let found = bed.engine.store().list::<WebhookRecord>(query).await;
    found.unwrap()[0].value.executions[0].clone()
}

#[tokio::test]
async fn without_an_endpoint_to_sign_it_nothing_is_sent() {
    let bed = Bed::new().await;
    let execution = delivered_after_removal(&bed).await;
    assert!(
        matches!(&execution.result, ExecutionResult::Failed(text) if text.starts_with("not sent")),
        "{execution:?}"
    );
}

#[tokio::test]
async fn the_first_endpoint_left_signs_for_one_that_was_removed() {
    let bed = Bed::new().await;
    let other = NewEndpoint {
        store_id: StoreId::new(STORE),
        id: None,
        environment: Environment::Test,
        url: None,
        version: PayloadVersion::V20240425,
        format: PayloadFormat::Json,
        secret: None,
    };
    bed.engine.create_endpoint(other).await.unwrap();
    let execution = delivered_after_removal(&bed).await;
    assert!(
        execution.header.contains("webhook-signature: v1,"),
        "{execution:?}"
    );
}
