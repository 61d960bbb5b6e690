//! Cases: each kind of write by itself.

use futures_util::future::join_all;

use super::rows::{
    commit, conflict, conflict_of, delete, event, get, insert, key, matches, payment, row, unit,
    update,
};
use crate::tables::{ADDED_TO, ALL, EVENTS, PAYMENTS, PROMOTION_BUDGETS, SEARCH, SETTINGS};
use crate::{Column, CommitError, Condition, Kind, Query, Row, Store, Table, Value, Write};

pub(super) async fn insert_gives_back_the_same_row_at_version_one(store: &dyn Store) {
    let row = payment(
        "p",
        &[("status", "PAID".into()), ("created_at", 7.into())],
        r#"{"a":1}"#,
    );
    let stale = Row {
        version: 9,
        ..row.clone()
    };
    insert(store, &PAYMENTS, vec![stale]).await;
    assert_eq!(
        get(store, &PAYMENTS, key(["s", "p"])).await,
        Some(row),
        "version starts at 1"
    );
    assert_eq!(get(store, &PAYMENTS, key(["s", "q"])).await, None);
    assert_eq!(get(store, &PAYMENTS, key(["other", "p"])).await, None);
}

pub(super) async fn every_table_stores_a_row(store: &dyn Store) {
    for table in ALL {
        let filled = filled(table);
        insert(store, table, vec![filled.clone()]).await;
        assert_eq!(
            get(store, table, filled.key.clone()).await.as_ref(),
            Some(&filled)
        );
        let found = store.scan(Query::of(table, 5)).await.unwrap();
        assert_eq!(found, [filled], "scan of {}", table.name);
    }
}

/// Each text names its column: some tables refuse two that are the same.
fn filled(table: &Table) -> Row {
    let value = |column: &Column| match column.kind {
        Kind::Text => Value::from(format!("텍스트 {}", column.name)),
        Kind::Int => Value::from(42),
    };
    Row {
        key: table.key.iter().map(value).collect(),
        version: 1,
        columns: table.columns.iter().map(value).collect(),
        body: "{}".to_owned(),
    }
}

pub(super) async fn what_is_only_added_to_is_never_changed(store: &dyn Store) {
    for table in ADDED_TO {
        let row = filled(table);
        insert(store, table, vec![row.clone()]).await;
        let changed = Row {
            body: "{\"changed\":1}".to_owned(),
            ..row.clone()
        };
        let counter = table.columns.iter().find(|one| one.kind == Kind::Int);
        let refused = [
            update(table, changed.clone(), 1),
            Write::Upsert(table, changed.clone()),
            delete(table, row.key.clone(), Some(1)),
            delete(table, row.key.clone(), None),
            Write::DeleteWhere(table, Vec::new()),
            Write::Add {
                table,
                key: row.key.clone(),
                column: counter.unwrap().name,
                delta: 1,
                at_most: i64::MAX,
            },
        ];
        for write in refused {
            let answer = store.commit(unit(vec![write.clone()])).await;
            assert!(
                matches!(answer, Err(CommitError::Invalid(_))),
                "{answer:?} for {write:?}"
            );
        }
        let again = vec![Write::Insert(table, changed)];
        assert_eq!(conflict(store, again).await, table.name, "the same twice");
        let found = get(store, table, row.key.clone()).await;
        assert_eq!(found, Some(row), "it is as it was added");
    }
}

pub(super) async fn nulls_and_extreme_integers_survive(store: &dyn Store) {
    let columns = [
        ("created_at", i64::MIN.into()),
        ("status_changed_at", i64::MAX.into()),
    ];
    let row = payment("p", &columns, "{}");
    insert(store, &PAYMENTS, vec![row.clone()]).await;
    assert_eq!(get(store, &PAYMENTS, key(["s", "p"])).await, Some(row));
    let low = Condition::AtMost("created_at", i64::MIN.into());
    assert_eq!(matches(store, &PAYMENTS, low).await, ["p"]);
}

