//! Many tasks at once: one commit for many units, and nothing lost or doubled.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use naru_store::tables::{EVENTS, SETTINGS};
use naru_store::{CommitError, Condition, Query, Row, Store, Write};
use naru_store_sqlite::{CommitFault, SqliteOptions, SqliteStore};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::{Commit, Uuid, event};

const TASKS: i64 = 64;
const UNITS: i64 = 10;

fn counter(store: &Arc<SqliteStore>) -> impl Future<Output = Row> + use<> {
    let store = store.clone();
    async move {
        store
            .get(&SETTINGS, vec!["n".into()])
            .await
            .unwrap()
            .unwrap()
    }
}

/// Appends events, and raises a counter that all tasks share, until it has won so many times.
async fn work(store: Arc<SqliteStore>, task: i64) {
    for n in 0..UNITS {
        loop {
            let row = counter(&store).await;
            let raised = row.body.parse::<i64>().unwrap() + 1;
            let expected = row.version;
            let row = Row {
                body: raised.to_string(),
                ..row
            };
            let raise = Write::Update {
                table: &SETTINGS,
                row,
                expected,
            };
            let writes = vec![event(&task.to_string(), n), raise];
            match store
                .commit(Commit {
                    id: Uuid::now_v7(),
                    writes,
                })
                .await
            {
                Ok(()) => break,
                Err(CommitError::Conflict("settings")) => {}
                Err(other) => panic!("{other}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shared_counter_counts_every_unit_once() {
    let directory = TempDir::new().unwrap();
    let store = crate::open(directory.path());
    let key = vec!["n".into()];
    let row = Row {
        key,
        version: 1,
        columns: vec![],
        body: "0".to_owned(),
    };
    let first = Commit {
        id: Uuid::now_v7(),
        writes: vec![Write::Insert(&SETTINGS, row)],
    };
    store.commit(first).await.unwrap();
    let tasks: JoinSet<_> = (0..TASKS / 4)
        .map(|task| work(store.clone(), task))
        .collect();
    tasks.join_all().await;
    let row = counter(&store).await;
    let units = TASKS / 4 * UNITS;
    assert_eq!((row.body, row.version), (units.to_string(), units + 1));
    let events = store.count(Query::of(&EVENTS, 1), u32::MAX).await.unwrap();
    assert_eq!(i64::from(events), units);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_of_many_tasks_share_commits() {
    let directory = TempDir::new().unwrap();
    let commits = Arc::new(AtomicUsize::new(0));
    let counted = commits.clone();
    let hook = move || {
        counted.fetch_add(1, Ordering::SeqCst);
        CommitFault::None
    };
    let options = SqliteOptions {
        before_commit: Some(Arc::new(hook)),
        ..Default::default()
    };
    let store = SqliteStore::open(&directory.path().join("naru.db"), options).unwrap();
    let append = |task: i64| {
        let store = store.clone();
        async move {
            for n in 0..UNITS {
                let writes = vec![event(&task.to_string(), n)];
                store
                    .commit(Commit {
                        id: Uuid::now_v7(),
                        writes,
                    })
                    .await
                    .unwrap();
                // What was answered is read by everybody, scans included.
                let mine = Query::of(&EVENTS, 99)
                    .and(Condition::Is("subject_id", task.to_string().into()))
                    .and(Condition::Is("store_id", "s".into()));
                assert_eq!(i64::from(store.count(mine, 99).await.unwrap()), n + 1);
            }
        }
    };
    (0..TASKS)
        .map(append)
        .collect::<JoinSet<_>>()
        .join_all()
        .await;
    let events = store.count(Query::of(&EVENTS, 1), u32::MAX).await.unwrap();
    assert_eq!(i64::from(events), TASKS * UNITS);
    let (commits, units) = (commits.load(Ordering::SeqCst), TASKS * UNITS);
    assert!(
        i64::try_from(commits).unwrap() < units,
        "{commits} commits for {units} units"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn close_answers_everyone_and_keeps_what_it_answered() {
    let directory = TempDir::new().unwrap();
    let store = crate::open(directory.path());
    let append = |task: i64| {
        let store = store.clone();
        async move {
            let writes = vec![event(&task.to_string(), 0)];
            let answer = store
                .commit(Commit {
                    id: Uuid::now_v7(),
                    writes,
                })
                .await;
            (task, answer.is_ok())
        }
    };
    let tasks: JoinSet<_> = (0..TASKS).map(append).collect();
    store.close().await;
    let answers = tasks.join_all().await;
    let store = crate::open(directory.path());
    for (task, ok) in answers {
        let key = vec!["s".into(), task.to_string().into(), 0.into()];
        let there = store.get(&EVENTS, key).await.unwrap().is_some();
        // Refused units never reached the writer, so here even the reverse holds.
        assert_eq!(there, ok, "task {task}");
    }
}
