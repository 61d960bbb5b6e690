//! Units whose connection breaks: applied once, whatever became of the COMMIT (design 2a.4).

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use naru_store::{Commit, CommitError, Row, Store, Value, Write, tables};
use naru_store_postgres::test_support::{TestDatabase, admin, connect, fresh_database};
use naru_store_postgres::{PostgresOptions, PostgresStore};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::proxy::{Cut, Proxy};

fn setting(name: &str, body: &str) -> Row {
    Row {
        key: vec![name.into()],
        version: 1,
        columns: Vec::new(),
        body: body.to_owned(),
    }
}

fn unit(writes: Vec<Write>) -> Commit {
    Commit {
        id: Uuid::now_v7(),
        writes,
    }
}

/// A unit that leaves a mark each time it is applied: an upsert raises the version.
fn counting(name: &str) -> Commit {
    unit(vec![Write::Upsert(
        &tables::SETTINGS,
        setting(name, "counted"),
    )])
}

async fn applied(store: &dyn Store, name: &str) -> i64 {
    let row = store
        .get(&tables::SETTINGS, vec![name.into()])
        .await
        .unwrap();
    row.map_or(0, |row| row.version)
}

async fn behind_proxy(cut: Cut, times: usize) -> (Arc<PostgresStore>, Proxy, TestDatabase) {
    let database = fresh_database().await;
    let (proxy, url) = Proxy::start(&database.url, cut, times).await;
    let store = PostgresStore::open(&url, database.options()).await.unwrap();
    (store, proxy, database)
}

#[tokio::test]
async fn commit_that_the_server_never_saw_is_sent_again() {
    let (store, proxy, _database) = behind_proxy(Cut::Before, 1).await;
    store.commit(counting("n")).await.unwrap();
    assert_eq!(applied(&*store, "n").await, 1);
    assert_eq!(
        proxy.commits(),
        2,
        "cut once, then sent again through port {}",
        proxy.port()
    );
}

#[tokio::test]
async fn commit_whose_answer_was_lost_is_found_again() {
    let (store, proxy, _database) = behind_proxy(Cut::After, 1).await;
    store.commit(counting("n")).await.unwrap();
    assert_eq!(applied(&*store, "n").await, 1, "not applied a second time");
    assert_eq!(proxy.commits(), 1, "the second run found the id");
}

#[tokio::test]
async fn versioned_unit_whose_answer_was_lost_is_no_conflict() {
    let (store, _proxy, _database) = behind_proxy(Cut::After, 2).await;
    let insert = Write::Insert(&tables::SETTINGS, setting("n", "1"));
    store.commit(unit(vec![insert])).await.unwrap();
    let row = setting("n", "2");
    let update = Write::Update {
        table: &tables::SETTINGS,
        row,
        expected: 1,
    };
    store.commit(unit(vec![update])).await.unwrap();
    assert_eq!(applied(&*store, "n").await, 2);
}

/// Waits until somebody waits for a lock, which is how the second run of a unit waits for the
/// first one's transaction.
async fn somebody_waits(client: &Client) {
    let sql = "SELECT 1 FROM pg_stat_activity \
               WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while client.query(sql, &[]).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commit_still_on_its_way_is_waited_for() {
    let (store, proxy, database) = behind_proxy(Cut::Hold, 1).await;
    let client = connect(&database.url).await;
    let committing = {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.commit(counting("n")).await })
    };
    somebody_waits(&client).await;
    assert!(
        !committing.is_finished(),
        "nobody may answer before the first run has ended"
    );
    proxy.release();
    committing.await.unwrap().unwrap();
    assert_eq!(applied(&*store, "n").await, 1);
    assert_eq!(proxy.commits(), 1, "the second run found the id");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transaction_of_a_lost_node_gives_its_locks_back() {
    // The server doesn't hear that the client has gone; its idle transaction is ended for it,
    // within the patience of the same call.
    let (store, proxy, _database) = behind_proxy(Cut::Hold, 1).await;
    store.commit(counting("n")).await.unwrap();
    assert_eq!(applied(&*store, "n").await, 1);
    assert_eq!(proxy.commits(), 2);
}

#[tokio::test]
async fn database_that_stays_away_is_unavailable_and_the_unit_can_be_retried() {
    let database = fresh_database().await;
    let (_proxy, url) = Proxy::start(&database.url, Cut::After, usize::MAX).await;
    let options = PostgresOptions {
        patience: Duration::from_millis(300),
        ..database.options()
    };
    let store = PostgresStore::open(&url, options.clone()).await.unwrap();
    let refused = format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", database.name);
    let accepted = format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", database.name);
    // A database can't be closed from within.
    let client = admin().await;
    // One connection is in the pool; its COMMIT is done and its answer lost, and no other
    // connection is let in.
    store.now().await.unwrap();
    client.batch_execute(&refused).await.unwrap();
    let unit = counting("n");
    let answer = store.commit(unit.clone()).await;
    assert!(
        matches!(answer, Err(CommitError::Unavailable(_))),
        "{answer:?}"
    );
    client.batch_execute(&accepted).await.unwrap();
    store.commit(unit).await.unwrap();
    assert_eq!(applied(&*store, "n").await, 1);
}

