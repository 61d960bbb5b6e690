//! The journal's own constraints: a row that does not balance is refused, and so is any change.

use naru_store::tables::{JOURNAL, PAYMENTS, SETTINGS};
use naru_store::{Commit, CommitError, Query, Row, Store, Value, Write};
use naru_store_postgres::PostgresStore;
use naru_store_postgres::test_support::{connect, fresh_database};
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
    let database = fresh_database().await;
    let store = PostgresStore::open(&database.url, database.options())
        .await
        .unwrap();
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
    let database = fresh_database().await;
    let store = PostgresStore::open(&database.url, database.options())
        .await
        .unwrap();
    store.commit(unit(good("1"))).await.unwrap();
    let client = connect(&database.url).await;
    for sql in [
        "UPDATE journal SET amount = 2",
        "DELETE FROM journal",
        "TRUNCATE journal",
        "INSERT INTO journal VALUES ('s', 'p:1', '2', 2, 'a', 'b', 1, 'KRW', 7, '{}')",
    ] {
        assert!(client.batch_execute(sql).await.is_err(), "{sql}");
    }
    let rows = "SELECT count(*) FROM journal WHERE amount = 1";
    let rows: i64 = client.query_one(rows, &[]).await.unwrap().get(0);
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn a_store_that_has_payments_is_to_be_filled() {
    for has_payments in [false, true] {
        let database = fresh_database().await;
        let client = connect(&database.url).await;
        if has_payments {
            let row = Row {
                key: vec!["s".into(), "p".into()],
                version: 1,
                columns: vec![Value::Null; PAYMENTS.columns.len()],
                body: "{}".to_owned(),
            };
            let store = PostgresStore::open(&database.url, database.options())
                .await
                .unwrap();
            let writes = vec![Write::Insert(&PAYMENTS, row)];
            let id = Uuid::now_v7();
            store.commit(Commit { id, writes }).await.unwrap();
        }
        // As a store of the schema before.
        let before = "DROP TABLE journal; DROP FUNCTION journal__refuse; \
                      DROP TABLE acts, administrators, console_sessions, log_in_counts; \
                      DROP FUNCTION acts__refuse; \
                      DELETE FROM refinery_schema_history WHERE version >= 17";
        client.batch_execute(before).await.unwrap();
        let store = PostgresStore::open(&database.url, database.options())
            .await
            .unwrap();
        let key = vec!["journal_fill".into()];
        let setting = store.get(&SETTINGS, key).await.unwrap();
        let body = setting.map(|row| row.body);
        let wanted = has_payments.then(|| r#"{"name":"journal_fill","value":""}"#.to_owned());
        assert_eq!(body, wanted);
    }
}
