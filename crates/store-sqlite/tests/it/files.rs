//! The file: what is refused, what survives, who may read it.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use naru_domain::Timestamp;
use naru_store::Store;
use naru_store_sqlite::{OpenError, SqliteOptions, SqliteStore};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::{has, open, setting};

fn refusal(path: &Path) -> OpenError {
    match SqliteStore::open(path, SqliteOptions::default()) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn missing_directory_is_refused_and_nothing_is_created() {
    let directory = TempDir::new().unwrap();
    let error = refusal(&directory.path().join("typo").join("naru.db"));
    assert!(matches!(error, OpenError::NoDirectory(_)), "{error}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn newer_schema_is_refused_and_left_alone() {
    let directory = TempDir::new().unwrap();
    open(directory.path()).close().await;
    let path = directory.path().join("naru.db");
    let connection = Connection::open(&path).unwrap();
    let newer = "INSERT INTO refinery_schema_history SELECT 99, 'later', applied_on, checksum \
                 FROM refinery_schema_history WHERE version = 1";
    connection.execute(newer, []).unwrap();
    connection.close().unwrap();
    let before = fs::read(&path).unwrap();
    let error = refusal(&path);
    assert!(
        matches!(error, OpenError::Newer { found: 99, .. }),
        "{error}"
    );
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn databases_of_others_are_refused_and_left_alone() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("other.db");
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1);")
        .unwrap();
    connection.close().unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(refusal(&path), OpenError::NotNaru(_)));
    assert_eq!(fs::read(&path).unwrap(), before);
    fs::write(&path, "this is a letter to my grandmother, not a database").unwrap();
    assert!(matches!(refusal(&path), OpenError::Sqlite(_)));
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("naru.db");
    for _ in 0..2 {
        let store = open(directory.path());
        store.commit(setting(&naru_name())).await.unwrap();
        for file in fs::read_dir(directory.path()).unwrap().map(Result::unwrap) {
            let mode = file.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{:?}", file.file_name());
        }
        store.close().await;
        // Opened up by hand, it is closed again at the next start.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    }
}

fn naru_name() -> String {
    crate::Uuid::now_v7().to_string()
}

#[tokio::test]
async fn answered_units_are_in_the_files_without_a_clean_end() {
    let (running, killed) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let store = open(running.path());
    for round in 0..5 {
        for n in 0..20 {
            store
                .commit(setting(&format!("{round}-{n}")))
                .await
                .unwrap();
        }
        // What a kill at this moment would leave behind.
        for file in ["naru.db", "naru.db-wal"] {
            fs::copy(running.path().join(file), killed.path().join(file)).unwrap();
        }
        let _ = fs::remove_file(killed.path().join("naru.db-shm"));
        let after = open(killed.path());
        for n in 0..20 {
            assert!(has(&after, &format!("{round}-{n}")).await);
        }
        after.close().await;
    }
}

#[tokio::test]
async fn close_empties_the_log_and_keeps_everything() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path());
    let last = setting("last");
    let accepted = store.commit(last);
    store.commit(setting("a")).await.unwrap();
    accepted.await.unwrap();
    store.close().await;
    assert!(!directory.path().join("naru.db-wal").exists());
    let store = open(directory.path());
    assert!(has(&store, "a").await && has(&store, "last").await);
}

#[tokio::test]
async fn unit_ids_are_remembered_for_a_day_and_then_forgotten() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("naru.db");
    let hours = Arc::new(AtomicI64::new(1_000_000));
    let now = hours.clone();
    let clock = move || Timestamp::from_micros(0).plus_seconds(3_600 * now.load(Ordering::SeqCst));
    let options = SqliteOptions {
        clock: Arc::new(clock),
        ..Default::default()
    };
    let store = SqliteStore::open(&path, options).unwrap();
    let known = || {
        let connection = Connection::open(&path).unwrap();
        connection
            .query_row("SELECT count(*) FROM units", [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    let first = setting("first");
    store.commit(first.clone()).await.unwrap();
    for n in 0..9 {
        store.commit(setting(&n.to_string())).await.unwrap();
    }
    hours.fetch_add(24, Ordering::SeqCst);
    store.commit(setting("a day later")).await.unwrap();
    store.commit(first).await.unwrap();
    assert_eq!(known(), 11, "a day old is still known");
    hours.fetch_add(1, Ordering::SeqCst);
    store
        .commit(setting("more than a day later"))
        .await
        .unwrap();
    assert_eq!(known(), 2);
    assert_eq!(store.now().await.unwrap().as_seconds(), 3_600 * 1_000_025);
}