#[tokio::test]
async fn reads_survive_a_restart_of_the_server() {
    let database = fresh_database().await;
    let store = PostgresStore::open(&database.url, database.options())
        .await
        .unwrap();
    store.commit(counting("n")).await.unwrap();
    let client = connect(&database.url).await;
    let ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()";
    client.query(ended, &[]).await.unwrap();
    assert_eq!(applied(&*store, "n").await, 1);
    client.query(ended, &[]).await.unwrap();
    store.commit(counting("n")).await.unwrap();
    assert_eq!(applied(&*store, "n").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn units_that_lock_in_opposite_orders_both_succeed() {
    let database = fresh_database().await;
    let store = PostgresStore::open(&database.url, database.options())
        .await
        .unwrap();
    let both = |first: &str, second: &str| {
        let upsert = |name: &str| Write::Upsert(&tables::SETTINGS, setting(name, "x"));
        // Fillers between the two widen the window in which the orders cross.
        let fillers = (0..20).map(|n| upsert(&format!("{first}-{n}")));
        unit(
            [upsert(first)]
                .into_iter()
                .chain(fillers)
                .chain([upsert(second)])
                .collect(),
        )
    };
    let committing: Vec<_> = (0..4)
        .map(|n| {
            let store = Arc::clone(&store);
            let unit = if n % 2 == 0 {
                both("a", "b")
            } else {
                both("b", "a")
            };
            tokio::spawn(async move { store.commit(unit).await })
        })
        .collect();
    for commit in committing {
        commit.await.unwrap().unwrap();
    }
    assert_eq!(applied(&*store, "a").await, 4);
    assert_eq!(applied(&*store, "b").await, 4);
}

/// Drives a commit until it has waited `times` times, then drops it where it is.
async fn abandon(store: &dyn Store, times: usize) {
    let mut committing = store.commit(counting("n"));
    let mut waits = 0;
    std::future::poll_fn(|context| {
        waits += 1;
        let done = committing.as_mut().poll(context).is_ready();
        if done || waits > times {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

#[tokio::test]
async fn abandoned_commit_leaves_no_transaction_in_the_pool() {
    let database = fresh_database().await;
    let options = PostgresOptions {
        connections: 1,
        ..database.options()
    };
    let store = PostgresStore::open(&database.url, options).await.unwrap();
    let client = connect(&database.url).await;
    store.commit(counting("n")).await.unwrap();
    for times in 0..40 {
        abandon(&*store, times).await;
        // An inherited transaction would show its own uncommitted row. A COMMIT that was already
        // on its way may land between the two reads, so the second may be ahead, never behind.
        let seen = applied(&*store, "n").await;
        let sql = "SELECT version FROM settings WHERE name = 'n'";
        let committed: i64 = client.query_one(sql, &[]).await.unwrap().get(0);
        assert!(
            seen <= committed,
            "after {times} waits: {seen} seen, {committed} committed"
        );
        store.commit(counting("n")).await.unwrap();
    }
}

#[tokio::test]
async fn key_that_no_index_can_hold_is_invalid() {
    let database = fresh_database().await;
    let store = PostgresStore::open(&database.url, database.options())
        .await
        .unwrap();
    // Random enough not to compress below a third of a page.
    let long: String = (0..400)
        .map(|_| Uuid::now_v7().simple().to_string())
        .collect();
    let row = Row {
        key: vec![Value::from(long)],
        ..setting("", "x")
    };
    let answer = store
        .commit(unit(vec![Write::Insert(&tables::SETTINGS, row)]))
        .await;
    assert!(matches!(answer, Err(CommitError::Invalid(_))), "{answer:?}");
    store.commit(counting("n")).await.unwrap();
}

#[tokio::test]
async fn old_unit_ids_are_found_by_their_age() {
    let database = fresh_database().await;
    let store = PostgresStore::open(&database.url, database.options())
        .await
        .unwrap();
    store.commit(counting("n")).await.unwrap();
    let client = connect(&database.url).await;
    let old = "INSERT INTO units (id, recorded_at) \
               SELECT gen_random_uuid(), n FROM generate_series(1, 7000) n";
    client.batch_execute(old).await.unwrap();
    store.forget_old_units().await.unwrap();
    let left: i64 = client
        .query_one("SELECT count(*) FROM units", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(left, 1, "the unit of today is kept");
}
