//! The audit log's own constraints: what is not whole is refused, and so is any change.

use naru_store::tables::ACTS;
use naru_store::{Commit, CommitError, Query, Row, Store, Value, Write};
use rusqlite::Connection;
use tempfile::TempDir;
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
    let directory = TempDir::new().unwrap();
    let store = crate::open(directory.path());
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
    let directory = TempDir::new().unwrap();
    let store = crate::open(directory.path());
    store.commit(unit(act(0, "begun".into()))).await.unwrap();
    store.close().await;
    let connection = Connection::open(directory.path().join("naru.db")).unwrap();
    for sql in [
        "UPDATE acts SET actor = 'kim'",
        "DELETE FROM acts",
        "INSERT OR REPLACE INTO acts SELECT * FROM acts",
    ] {
        // As a person's tool would have it: SQLite runs triggers of REPLACE only then.
        connection
            .pragma_update(None, "recursive_triggers", true)
            .unwrap();
        assert!(connection.execute(sql, []).is_err(), "{sql}");
    }
    let rows = "SELECT count(*) FROM acts WHERE actor = 'hong'";
    let rows: i64 = connection.query_row(rows, [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 1);
}
