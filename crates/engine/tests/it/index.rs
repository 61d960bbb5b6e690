//! What is derived behind the commit: once, of what a payment came to, and left to those who
//! will come to it by themselves.

use naru_domain::PaymentId;
use naru_engine::Engine;
use naru_engine::index::Looks;
use naru_engine::records::{FactsRecord, LedgerRecord, PaymentRecord};
use naru_store::{Condition, Query, Record, Value, Versioned, tables};

use crate::support::{Bed, call, cancel, card_payment};

const LIMIT: u32 = 100;

async fn pay(bed: &Bed, id: &str) {
    let paid = bed.engine.pay_instantly(call(), card_payment(id, false));
    paid.await.unwrap();
}

async fn all<R: Record>(bed: &Bed, filter: Option<Condition>) -> Vec<Versioned<R>> {
    let mut query = Query::of(R::TABLE, LIMIT);
    query.filter.extend(filter);
    bed.engine.store().list::<R>(query).await.unwrap()
}

/// The payments that carry the mark.
async fn marked(bed: &Bed) -> Vec<String> {
    let mark = Condition::Is("needs_index", 1.into());
    let found = all::<PaymentRecord>(bed, Some(mark)).await;
    found
        .into_iter()
        .map(|one| one.value.0.id.to_string())
        .collect()
}

/// Words of a payment.
async fn words(bed: &Bed, id: &str) -> Vec<String> {
    let query = Query::of(&tables::SEARCH, LIMIT).and(Condition::Is("subject_id", id.into()));
    let rows = bed.engine.store().scan(query).await.unwrap();
    let text = |value: Option<&Value>| match value {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    };
    rows.iter().map(|row| text(row.key.get(3))).collect()
}

#[tokio::test]
async fn results_are_derived_without_a_look_and_once() {
    let bed = Bed::new().await;
    for id in ["a", "b", "c"] {
        pay(&bed, id).await;
    }
    let back = cancel(Some(300));
    let back = bed.engine.cancel_payment(call(), PaymentId::new("a"), back);
    back.await.unwrap();
    assert_eq!(marked(&bed).await.len(), 3);
    assert_eq!(
        bed.engine.index_results().await.unwrap(),
        3,
        "the newest of each"
    );
    assert_eq!(marked(&bed).await, [""; 0]);
    assert!(words(&bed, "a").await.contains(&"CANCEL_REASON".to_owned()));
    assert!(words(&bed, "b").await.contains(&"PG_TX_ID".to_owned()));
    assert_eq!(all::<LedgerRecord>(&bed, None).await.len(), 4);
    let versions = all::<PaymentRecord>(&bed, None).await;
    for facts in all::<FactsRecord>(&bed, None).await {
        let facts = facts.value;
        let is_its = |one: &&Versioned<PaymentRecord>| one.value.0.id == facts.payment_id;
        let payment = versions.iter().find(is_its).unwrap();
        assert_eq!(
            payment.version, facts.payment_version,
            "no mark raises a version"
        );
    }
    assert_eq!(bed.engine.index_results().await.unwrap(), 0);
    assert_eq!(bed.engine.index_changed(LIMIT).await.unwrap(), 0);
}

#[tokio::test]
async fn a_look_takes_what_it_sees_twice_as_it_is() {
    let bed = Bed::new().await;
    let (node, mut looks) = (bed.another_node(), Looks::default());
    pay(&bed, "a").await;
    assert_eq!(node.index_left(&mut looks, LIMIT).await.unwrap(), 0);
    let back = cancel(Some(300));
    let back = bed.engine.cancel_payment(call(), PaymentId::new("a"), back);
    back.await.unwrap();
    pay(&bed, "b").await;
    assert_eq!(
        node.index_left(&mut looks, LIMIT).await.unwrap(),
        0,
        "changed"
    );
    assert_eq!(marked(&bed).await, ["a", "b"]);
    assert_eq!(node.index_left(&mut looks, LIMIT).await.unwrap(), 2);
    assert_eq!(marked(&bed).await, [""; 0]);
    assert_eq!(node.index_left(&mut looks, LIMIT).await.unwrap(), 0);
}

#[tokio::test]
async fn one_that_changed_meanwhile_keeps_its_mark_and_holds_up_no_other() {
    let bed = Bed::new().await;
    for id in ["a", "b", "c", "d", "e"] {
        pay(&bed, id).await;
    }
    // Another node changes one that this one still remembers as it was.
    let back = cancel(Some(300));
    let other = bed.another_node();
    let back = other.cancel_payment(call(), PaymentId::new("c"), back);
    back.await.unwrap();
    bed.engine.index_results().await.unwrap();
    assert_eq!(marked(&bed).await, ["c"]);
    assert!(words(&bed, "b").await.contains(&"PG_TX_ID".to_owned()));
    assert!(words(&bed, "c").await.is_empty());
    other.index_results().await.unwrap();
    assert_eq!(marked(&bed).await, [""; 0]);
    assert!(words(&bed, "c").await.contains(&"CANCEL_REASON".to_owned()));
    assert_eq!(all::<LedgerRecord>(&bed, None).await.len(), 6);
}

#[tokio::test]
async fn nodes_that_derive_at_once_lose_nothing() {
    let bed = Bed::new().await;
    let nodes: Vec<Engine> = (0..3).map(|_| bed.another_node()).collect();
    for number in 0..30 {
        let node = &nodes[number % nodes.len()];
        let request = card_payment(&format!("p-{number}"), false);
        node.pay_instantly(call(), request).await.unwrap();
    }
    let deriving = nodes.iter().map(Engine::index_results);
    futures_util::future::try_join_all(deriving).await.unwrap();
    assert_eq!(marked(&bed).await, [""; 0]);
    assert_eq!(all::<LedgerRecord>(&bed, None).await.len(), 30);
}
