//! The writer when the database may not grow: SQLite's own limit on pages, which is met inside a
//! unit, at a statement, and not at COMMIT. And what a batch waits for.

use std::sync::Arc;
use std::time::Duration;

use naru_domain::Timestamp;
use naru_store::tables::SETTINGS;
use naru_store::{Commit, Row, Write};
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{COMPANY_MIN, GATHER_MAX, Gather, Outcome, Request, Writer};
use crate::Failure;
use crate::checkpoints::Checkpoints;
use crate::database::Database;

/// Several pages each.
const BODY_BYTES: usize = 20_000;
/// More than there is room for.
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
        stamps: Arc::default(),
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

fn batch(units: &[Commit]) -> Vec<Request> {
    let request = |unit: &Commit| Request::Commit(unit.clone(), oneshot::channel().0);
    units.iter().map(request).collect()
}

/// How many rows another connection sees.
fn on_disk(writer: &Writer) -> usize {
    let reader = writer.database.reader().unwrap();
    let mut select = reader.prepare("SELECT name FROM settings").unwrap();
    let rows = select.query_map([], |_| Ok(())).unwrap();
    rows.count()
}

#[test]
fn of_a_batch_that_finds_no_room_nothing_is_left_and_all_of_it_can_be_done_again() {
    let directory = TempDir::new().unwrap();
    let mut writer = writer(&directory);
    let (units, before) = (units(), on_disk(&writer));
    limit(&mut writer, PAGES_LEFT);
    let Err(failure) = writer.transact(&batch(&units)) else {
        panic!("there was room for all");
    };
    // SQLite has undone what went before: no unit of the batch may be answered as committed.
    assert!(matches!(failure, Failure::RolledBack(_)), "{failure}");
    assert_eq!(on_disk(&writer), before);
    // The limit is the connection's, and the connection that failed is not used again.
    let outcomes = writer.run_batch(&batch(&units));
    let is_done = |outcome: &Outcome| matches!(outcome, Outcome::Commit(Ok(())));
    assert!(outcomes.iter().all(is_done));
    assert_eq!(on_disk(&writer), before + UNITS);
    writer.close();
}

fn commit_request() -> Request {
    Request::Commit(Commit::new(Uuid::now_v7()), oneshot::channel().0)
}

#[test]
fn a_batch_waits_only_for_as_many_as_the_last_one_had() {
    let (ask, mut requests) = mpsc::channel(64);
    let mut gather = Gather::default();
    let hour = Duration::from_hours(1);
    let complete = |gather: &Gather, requests: &mut _| {
        let mut batch = vec![commit_request()];
        gather.complete(&mut batch, requests);
        batch.len()
    };
    assert_eq!(complete(&gather, &mut requests), 1, "no batch before");
    gather.committed(COMPANY_MIN - 1, hour);
    assert_eq!((gather.units, gather.time), (0, Duration::ZERO));
    gather.committed(COMPANY_MIN, hour);
    assert_eq!((gather.units, gather.time), (COMPANY_MIN, GATHER_MAX));
    for _ in 0..COMPANY_MIN {
        assert!(ask.try_send(commit_request()).is_ok());
    }
    let all = COMPANY_MIN + 1;
    assert_eq!(complete(&gather, &mut requests), all, "all that is there");
    assert_eq!(
        complete(&gather, &mut requests),
        1,
        "nobody comes, and it goes on"
    );
}
