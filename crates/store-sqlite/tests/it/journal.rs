//! The journal's own constraints: a row that does not balance is refused, and so is any change.

use naru_store::tables::{JOURNAL, PAYMENTS, SETTINGS};
use naru_store::{Commit, CommitError, Query, Row, Store, Value, Write};
use rusqlite::Connection;
use tempfile::TempDir;
use uuid::Uuid;

fn posting(id: &str, (debit, credit): (Value, Value), amount: Value, currency: Value) -> Row {
    Row {
        key: vec!["s".into(), "p:1".into(), id.into()],
        version: 1,
        columns: vec![debit, credit, amount, currency, 7.into()],
        body: "{}".to_owned(),
    }
}

fn good(id: &str) -> Row {
    posting(id, ("a".into(), "b".into()), 1.into(), "KRW".into())
}

fn unit(row: Row) -> Commit {
    Commit {
        id: Uuid::now_v7(),
        writes: vec![Write::Insert(&JOURNAL, row)],
    }
}

#[tokio::test]
async fn what_does_not_balance_is_refused() {
    let directory = TempDir::new().unwrap();
    let store = crate::open(directory.path());
    let ab = || (Value::from("a"), Value::from("b"));
    let krw = || Value::from("KRW");
    let bad = [
        ("an amount of nothing", posting("1", ab(), 0.into(), krw())),
        ("less than nothing", posting("1", ab(), (-5).into(), krw())),
        ("no amount", posting("1", ab(), Value::Null, krw())),
        (
            "one account",
            posting("1", ("a".into(), "a".into()), 5.into(), krw()),
        ),
        (
            "no debit",
            posting("1", (Value::Null, "a".into()), 5.into(), krw()),
        ),
        (
            "no credit",
            posting("1", ("a".into(), Value::Null), 5.into(), krw()),
        ),
        ("no currency", posting("1", ab(), 5.into(), Value::Null)),
    ];
    for (what, row) in bad {
        let answer = store.commit(unit(row)).await;
        assert!(
            matches!(answer, Err(CommitError::Invalid(_))),
            "{what}: {answer:?}"
        );
    }
    store.commit(unit(good("1"))).await.unwrap();
    let twice = store.commit(unit(good("1"))).await;
    assert!(matches!(twice, Err(CommitError::Conflict("journal"))));
    assert_eq!(store.count(Query::of(&JOURNAL, 9), 9).await.unwrap(), 1);
}

#[tokio::test]
async fn nobody_changes_it_not_even_by_hand() {
    let directory = TempDir::new().unwrap();
    let store = crate::open(directory.path());
    store.commit(unit(good("1"))).await.unwrap();
    store.close().await;
    let connection = Connection::open(directory.path().join("naru.db")).unwrap();
    for sql in [
        "UPDATE journal SET amount = 2",
        "DELETE FROM journal",
        "INSERT OR REPLACE INTO journal SELECT * FROM journal",
        "INSERT INTO journal VALUES ('s', 'p:1', '2', 2, 'a', 'b', 1, 'KRW', 7, '{}')",
    ] {
        // As a person's tool would have it: SQLite runs triggers of REPLACE only then.
        connection
            .pragma_update(None, "recursive_triggers", true)
            .unwrap();
        assert!(connection.execute(sql, []).is_err(), "{sql}");
    }
    let rows = "SELECT count(*) FROM journal WHERE amount = 1";
    let rows: i64 = connection.query_row(rows, [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 1);
}

/// As a store of the schema before.
async fn before_the_journal(directory: &TempDir, row: Option<Row>) {
    let store = crate::open(directory.path());
    if let Some(row) = row {
        let writes = vec![Write::Insert(&PAYMENTS, row)];
        let id = Uuid::now_v7();
        store.commit(Commit { id, writes }).await.unwrap();
    }
    store.close().await;
    let connection = Connection::open(directory.path().join("naru.db")).unwrap();
    connection
        .execute_batch(
            "DROP TABLE journal; DROP TABLE acts; DROP TABLE administrators; \
             DROP TABLE console_sessions; DROP TABLE log_in_counts; \
             DELETE FROM refinery_schema_history WHERE version >= 17;",
        )
        .unwrap();
}

#[tokio::test]
async fn a_store_that_has_payments_is_to_be_filled() {
    for has_payments in [false, true] {
        let directory = TempDir::new().unwrap();
        let payment = Row {
            key: vec!["s".into(), "p".into()],
            version: 1,
            columns: vec![Value::Null; PAYMENTS.columns.len()],
            body: "{}".to_owned(),
        };
        before_the_journal(&directory, has_payments.then_some(payment)).await;
        let store = crate::open(directory.path());
        let key = vec!["journal_fill".into()];
        let setting = store.get(&SETTINGS, key).await.unwrap();
        let body = setting.map(|row| row.body);
        let wanted = has_payments.then(|| r#"{"name":"journal_fill","value":""}"#.to_owned());
        assert_eq!(body, wanted);
    }
}
