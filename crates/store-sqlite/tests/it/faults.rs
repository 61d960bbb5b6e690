//! COMMITs that fail, before and after they took effect (design 2a.4).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use naru_store::tables::JOBS;
use naru_store::{Claim, CommitError, Row, Store, Value, Write};
use naru_store_sqlite::{CommitFault, SqliteOptions, SqliteStore};
use tempfile::TempDir;

use crate::{Commit, Uuid, has, open, setting};

/// A store whose next COMMITs meet these faults.
fn faulty(directory: &TempDir) -> (Arc<SqliteStore>, Arc<Mutex<VecDeque<CommitFault>>>) {
    let faults = Arc::new(Mutex::new(VecDeque::new()));
    let next = faults.clone();
    let hook = move || {
        next.lock()
            .unwrap()
            .pop_front()
            .unwrap_or(CommitFault::None)
    };
    let options = SqliteOptions {
        before_commit: Some(Arc::new(hook)),
        ..Default::default()
    };
    let store = SqliteStore::open(&directory.path().join("naru.db"), options).unwrap();
    (store, faults)
}

fn unavailable(answer: &Result<(), CommitError>) -> bool {
    matches!(answer, Err(CommitError::Unavailable(_)))
}

#[tokio::test]
async fn commit_that_failed_once_is_made_good_before_the_answer() {
    for fault in [CommitFault::Before, CommitFault::After] {
        let directory = TempDir::new().unwrap();
        let (store, faults) = faulty(&directory);
        faults.lock().unwrap().push_back(fault);
        let unit = setting("a");
        store.commit(unit.clone()).await.unwrap();
        assert!(has(&store, "a").await, "{fault:?}");
        store.commit(unit).await.unwrap();
        store.commit(setting("b")).await.unwrap();
        store.close().await;
        let store = open(directory.path());
        assert!(has(&store, "a").await && has(&store, "b").await);
    }
}

#[tokio::test]
async fn commit_that_fails_again_is_answered_by_what_is_on_disk() {
    use CommitFault::{After, Before, None};
    // The faults of the attempts, and whether the unit must be there in the end.
    for (first, second, there) in [
        (Before, Before, false),
        (Before, After, true),
        (After, Before, true),
        (After, After, true),
    ] {
        let directory = TempDir::new().unwrap();
        let (store, faults) = faulty(&directory);
        faults.lock().unwrap().extend([first, second]);
        let unit = setting("a");
        let answer = store.commit(unit.clone()).await;
        assert_eq!(answer.is_ok(), there, "{first:?} {second:?}: {answer:?}");
        assert_eq!(unavailable(&answer), !there);
        assert_eq!(has(&store, "a").await, there);
        faults.lock().unwrap().push_back(None);
        store.commit(unit).await.unwrap();
        assert!(has(&store, "a").await, "the retry succeeds");
    }
}

#[tokio::test]
async fn whole_batch_survives_a_commit_in_doubt() {
    for fault in [CommitFault::Before, CommitFault::After] {
        let directory = TempDir::new().unwrap();
        let (store, faults) = faulty(&directory);
        store.commit(setting("taken")).await.unwrap();
        faults
            .lock()
            .unwrap()
            .extend([fault, CommitFault::None, fault]);
        let mut units: Vec<_> = (0..50).map(|n| setting(&n.to_string())).collect();
        units.push(setting("taken"));
        let mut answers = join_all(units.iter().map(|unit| store.commit(unit.clone()))).await;
        let last = answers.pop();
        assert!(
            matches!(last, Some(Err(CommitError::Conflict("settings")))),
            "{last:?}"
        );
        assert!(answers.iter().all(Result::is_ok), "{fault:?}: {answers:?}");
        for n in 0..50 {
            let row = store
                .get(&crate::SETTINGS, vec![n.to_string().into()])
                .await
                .unwrap();
            assert_eq!(row.unwrap().version, 1);
        }
    }
}

#[tokio::test]
async fn claim_in_doubt_leases_no_job_twice() {
    let directory = TempDir::new().unwrap();
    let (store, faults) = faulty(&directory);
    let columns = vec!["mail".into(), Value::Null, 0.into(), Value::Null];
    let job = Row {
        key: vec!["j".into()],
        version: 1,
        columns,
        body: "{}".to_owned(),
    };
    let insert = Commit {
        id: Uuid::now_v7(),
        writes: vec![Write::Insert(&JOBS, job)],
    };
    store.commit(insert).await.unwrap();
    let at = naru_domain::Timestamp::from_micros;
    let claim = |now| Claim {
        queue: "mail",
        due: at(10),
        now: at(now),
        until: at(now + 100),
        limit: 5,
        busy: vec![],
    };
    // The lease took effect but was not answered: the job is nobody's until the lease ends.
    faults.lock().unwrap().push_back(CommitFault::After);
    assert!(store.claim(claim(0)).await.unwrap().is_empty());
    let leased = store.claim(claim(100)).await.unwrap();
    assert_eq!(leased[0].version, 3);
    // The lease did not take effect: the next attempt made it.
    faults.lock().unwrap().push_back(CommitFault::Before);
    assert_eq!(store.claim(claim(200)).await.unwrap()[0].version, 4);
}

#[tokio::test]
async fn reads_go_on_while_the_writer_is_down() {
    let directory = TempDir::new().unwrap();
    let (store, faults) = faulty(&directory);
    store.commit(setting("a")).await.unwrap();
    for _ in 0..5 {
        faults
            .lock()
            .unwrap()
            .extend([CommitFault::Before, CommitFault::Before]);
        assert!(unavailable(&store.commit(setting("b")).await));
        assert!(has(&store, "a").await && !has(&store, "b").await);
    }
    store.commit(setting("b")).await.unwrap();
}
