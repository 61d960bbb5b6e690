//! Stamps: away before a unit can be seen, and new when it is answered, whatever became of it.

use std::sync::{Arc, Mutex, OnceLock};

use naru_store::tables::PAYMENTS;
use naru_store::{Commit, Row, Stamp, Store, Write};
use naru_store_sqlite::{CommitFault, SqliteOptions, SqliteStore};
use tempfile::TempDir;
use uuid::Uuid;

/// Stamps as they were seen, in their order.
type Seen = Arc<Mutex<Vec<Option<Stamp>>>>;

fn payment(id: &str) -> Commit {
    let row = Row {
        key: vec!["s".into(), id.into()],
        version: 1,
        columns: PAYMENTS
            .columns
            .iter()
            .map(|_| naru_store::Value::Null)
            .collect(),
        body: "{}".to_owned(),
    };
    Commit {
        id: Uuid::now_v7(),
        writes: vec![Write::Insert(&PAYMENTS, row)],
    }
}

/// A store whose every COMMIT meets the fault, and what the stamp of `p` was just before it.
fn watched(directory: &TempDir, fault: CommitFault) -> (Arc<SqliteStore>, Seen) {
    let store = Arc::new(OnceLock::<Arc<SqliteStore>>::new());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (inner, log) = (Arc::clone(&store), Arc::clone(&seen));
    let options = SqliteOptions {
        before_commit: Some(Arc::new(move || {
            let stamp = inner.get().and_then(|store| store.stamp("s", "p"));
            log.lock().unwrap().push(stamp);
            fault
        })),
        ..SqliteOptions::default()
    };
    let opened = SqliteStore::open(&directory.path().join("naru.db"), options).unwrap();
    assert!(store.set(Arc::clone(&opened)).is_ok());
    (opened, seen)
}

#[tokio::test]
async fn a_stamp_is_away_before_its_unit_can_be_seen() {
    for fault in [CommitFault::None, CommitFault::Before, CommitFault::After] {
        let directory = TempDir::new().unwrap();
        let (store, seen) = watched(&directory, fault);
        let before = store.stamp("s", "p");
        assert!(before.is_some());
        let done = store.commit(payment("p")).await;
        assert_eq!(done.is_err(), fault == CommitFault::Before, "{fault:?}");
        let during = seen.lock().unwrap().clone();
        assert!(!during.is_empty());
        assert!(during.iter().all(Option::is_none), "{fault:?}: {during:?}");
        let after = store.stamp("s", "p");
        assert!(after.is_some(), "{fault:?}");
        assert_ne!(after, before, "{fault:?}");
        store.close().await;
    }
}