pub(super) async fn update_replaces_all_and_raises_the_version(store: &dyn Store) {
    let first = payment(
        "p",
        &[("status", "READY".into()), ("currency", "KRW".into())],
        "1",
    );
    insert(store, &PAYMENTS, vec![first]).await;
    let second = payment("p", &[("status", "PAID".into())], "2");
    commit(store, vec![update(&PAYMENTS, second.clone(), 1)]).await;
    let want = Row {
        version: 2,
        ..second.clone()
    };
    assert_eq!(get(store, &PAYMENTS, key(["s", "p"])).await, Some(want));
    // The version inside the row given is ignored; the expected one counts.
    commit(
        store,
        vec![update(
            &PAYMENTS,
            Row {
                version: 77,
                ..second.clone()
            },
            2,
        )],
    )
    .await;
    let want = Row {
        version: 3,
        ..second
    };
    assert_eq!(get(store, &PAYMENTS, key(["s", "p"])).await, Some(want));
    let ready = Condition::Is("status", "READY".into());
    assert!(
        matches(store, &PAYMENTS, ready).await.is_empty(),
        "no trace of the old columns"
    );
}

pub(super) async fn update_of_another_version_is_a_conflict(store: &dyn Store) {
    let first = payment("p", &[], "1");
    insert(store, &PAYMENTS, vec![first.clone()]).await;
    for expected in [0, 2, -1] {
        let write = update(&PAYMENTS, payment("p", &[], "2"), expected);
        assert_eq!(conflict(store, vec![write]).await, "payments");
    }
    assert_eq!(get(store, &PAYMENTS, key(["s", "p"])).await, Some(first));
}

pub(super) async fn update_of_a_missing_row_is_a_conflict(store: &dyn Store) {
    for expected in [0, 1] {
        let write = update(&PAYMENTS, payment("p", &[], "2"), expected);
        assert_eq!(conflict(store, vec![write]).await, "payments");
    }
    assert_eq!(get(store, &PAYMENTS, key(["s", "p"])).await, None);
}

pub(super) async fn insert_of_an_existing_key_is_a_conflict(store: &dyn Store) {
    let first = event("p", 1, "READY");
    insert(store, &EVENTS, vec![first.clone()]).await;
    let again = Write::Insert(&EVENTS, event("p", 1, "PAID"));
    assert_eq!(conflict(store, vec![again]).await, "events");
    let in_one_unit = [2, 2].map(|n| Write::Insert(&EVENTS, event("p", n, "PAID")));
    assert_eq!(conflict(store, in_one_unit.to_vec()).await, "events");
    assert_eq!(store.scan(Query::of(&EVENTS, 9)).await.unwrap(), [first]);
}

pub(super) async fn what_is_expected_must_be_so_and_stays_as_it_is(store: &dyn Store) {
    insert(store, &PAYMENTS, vec![payment("p", &[], "1")]).await;
    let expect = |id, expected| Write::Expect {
        table: &PAYMENTS,
        key: key(["s", id]),
        expected,
    };
    commit(store, vec![expect("p", 1)]).await;
    let row = get(store, &PAYMENTS, key(["s", "p"])).await.unwrap();
    assert_eq!((row.version, row.body.as_str()), (1, "1"));
    let mark = || Write::Insert(&EVENTS, event("p", 1, "PAID"));
    for wrong in [expect("p", 2), expect("p", 0), expect("q", 1)] {
        assert_eq!(conflict(store, vec![mark(), wrong]).await, "payments");
        let marks = store.scan(Query::of(&EVENTS, 9)).await.unwrap();
        assert!(marks.is_empty(), "the whole unit is undone");
    }
    let own = update(&PAYMENTS, payment("p", &[], "2"), 1);
    commit(store, vec![own, expect("p", 2), mark()]).await;
}

pub(super) async fn units_that_expect_the_same_row_do_not_conflict(store: &dyn Store) {
    insert(store, &PAYMENTS, vec![payment("p", &[], "1")]).await;
    insert(store, &PAYMENTS, vec![payment("guard", &[], "0")]).await;
    let expecting = |n| {
        vec![
            Write::Expect {
                table: &PAYMENTS,
                key: key(["s", "p"]),
                expected: 1,
            },
            Write::Upsert(&PAYMENTS, payment("guard", &[], "0")),
            Write::Insert(&EVENTS, event("p", n, "PAID")),
        ]
    };
    let all = (0..16).map(|n| store.commit(unit(expecting(n))));
    for answer in join_all(all).await {
        answer.unwrap();
    }
    let guard = get(store, &PAYMENTS, key(["s", "guard"])).await.unwrap();
    assert_eq!(guard.version, 17, "each of them raised it");
    // A change of the row and a unit that expects it: whichever is second meets a conflict.
    let change = vec![
        update(&PAYMENTS, payment("p", &[], "2"), 1),
        update(&PAYMENTS, payment("guard", &[], "0"), 17),
    ];
    let both = [unit(change), unit(expecting(16)), unit(expecting(17))];
    let answers = join_all(both.into_iter().map(|unit| store.commit(unit))).await;
    let won: Vec<bool> = answers
        .into_iter()
        .map(|answer| conflict_of(answer).is_none())
        .collect();
    assert_eq!(won[0], !won[1] && !won[2], "{won:?}");
}

