//! The audit log's own constraints: what is not whole is refused, and so is any change.

use naru_store::tables::ACTS;
use naru_store::{Commit, CommitError, Query, Row, Store, Value, Write};
use naru_store_postgres::PostgresStore;
use naru_store_postgres::test_support::{connect, fresh_database};
use uuid::Uuid;

fn act(step: i64, outcome: Value) -> Row {
    Row {
        key: vec!["01890a5d".into(), step.into()],
        version: 1,
        columns: vec![
            7.into(),
            "hong".into(),
            "keys.create".into(),
            Value::Null,
            outcome,
        ],
        body: "{}".to_owned(),
    }
}

fn unit(row: Row) -> Commit {
    Commit {
        id: Uuid::now_v7(),
        writes: vec![Write::Insert(&ACTS, row)],
    }
}

#[tokio::test]
async fn an_act_that_is_not_whole_is_refused() {
    let database = fresh_database().await;
    let store = PostgresStore::open(&database.url, database.options())
        .await
        .unwrap();
    let mut nobodys = act(0, "begun".into());
    nobodys.columns[1] = Value::Null;
    for (what, row) in [
        ("nobody's", nobodys),
        ("without an outcome", act(0, Value::Null)),
        ("an end that is none", act(1, "begun".into())),
    ] {
        let answer = store.commit(unit(row)).await;
        assert!(
            matches!(answer, Err(CommitError::Invalid(_))),
            "{what}: {answer:?}"
        );
    }
    store.commit(unit(act(0, "begun".into()))).await.unwrap();
    store.commit(unit(act(1, "done".into()))).await.unwrap();
    let twice = store.commit(unit(act(1, "failed".into()))).await;
    assert!(matches!(twice, Err(CommitError::Conflict("acts"))));
    assert_eq!(store.count(Query::of(&ACTS, 9), 9).await.unwrap(), 2);
}

#[tokio::test]
async fn nobody_changes_it_not_even_by_hand() {
    let database = fresh_database().await;
    let store = PostgresStore::open(&database.url, database.options())
        .await
        .unwrap();
    store.commit(unit(act(0, "begun".into()))).await.unwrap();
    let client = connect(&database.url).await;
    for sql in [
        "UPDATE acts SET actor = 'kim'",
        "DELETE FROM acts",
        "TRUNCATE acts",
    ] {
        assert!(client.batch_execute(sql).await.is_err(), "{sql}");
    }
    let rows = "SELECT count(*) FROM acts WHERE actor = 'hong'";
    let rows: i64 = client.query_one(rows, &[]).await.unwrap().get(0);
    assert_eq!(rows, 1);
}
