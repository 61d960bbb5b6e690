//! Units that wait at the same time: one transaction, and each with an outcome of its own.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use naru_store::tables::{JOURNAL, SETTINGS};
use naru_store::{Commit, CommitError, Row, Store, Write};
use naru_store_postgres::test_support::{TestDatabase, connect, fresh_database};
use naru_store_postgres::{PostgresOptions, PostgresStore};
use tokio::time::timeout;
use uuid::Uuid;

use crate::proxy::{Cut, Proxy};

const MANY: usize = 40;

fn setting(name: &str) -> Row {
    Row {
        key: vec![name.into()],
        version: 1,
        columns: Vec::new(),
        body: "{}".to_owned(),
    }
}

/// Raises the version of its row each time it is applied.
fn counting(name: &str) -> Commit {
    unit(Write::Upsert(&SETTINGS, setting(name)))
}

fn unit(write: Write) -> Commit {
    Commit {
        id: Uuid::now_v7(),
        writes: vec![write],
    }
}

fn updating(name: &str, expected: i64) -> Commit {
    unit(Write::Update {
        table: &SETTINGS,
        row: setting(name),
        expected,
    })
}

fn names() -> Vec<String> {
    (0..MANY).map(|number| format!("n{number}")).collect()
}

async fn at_once(store: &PostgresStore, units: Vec<Commit>) -> Vec<Result<(), CommitError>> {
    join_all(units.into_iter().map(|unit| store.commit(unit))).await
}

/// How many transactions wrote the rows that are there, and the versions of these.
async fn written(database: &TestDatabase) -> (usize, Vec<i64>) {
    let client = connect(&database.url).await;
    let sql = "SELECT xmin::text, version FROM settings WHERE name LIKE 'n%' ORDER BY name";
    let rows = client.query(sql, &[]).await.unwrap();
    let by: std::collections::BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    (by.len(), rows.iter().map(|row| row.get(1)).collect())
}

async fn open(url: &str, database: &TestDatabase) -> Arc<PostgresStore> {
    PostgresStore::open(url, database.options()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_are_few_transactions() {
    let database = fresh_database().await;
    let store = open(&database.url, &database).await;
    let units = names().iter().map(|name| counting(name)).collect();
    let answers = at_once(&store, units).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let (transactions, versions) = written(&database).await;
    assert_eq!(versions, [1; MANY]);
    assert!(transactions < MANY / 2, "{transactions} transactions");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_that_conflicts_or_is_refused_takes_no_other_with_it() {
    let database = fresh_database().await;
    let store = open(&database.url, &database).await;
    let units = names().iter().map(|name| counting(name)).collect();
    at_once(&store, units).await;
    let unbalanced = Row {
        key: vec!["s".into(), "p:1".into(), "1".into()],
        version: 1,
        columns: vec!["a".into(), "b".into(), 0.into(), "KRW".into(), 7.into()],
        body: "{}".to_owned(),
    };
    let mut units: Vec<Commit> = names().iter().map(|name| updating(name, 1)).collect();
    units[20] = updating("n20", 7);
    units[30] = unit(Write::Insert(&JOURNAL, unbalanced));
    let answers = at_once(&store, units).await;
    for (number, answer) in answers.into_iter().enumerate() {
        match number {
            20 => assert!(
                matches!(answer, Err(CommitError::Conflict("settings"))),
                "{answer:?}"
            ),
            30 => assert!(matches!(answer, Err(CommitError::Invalid(_))), "{answer:?}"),
            _ => assert!(answer.is_ok(), "unit {number}: {answer:?}"),
        }
    }
    let (_, versions) = written(&database).await;
    assert_eq!(
        versions.iter().filter(|version| **version == 2).count(),
        MANY - 2
    );
}

/// Whoever changes the same row is put off to the next transaction; nobody's change is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_for_one_row_are_all_applied() {
    let database = fresh_database().await;
    let store = open(&database.url, &database).await;
    let units = (0..MANY).map(|_| counting("n")).collect();
    let answers = at_once(&store, units).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(written(&database).await.1, [i64::try_from(MANY).unwrap()]);
}

async fn cut_at_the_commit(cut: Cut) {
    let database = fresh_database().await;
    let (proxy, url) = Proxy::start(&database.url, cut, 1).await;
    let store = open(&url, &database).await;
    let mut units: Vec<Commit> = names().iter().map(|name| counting(name)).collect();
    units.push(counting("n0"));
    let answers = at_once(&store, units).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert!(proxy.commits() > 1);
    let (_, versions) = written(&database).await;
    assert_eq!(versions[0], 2);
    assert!(
        versions[1..].iter().all(|version| *version == 1),
        "{versions:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_whose_common_commit_never_arrived_are_applied_once() {
    cut_at_the_commit(Cut::Before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_whose_common_commit_was_done_unheard_are_not_applied_again() {
    cut_at_the_commit(Cut::After).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_sent_again_beside_new_ones_are_not_applied_again() {
    let database = fresh_database().await;
    let store = open(&database.url, &database).await;
    let units: Vec<Commit> = names().iter().map(|name| counting(name)).collect();
    at_once(&store, units[..MANY / 2].to_vec()).await;
    let answers = at_once(&store, units).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(written(&database).await.1, [1; MANY]);
}

/// However many wait, nobody is kept beyond the patience of a store whose database hangs; and what
/// was answered as not known is applied once when it is sent again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_hangs_keeps_nobody_beyond_the_patience() {
    let database = fresh_database().await;
    let options = PostgresOptions {
        patience: Duration::from_millis(800),
        ..database.options()
    };
    let store = PostgresStore::open(&database.url, options).await.unwrap();
    let mut client = connect(&database.url).await;
    let holding = client.transaction().await.unwrap();
    let lock = "LOCK TABLE settings IN ACCESS EXCLUSIVE MODE";
    holding.batch_execute(lock).await.unwrap();
    let names: Vec<String> = (0..1_500).map(|number| format!("n{number:04}")).collect();
    let units: Vec<Commit> = names.iter().map(|name| counting(name)).collect();
    let answers = timeout(Duration::from_secs(5), at_once(&store, units.clone())).await;
    let answers = answers.expect("many give up as soon as one");
    for answer in answers {
        assert!(
            matches!(answer, Err(CommitError::Unavailable(_))),
            "{answer:?}"
        );
    }
    holding.rollback().await.unwrap();
    // The server ends the transactions of those who gave up only now, one after the other.
    let again = async {
        for some in units.chunks(MANY) {
            while !at_once(&store, some.to_vec())
                .await
                .iter()
                .all(Result::is_ok)
            {}
        }
    };
    timeout(Duration::from_secs(30), again).await.unwrap();
    let (_, versions) = written(&database).await;
    assert!(versions.iter().all(|version| *version == 1), "{versions:?}");
    assert_eq!(versions.len(), names.len());
}