pub(super) async fn delete_of_another_version_is_a_conflict(store: &dyn Store) {
    insert(store, &PAYMENTS, vec![payment("p", &[], "1")]).await;
    commit(store, vec![update(&PAYMENTS, payment("p", &[], "2"), 1)]).await;
    let stale = delete(&PAYMENTS, key(["s", "p"]), Some(1));
    assert_eq!(conflict(store, vec![stale]).await, "payments");
    assert!(get(store, &PAYMENTS, key(["s", "p"])).await.is_some());
    commit(store, vec![delete(&PAYMENTS, key(["s", "p"]), Some(2))]).await;
    assert_eq!(get(store, &PAYMENTS, key(["s", "p"])).await, None);
    let missing = delete(&PAYMENTS, key(["s", "p"]), Some(2));
    assert_eq!(conflict(store, vec![missing]).await, "payments");
}

pub(super) async fn delete_without_version_may_find_nothing(store: &dyn Store) {
    insert(
        store,
        &PAYMENTS,
        vec![payment("p", &[], "1"), payment("q", &[], "1")],
    )
    .await;
    let gone = delete(&PAYMENTS, key(["s", "p"]), None);
    commit(store, vec![gone.clone()]).await;
    commit(store, vec![gone]).await;
    assert_eq!(get(store, &PAYMENTS, key(["s", "p"])).await, None);
    assert!(get(store, &PAYMENTS, key(["s", "q"])).await.is_some());
}

pub(super) async fn insert_after_delete_starts_again_at_version_one(store: &dyn Store) {
    let first = payment("p", &[], "1");
    insert(store, &PAYMENTS, vec![first.clone()]).await;
    commit(store, vec![update(&PAYMENTS, first.clone(), 1)]).await;
    commit(store, vec![delete(&PAYMENTS, key(["s", "p"]), Some(2))]).await;
    insert(store, &PAYMENTS, vec![first.clone()]).await;
    assert_eq!(get(store, &PAYMENTS, key(["s", "p"])).await, Some(first));
}

pub(super) async fn upsert_inserts_then_replaces(store: &dyn Store) {
    let first = row(&SETTINGS, key(["clock"]), &[], "1");
    commit(store, vec![Write::Upsert(&SETTINGS, first.clone())]).await;
    assert_eq!(
        get(store, &SETTINGS, key(["clock"])).await,
        Some(first.clone())
    );
    let second = Row {
        body: "2".to_owned(),
        ..first
    };
    commit(store, vec![Write::Upsert(&SETTINGS, second.clone())]).await;
    let want = Row {
        version: 2,
        ..second
    };
    assert_eq!(get(store, &SETTINGS, key(["clock"])).await, Some(want));
    // A table with nothing but a key takes the same path.
    let word = row(
        &SEARCH,
        key(["s", "payment", "p", "name", "홍길동"]),
        &[],
        "{}",
    );
    for version in 1..4 {
        commit(store, vec![Write::Upsert(&SEARCH, word.clone())]).await;
        let want = Row {
            version,
            ..word.clone()
        };
        assert_eq!(get(store, &SEARCH, word.key.clone()).await, Some(want));
    }
}

pub(super) async fn delete_where_deletes_what_matches_only(store: &dyn Store) {
    let rows = (0..6)
        .map(|n| event(if n < 3 { "p" } else { "q" }, n, "READY"))
        .collect();
    insert(store, &EVENTS, rows).await;
    let filter = vec![
        Condition::Is("subject_id", "q".into()),
        Condition::Above("sequence", 3.into()),
    ];
    commit(store, vec![Write::DeleteWhere(&EVENTS, filter.clone())]).await;
    let left = store.scan(Query::of(&EVENTS, 9)).await.unwrap();
    let left: Vec<_> = left.iter().map(|row| row.key[2].clone()).collect();
    assert_eq!(left, [0, 1, 2, 3].map(Value::from));
    commit(store, vec![Write::DeleteWhere(&EVENTS, filter)]).await;
    assert_eq!(
        store.count(Query::of(&EVENTS, 9), 9).await.unwrap(),
        4,
        "nothing left to match"
    );
    commit(store, vec![Write::DeleteWhere(&EVENTS, Vec::new())]).await;
    assert_eq!(
        store.count(Query::of(&EVENTS, 9), 9).await.unwrap(),
        0,
        "no condition: all"
    );
}

