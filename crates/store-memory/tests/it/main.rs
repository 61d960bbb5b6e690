//! Tests of the in-memory store: the common suite, and what only this store can do.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, outside of test functions"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use naru_domain::Timestamp;
use naru_store::tables::SETTINGS;
use naru_store::{Commit, CommitError, Row, Store, Write};
use naru_store_memory::{Durability, Fault, MemoryStore};
use tokio::task::yield_now;
use uuid::Uuid;

mod conformance {
    use super::{Arc, Store, store};

    #[expect(clippy::unused_async, reason = "the suite awaits it")]
    async fn fresh() -> (Arc<dyn Store>, ()) {
        (store(), ())
    }

    naru_store::conformance_tests!(fresh);
}

fn store() -> Arc<MemoryStore> {
    let ticks = AtomicI64::new(0);
    MemoryStore::new(move || Timestamp::from_micros(ticks.fetch_add(1, Ordering::Relaxed)))
}

fn setting(name: &str) -> Commit {
    let row = Row {
        key: vec![name.into()],
        version: 1,
        columns: vec![],
        body: "1".to_owned(),
    };
    Commit {
        id: Uuid::now_v7(),
        writes: vec![Write::Insert(&SETTINGS, row)],
    }
}

async fn has(store: &MemoryStore, name: &str) -> bool {
    store
        .get(&SETTINGS, vec![name.into()])
        .await
        .unwrap()
        .is_some()
}

#[tokio::test]
async fn answered_units_survive_a_crash() {
    let store = store();
    store.commit(setting("a")).await.unwrap();
    store.crash();
    assert!(has(&store, "a").await);
}

#[tokio::test]
async fn held_unit_is_neither_answered_nor_read_before_the_sync() {
    let store = store();
    store.set_durability(Durability::Held);
    let task = tokio::spawn({
        let store = store.clone();
        async move { store.commit(setting("a")).await }
    });
    yield_now().await;
    assert!(!task.is_finished() && !has(&store, "a").await);
    store.sync();
    task.await.unwrap().unwrap();
    assert!(has(&store, "a").await);
}

#[tokio::test]
async fn crash_before_the_sync_loses_the_unit_and_says_so() {
    let store = store();
    store.set_durability(Durability::Held);
    let unit = setting("a");
    let task = tokio::spawn({
        let (store, unit) = (store.clone(), unit.clone());
        async move { store.commit(unit).await }
    });
    yield_now().await;
    store.crash();
    let answer = task.await.unwrap();
    assert!(
        matches!(answer, Err(CommitError::Unavailable(_))),
        "{answer:?}"
    );
    assert!(!has(&store, "a").await);
    store.set_durability(Durability::Immediate);
    store.commit(unit).await.unwrap();
    assert!(has(&store, "a").await, "the retry is a first time");
}

#[tokio::test]
async fn relaxed_store_loses_answered_units() {
    let store = store();
    store.set_durability(Durability::Relaxed);
    store.commit(setting("a")).await.unwrap();
    store.sync();
    store.commit(setting("b")).await.unwrap();
    assert!(has(&store, "b").await);
    store.crash();
    assert!(has(&store, "a").await && !has(&store, "b").await);
}

#[tokio::test]
async fn faults_hit_the_commits_they_were_set_for() {
    let store = store();
    store.fail_next(Fault::Before);
    store.pass_next(1);
    store.fail_next(Fault::After);
    let [a, b, c] = ["a", "b", "c"].map(setting);
    assert!(matches!(
        store.commit(a.clone()).await,
        Err(CommitError::Unavailable(_))
    ));
    assert!(!has(&store, "a").await);
    store.commit(b).await.unwrap();
    assert!(matches!(
        store.commit(c.clone()).await,
        Err(CommitError::Unavailable(_))
    ));
    assert!(has(&store, "c").await, "it took effect all the same");
    store.commit(c).await.unwrap();
    store.commit(a).await.unwrap();
    assert!(has(&store, "a").await);
}

#[tokio::test]
async fn switched_off_store_answers_unavailable() {
    let store = store();
    store.set_unavailable(true);
    assert!(matches!(
        store.commit(setting("a")).await,
        Err(CommitError::Unavailable(_))
    ));
    assert!(store.get(&SETTINGS, vec!["a".into()]).await.is_err());
    store.set_unavailable(false);
    assert!(!has(&store, "a").await);
}
