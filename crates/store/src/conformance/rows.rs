//! What the cases build their units from: rows by column name, and short ways to read them back.

use uuid::Uuid;

use crate::tables::{EVENTS, JOBS, PAYMENTS};
use crate::{Claim, Commit, CommitError, Condition, Query, Row, Store, Table, Value, Write};
use naru_domain::Timestamp;

/// A key of texts.
pub(super) fn key<const N: usize>(parts: [&str; N]) -> Vec<Value> {
    parts.into_iter().map(Value::from).collect()
}

/// A row: columns by name, the others null; version 1.
pub(super) fn row(
    table: &Table,
    key: Vec<Value>,
    columns: &[(&str, Value)],
    body: impl Into<String>,
) -> Row {
    for (name, _) in columns {
        assert!(
            table.columns.iter().any(|column| column.name == *name),
            "no column {name}"
        );
    }
    let value_of = |name: &str| columns.iter().find(|(known, _)| *known == name);
    let columns = table
        .columns
        .iter()
        .map(|column| value_of(column.name).map_or(Value::Null, |(_, value)| value.clone()))
        .collect();
    Row {
        key,
        version: 1,
        columns,
        body: body.into(),
    }
}

/// A payment of the store `s`.
pub(super) fn payment(id: &str, columns: &[(&str, Value)], body: &str) -> Row {
    row(&PAYMENTS, key(["s", id]), columns, body)
}

/// An event of the store `s`.
pub(super) fn event(subject: &str, sequence: i64, kind: &str) -> Row {
    let key = vec!["s".into(), subject.into(), sequence.into()];
    row(
        &EVENTS,
        key,
        &[("at", 0.into()), ("kind", kind.into())],
        "{}",
    )
}

/// A job that nobody has leased.
pub(super) fn job(id: &str, queue: &str, lane: Option<&str>, due_at: i64) -> Row {
    let columns = [
        ("queue", queue.into()),
        ("lane", lane.into()),
        ("due_at", due_at.into()),
    ];
    row(&JOBS, key([id]), &columns, format!(r#"{{"job":"{id}"}}"#))
}

/// A claim of ten jobs of the queue `mail`, due until 1000, at `now`, for 100 microseconds.
pub(super) fn claim(now: i64) -> Claim {
    Claim {
        queue: "mail",
        due: Timestamp::from_micros(1_000),
        now: Timestamp::from_micros(now),
        until: Timestamp::from_micros(now + 100),
        limit: 10,
        busy: Vec::new(),
    }
}

/// A unit with an id of its own.
pub(super) fn unit(writes: Vec<Write>) -> Commit {
    Commit {
        id: Uuid::now_v7(),
        writes,
    }
}

/// An update.
pub(super) fn update(table: &'static Table, row: Row, expected: i64) -> Write {
    Write::Update {
        table,
        row,
        expected,
    }
}

/// A delete.
pub(super) fn delete(table: &'static Table, key: Vec<Value>, expected: Option<i64>) -> Write {
    Write::Delete {
        table,
        key,
        expected,
    }
}

/// Commits writes that must succeed.
pub(super) async fn commit(store: &dyn Store, writes: Vec<Write>) {
    store.commit(unit(writes)).await.unwrap();
}

/// Inserts rows that must not be there.
pub(super) async fn insert(store: &dyn Store, table: &'static Table, rows: Vec<Row>) {
    commit(
        store,
        rows.into_iter()
            .map(|row| Write::Insert(table, row))
            .collect(),
    )
    .await;
}

/// Commits writes that must meet a conflict, and says in which table.
pub(super) async fn conflict(store: &dyn Store, writes: Vec<Write>) -> &'static str {
    conflict_of(store.commit(unit(writes)).await).unwrap()
}

/// The table of a conflict; `None` for a success. Anything else fails the case.
pub(super) fn conflict_of(answer: Result<(), CommitError>) -> Option<&'static str> {
    match answer {
        Ok(()) => None,
        Err(CommitError::Conflict(table)) => Some(table),
        Err(other) => panic!("neither success nor conflict: {other}"),
    }
}

/// One row.
pub(super) async fn get(store: &dyn Store, table: &'static Table, key: Vec<Value>) -> Option<Row> {
    let found = store.get(table, key.clone()).await.unwrap();
    let body = store.body(table, key).await.unwrap();
    assert_eq!(
        body,
        found.clone().map(Row::into_body),
        "a body is its row's"
    );
    found
}

/// The last part of the keys of the rows that a query finds, which must be texts.
pub(super) async fn ids(store: &dyn Store, query: Query) -> Vec<String> {
    let few = store.scan(query.clone().few()).await.unwrap();
    let found = store.scan(query.clone()).await.unwrap();
    assert_eq!(few, found, "a hint must not change the answer");
    let bodies = store.bodies(query).await.unwrap();
    let of_rows: Vec<_> = found.iter().cloned().map(Row::into_body).collect();
    assert_eq!(bodies, of_rows, "a body is its row's");
    found.iter().map(last_key).collect()
}

/// As [`ids`], for one condition on a table, in the order of the key.
pub(super) async fn matches(
    store: &dyn Store,
    table: &'static Table,
    condition: Condition,
) -> Vec<String> {
    let query = Query::of(table, 1_000).and(condition);
    let found = ids(store, query.clone()).await;
    let counted = store.count(query, 10_000).await.unwrap();
    assert_eq!(
        usize::try_from(counted).unwrap(),
        found.len(),
        "scan and count must agree"
    );
    found
}

/// The last part of a row's key.
pub(super) fn last_key(row: &Row) -> String {
    match row.key.last() {
        Some(Value::Text(text)) => text.clone(),
        other => panic!("not a text: {other:?}"),
    }
}