pub(super) async fn delete_where_that_can_match_nothing_deletes_nothing(store: &dyn Store) {
    insert(store, &EVENTS, vec![event("p", 1, "READY")]).await;
    let nothing = [
        Condition::Is("kind", Value::Null),
        Condition::In("kind", Vec::new()),
        Condition::In("kind", vec![Value::Null]),
        Condition::Is("kind", "a\0b".into()),
    ];
    for condition in nothing {
        let filter = vec![Condition::Is("subject_id", "p".into()), condition];
        commit(store, vec![Write::DeleteWhere(&EVENTS, filter)]).await;
        assert_eq!(store.count(Query::of(&EVENTS, 9), 9).await.unwrap(), 1);
    }
}

pub(super) async fn delete_where_asks_other_tables(store: &dyn Store) {
    insert(
        store,
        &EVENTS,
        vec![event("p", 1, "READY"), event("q", 1, "READY")],
    )
    .await;
    insert(
        store,
        &PAYMENTS,
        vec![payment("p", &[("status", "FAILED".into())], "{}")],
    )
    .await;
    let failed = Condition::Exists {
        table: &PAYMENTS,
        on: &[("store_id", "store_id"), ("subject_id", "payment_id")],
        filter: vec![Condition::Is("status", "FAILED".into())],
    };
    commit(store, vec![Write::DeleteWhere(&EVENTS, vec![failed])]).await;
    assert_eq!(
        store.scan(Query::of(&EVENTS, 9)).await.unwrap(),
        [event("q", 1, "READY")]
    );
}

/// An addition to the budget `b`.
fn add(delta: i64, at_most: i64) -> Write {
    Write::Add {
        table: &PROMOTION_BUDGETS,
        key: key(["b"]),
        column: "spent",
        delta,
        at_most,
    }
}

async fn spent(store: &dyn Store) -> Row {
    get(store, &PROMOTION_BUDGETS, key(["b"])).await.unwrap()
}

pub(super) async fn additions_at_once_all_count(store: &dyn Store) {
    let budget = row(&PROMOTION_BUDGETS, key(["b"]), &[], "{}");
    insert(store, &PROMOTION_BUDGETS, vec![budget.clone()]).await;
    let tries = (0..40).map(|n| {
        // Each unit also leaves a row of its own, as a payment does.
        let mark = Write::Insert(&EVENTS, event("p", n, "PAID"));
        store.commit(unit(vec![mark, add(n, i64::MAX)]))
    });
    let answers = join_all(tries).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let again = unit(vec![add(-80, i64::MAX)]);
    for _ in 0..3 {
        store.commit(again.clone()).await.unwrap();
    }
    let want = row(
        &PROMOTION_BUDGETS,
        key(["b"]),
        &[("spent", 700.into())],
        "{}",
    );
    assert_eq!(spent(store).await, want, "each once, and the version stays");
}

pub(super) async fn additions_stop_at_their_bound(store: &dyn Store) {
    let budget = row(&PROMOTION_BUDGETS, key(["b"]), &[("spent", 5.into())], "{}");
    insert(store, &PROMOTION_BUDGETS, vec![budget]).await;
    let tries = (0..20).map(|n| {
        let mark = Write::Insert(&EVENTS, event("p", n, "PAID"));
        store.commit(unit(vec![mark, add(10, 100)]))
    });
    let answers: Vec<_> = join_all(tries).await.into_iter().map(conflict_of).collect();
    assert_eq!(answers.iter().filter(|one| one.is_none()).count(), 9);
    assert_eq!(spent(store).await.columns, [Value::from(95)]);
    assert_eq!(
        store.count(Query::of(&EVENTS, 99), 99).await.unwrap(),
        9,
        "whoever did not fit left nothing"
    );
    assert_eq!(
        conflict(store, vec![add(6, 100)]).await,
        "promotion_budgets"
    );
    commit(store, vec![add(5, 100)]).await;
    assert_eq!(
        conflict(store, vec![add(i64::MAX, i64::MAX)]).await,
        "promotion_budgets"
    );
    commit(store, vec![add(-100, 0)]).await;
    assert_eq!(spent(store).await.columns, [Value::from(0)]);
}

