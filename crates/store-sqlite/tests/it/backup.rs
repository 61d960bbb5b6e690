//! A copy of the database while it is used.

use std::fs;
use std::sync::Arc;

use naru_store::{BackupError, Store};
use tempfile::TempDir;

use crate::{has, open, setting};

#[tokio::test]
async fn a_copy_holds_every_commit_that_was_answered_before_it() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path());
    for id in 0..200 {
        store
            .commit(setting(&format!("before-{id}")))
            .await
            .unwrap();
    }
    let writing = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for id in 0..200 {
                store
                    .commit(setting(&format!("during-{id}")))
                    .await
                    .unwrap();
            }
        })
    };
    let elsewhere = TempDir::new().unwrap();
    let to = elsewhere.path().join("naru.db");
    let bytes = store.backup(to.clone()).await.unwrap();
    assert_eq!(bytes, fs::metadata(&to).unwrap().len());
    writing.await.unwrap();
    store.close().await;
    let copy = open(elsewhere.path());
    for id in 0..200 {
        assert!(has(&copy, &format!("before-{id}")).await, "before-{id}");
    }
    copy.commit(setting("after")).await.unwrap();
    assert!(has(&copy, "after").await, "it is a store like any other");
}

#[tokio::test]
async fn nothing_is_overwritten_and_nothing_is_left_of_a_copy_that_failed() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path());
    let elsewhere = TempDir::new().unwrap();
    let to = elsewhere.path().join("there.db");
    fs::write(&to, "mine").unwrap();
    let refused = store.backup(to.clone()).await;
    assert!(
        matches!(refused, Err(BackupError::Exists(_))),
        "{refused:?}"
    );
    assert_eq!(fs::read_to_string(&to).unwrap(), "mine");
    let nowhere = elsewhere.path().join("no").join("such.db");
    let refused = store.backup(nowhere).await;
    assert!(
        matches!(refused, Err(BackupError::Failed(_))),
        "{refused:?}"
    );
    // What a process that died has left does not stand in the way.
    fs::write(elsewhere.path().join("new.db.part"), "half").unwrap();
    store.backup(elsewhere.path().join("new.db")).await.unwrap();
    let mut left: Vec<_> = fs::read_dir(elsewhere.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["new.db", "there.db"]);
}
