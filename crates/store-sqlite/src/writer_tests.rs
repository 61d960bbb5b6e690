//! The writer when the database may not grow: SQLite's own limit on pages, which is met inside a
//! unit, at a statement, and not at COMMIT.

use std::sync::Arc;

use naru_domain::Timestamp;
use naru_store::tables::SETTINGS;
use naru_store::{Commit, CommitError, Row, Write};
use tempfile::TempDir;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Outcome, Request, Writer};
use crate::checkpoints::Checkpoints;
use crate::database::Database;

/// Several pages each.
const BODY_BYTES: usize = 20_000;
/// More than the room that is left in the first batch.
const UNITS: usize = 40;
const PAGES_LEFT: i64 = 60;

fn writer(directory: &TempDir) -> Writer {
    let (database, connection) = Database::create(&directory.path().join("naru.db")).unwrap();
    Writer {
        checkpoints: Checkpoints::start(database.clone()).unwrap(),
        database,
        connection: Some(connection),
        clock: Arc::new(|| Timestamp::from_micros(0)),
        before_commit: None,
        forget_at: Timestamp::from_micros(i64::MAX),
    }
}

/// Lets the database have so many pages more than it has now.
fn limit(writer: &mut Writer, more: i64) {
    let connection = writer.connection().unwrap();
    let count = connection.pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0));
    let limit = format!("PRAGMA max_page_count = {}", count.unwrap() + more);
    connection.query_row(&limit, [], |_| Ok(())).unwrap();
}

fn units() -> Vec<Commit> {
    let unit = |number: usize| {
        let row = Row {
            key: vec![number.to_string().into()],
            version: 1,
            columns: vec![],
            body: "1".repeat(BODY_BYTES),
        };
        Commit {
            id: Uuid::now_v7(),
            writes: vec![Write::Insert(&SETTINGS, row)],
        }
    };
    (0..UNITS).map(unit).collect()
}

/// Commits units as one batch, and says which were answered as committed.
fn commit(writer: &mut Writer, units: &[Commit]) -> Vec<bool> {
    let request = |unit: &Commit| Request::Commit(unit.clone(), oneshot::channel().0);
    let batch: Vec<Request> = units.iter().map(request).collect();
    let answer = |outcome: Outcome| match outcome {
        Outcome::Commit(Ok(())) => true,
        Outcome::Commit(Err(CommitError::Unavailable(_))) => false,
        Outcome::Commit(Err(other)) => panic!("{other}"),
        Outcome::Claim(_) | Outcome::Close => panic!("not asked for"),
    };
    writer.run_batch(&batch).into_iter().map(answer).collect()
}

/// Which of them another connection sees.
fn on_disk(writer: &Writer, units: usize) -> Vec<bool> {
    let reader = writer.database.reader().unwrap();
    let mut select = reader
        .prepare("SELECT 1 FROM settings WHERE name = ?")
        .unwrap();
    let mut has = |number: usize| select.exists((number.to_string(),)).unwrap();
    (0..units).map(&mut has).collect()
}

#[test]
fn units_that_find_no_room_are_refused_and_can_be_sent_again() {
    let directory = TempDir::new().unwrap();
    let mut writer = writer(&directory);
    let units = units();
    limit(&mut writer, PAGES_LEFT);
    let answers = commit(&mut writer, &units);
    assert_eq!(
        answers,
        on_disk(&writer, UNITS),
        "answered as it is on disk"
    );
    assert!(answers.contains(&false), "there was room for all");
    limit(&mut writer, 1 << 20);
    assert!(commit(&mut writer, &units).iter().all(|is_there| *is_there));
    assert!(on_disk(&writer, UNITS).iter().all(|is_there| *is_there));
    writer.close();
}