pub(super) async fn an_addition_needs_its_row_and_a_counter(store: &dyn Store) {
    assert_eq!(conflict(store, vec![add(1, 9)]).await, "promotion_budgets");
    for column in ["status", "no_such_column", "payment_id"] {
        let wrong = Write::Add {
            table: &PAYMENTS,
            key: key(["s", "p"]),
            column,
            delta: 1,
            at_most: 9,
        };
        let answer = store.commit(unit(vec![wrong])).await;
        assert!(matches!(answer, Err(CommitError::Invalid(_))), "{answer:?}");
    }
}

/// Takes the mark off the payment `p`.
fn clear(column: &'static str, expected: i64) -> Write {
    Write::Clear {
        table: &PAYMENTS,
        key: key(["s", "p"]),
        column,
        expected,
    }
}

pub(super) async fn a_mark_is_taken_off_the_version_that_was_read(store: &dyn Store) {
    let columns = [("status", "PAID".into()), ("needs_index", 1.into())];
    let marked = payment("p", &columns, "one");
    assert_eq!(
        conflict(store, vec![clear("needs_index", 1)]).await,
        "payments"
    );
    insert(store, &PAYMENTS, vec![marked.clone()]).await;
    let again = unit(vec![clear("needs_index", 1)]);
    for _ in 0..2 {
        store.commit(again.clone()).await.unwrap();
    }
    let bare = payment("p", &columns[..1], "one");
    assert_eq!(get(store, &PAYMENTS, bare.key.clone()).await, Some(bare));
    commit(store, vec![update(&PAYMENTS, marked.clone(), 1)]).await;
    assert_eq!(
        conflict(store, vec![clear("needs_index", 1)]).await,
        "payments"
    );
    let there = get(store, &PAYMENTS, marked.key.clone()).await.unwrap();
    assert_eq!((there.version, there.columns), (2, marked.columns));
    // Empty already: the row is as expected all the same.
    commit(store, vec![clear("needs_index", 2)]).await;
    commit(store, vec![clear("needs_index", 2)]).await;
}

pub(super) async fn what_can_be_cleared_is_a_column(store: &dyn Store) {
    let columns = [("status", "PAID".into())];
    insert(store, &PAYMENTS, vec![payment("p", &columns, "one")]).await;
    for column in ["payment_id", "body", "version", "no_such_column"] {
        let answer = store.commit(unit(vec![clear(column, 1)])).await;
        assert!(matches!(answer, Err(CommitError::Invalid(_))), "{answer:?}");
    }
}

/// Backends may take neighbours together; nothing of that can be seen.
pub(super) async fn many_rows_of_a_table_are_as_good_as_one_after_the_other(store: &dyn Store) {
    let rows: Vec<Row> = [("b", 1), ("a", 2), ("c", 3)]
        .map(|(id, at)| {
            let columns = [("created_at", at.into()), ("status", "PAID".into())];
            payment(id, if id == "a" { &[] } else { &columns }, id)
        })
        .into();
    insert(store, &PAYMENTS, rows.clone()).await;
    for row in &rows {
        assert_eq!(
            get(store, &PAYMENTS, row.key.clone()).await.as_ref(),
            Some(row)
        );
    }
    // One of them is there already: none is inserted.
    let some = ["d", "a", "e"].map(|id| Write::Insert(&PAYMENTS, payment(id, &[], "new")));
    assert_eq!(conflict(store, some.to_vec()).await, "payments");
    let found = store.scan(Query::of(&PAYMENTS, 9)).await.unwrap();
    assert_eq!(found.len(), rows.len(), "the whole unit is undone");

    let setting = |name, body| Write::Upsert(&SETTINGS, row(&SETTINGS, key([name]), &[], body));
    let twice = [("a", "1"), ("b", "1"), ("b", "2"), ("a", "2"), ("c", "1")];
    let some = twice.map(|(name, body)| setting(name, body));
    commit(store, some.to_vec()).await;
    let mut found = store.scan(Query::of(&SETTINGS, 9)).await.unwrap();
    found.sort_by(|one, other| one.key.cmp(&other.key));
    let found: Vec<_> = found
        .iter()
        .map(|row| (row.version, row.body.as_str()))
        .collect();
    assert_eq!(found, [(2, "2"), (2, "2"), (1, "1")]);
    let some = ["a", "b", "c", "d"].map(|name| setting(name, "3"));
    commit(store, some.to_vec()).await;
    let versions = ["a", "b", "c", "d"].map(|name| get(store, &SETTINGS, key([name])));
    let versions: Vec<_> = join_all(versions)
        .await
        .into_iter()
        .map(|row| row.unwrap().version)
        .collect();
    assert_eq!(versions, [3, 3, 2, 1]);
}
