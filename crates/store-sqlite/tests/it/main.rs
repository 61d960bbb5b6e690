//! Tests of the SQLite store: the common suite, faults, files, schema, agreement with a model.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, outside of test functions"
)]

mod acts;
mod backup;
mod faults;
mod files;
mod group;
mod journal;
mod model;
mod schema;
mod stamps;

use std::path::Path;
use std::sync::Arc;

use naru_store::tables::{EVENTS, SETTINGS};
use naru_store::{Commit, Row, Store, Write};
use naru_store_sqlite::{SqliteOptions, SqliteStore};
use tempfile::TempDir;
use uuid::Uuid;

mod conformance {
    use super::{Arc, Store, TempDir, open};

    #[expect(clippy::unused_async, reason = "the suite awaits it")]
    async fn fresh() -> (Arc<dyn Store>, TempDir) {
        let directory = TempDir::new().unwrap();
        (open(directory.path()), directory)
    }

    naru_store::conformance_tests!(fresh);
}

fn open(directory: &Path) -> Arc<SqliteStore> {
    SqliteStore::open(&directory.join("naru.db"), SqliteOptions::default()).unwrap()
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

fn event(subject: &str, sequence: i64) -> Write {
    let key = vec!["s".into(), subject.into(), sequence.into()];
    let columns = vec![sequence.into(), "PAID".into()];
    Write::Insert(
        &EVENTS,
        Row {
            key,
            version: 1,
            columns,
            body: "{}".to_owned(),
        },
    )
}

async fn has(store: &SqliteStore, name: &str) -> bool {
    store
        .get(&SETTINGS, vec![name.into()])
        .await
        .unwrap()
        .is_some()
}
