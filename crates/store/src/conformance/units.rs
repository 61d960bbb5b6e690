//! Cases: units as a whole. All or nothing, once only, one winner.

use futures_util::future::join_all;

use super::rows::{
    commit, conflict, conflict_of, delete, event, get, insert, key, payment, row, unit, update,
};
use crate::tables::{EVENTS, PAYMENTS, SETTINGS, WEBHOOKS};
use crate::{CommitError, Condition, Query, Row, Store, Value, Write};

pub(super) async fn writes_of_a_unit_apply_in_order(store: &dyn Store) {
    let body = |body: &str| payment("p", &[], body);
    let writes = vec![
        Write::Insert(&PAYMENTS, body("1")),
        update(&PAYMENTS, body("2"), 1),
        update(&PAYMENTS, body("3"), 2),
        delete(&PAYMENTS, key(["s", "p"]), Some(3)),
        Write::Insert(&PAYMENTS, body("4")),
        Write::Upsert(&PAYMENTS, body("5")),
    ];
    commit(store, writes).await;
    let want = Row {
        version: 2,
        ..body("5")
    };
    assert_eq!(get(store, &PAYMENTS, key(["s", "p"])).await, Some(want));
}

pub(super) async fn conflict_in_the_third_write_undoes_the_first_two(store: &dyn Store) {
    insert(store, &PAYMENTS, vec![payment("old", &[], "1")]).await;
    let writes = vec![
        Write::Insert(&PAYMENTS, payment("new", &[], "1")),
        update(&PAYMENTS, payment("old", &[], "2"), 1),
        update(&EVENTS, event("old", 1, "PAID"), 1),
        Write::Insert(&EVENTS, event("old", 2, "PAID")),
    ];
    assert_eq!(conflict(store, writes).await, "events");
    assert_eq!(get(store, &PAYMENTS, key(["s", "new"])).await, None);
    let old = get(store, &PAYMENTS, key(["s", "old"])).await;
    assert_eq!(old, Some(payment("old", &[], "1")));
    assert_eq!(store.count(Query::of(&EVENTS, 9), 9).await.unwrap(), 0);
}

pub(super) async fn conflict_undoes_deletes_and_replacements(store: &dyn Store) {
    let (p, q) = (payment("p", &[], "1"), payment("q", &[], "1"));
    insert(store, &PAYMENTS, vec![p.clone(), q.clone()]).await;
    insert(store, &EVENTS, vec![event("p", 1, "READY")]).await;
    let writes = vec![
        delete(&PAYMENTS, key(["s", "p"]), Some(1)),
        Write::Upsert(&PAYMENTS, payment("q", &[], "2")),
        Write::Upsert(&PAYMENTS, payment("r", &[], "2")),
        Write::DeleteWhere(&EVENTS, vec![Condition::Is("subject_id", "p".into())]),
        delete(&PAYMENTS, key(["s", "nobody"]), Some(1)),
    ];
    assert_eq!(conflict(store, writes).await, "payments");
    assert_eq!(store.scan(Query::of(&PAYMENTS, 9)).await.unwrap(), [p, q]);
    assert_eq!(store.count(Query::of(&EVENTS, 9), 9).await.unwrap(), 1);
}

pub(super) async fn empty_unit_succeeds(store: &dyn Store) {
    let empty = unit(Vec::new());
    store.commit(empty.clone()).await.unwrap();
    store.commit(empty).await.unwrap();
}

pub(super) async fn retry_of_a_unit_changes_nothing(store: &dyn Store) {
    let counter = row(&SETTINGS, key(["n"]), &[], "1");
    let both = unit(vec![
        Write::Insert(&EVENTS, event("p", 1, "READY")),
        Write::Upsert(&SETTINGS, counter.clone()),
    ]);
    for _ in 0..3 {
        store.commit(both.clone()).await.unwrap();
    }
    assert_eq!(
        get(store, &SETTINGS, key(["n"])).await,
        Some(counter),
        "applied once"
    );
    assert_eq!(store.count(Query::of(&EVENTS, 9), 9).await.unwrap(), 1);
}

pub(super) async fn retry_after_later_writes_changes_nothing(store: &dyn Store) {
    insert(store, &PAYMENTS, vec![payment("p", &[], "1")]).await;
    let second = unit(vec![update(&PAYMENTS, payment("p", &[], "2"), 1)]);
    store.commit(second.clone()).await.unwrap();
    commit(store, vec![update(&PAYMENTS, payment("p", &[], "3"), 2)]).await;
    store.commit(second.clone()).await.unwrap();
    let want = Row {
        version: 3,
        ..payment("p", &[], "3")
    };
    assert_eq!(get(store, &PAYMENTS, key(["s", "p"])).await, Some(want));
    commit(store, vec![delete(&PAYMENTS, key(["s", "p"]), Some(3))]).await;
    store.commit(second).await.unwrap();
    assert_eq!(get(store, &PAYMENTS, key(["s", "p"])).await, None);
}

pub(super) async fn retry_of_a_refused_unit_is_judged_anew(store: &dyn Store) {
    let paid = unit(vec![update(&PAYMENTS, payment("p", &[], "2"), 1)]);
    assert_eq!(
        conflict_of(store.commit(paid.clone()).await),
        Some("payments")
    );
    insert(store, &PAYMENTS, vec![payment("p", &[], "1")]).await;
    store.commit(paid.clone()).await.unwrap();
    store.commit(paid).await.unwrap();
    let want = Row {
        version: 2,
        ..payment("p", &[], "2")
    };
    assert_eq!(get(store, &PAYMENTS, key(["s", "p"])).await, Some(want));
}

pub(super) async fn same_unit_many_times_at_once_applies_once(store: &dyn Store) {
    let counter = row(&SETTINGS, key(["n"]), &[], "1");
    let same = unit(vec![Write::Upsert(&SETTINGS, counter.clone())]);
    let answers = join_all((0..16).map(|_| store.commit(same.clone()))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(get(store, &SETTINGS, key(["n"])).await, Some(counter));
}

pub(super) async fn one_of_many_updates_at_once_wins(store: &dyn Store) {
    insert(store, &PAYMENTS, vec![payment("p", &[], "0")]).await;
    for version in 1..5 {
        let tries = (0..16).map(|n| {
            let row = payment("p", &[], &format!("[{version},{n}]"));
            // Each unit also leaves a mark, which only the winner's may survive.
            let mark = Write::Insert(&EVENTS, event("p", version * 100 + n, "PAID"));
            store.commit(unit(vec![mark, update(&PAYMENTS, row, version)]))
        });
        let answers: Vec<_> = join_all(tries).await.into_iter().map(conflict_of).collect();
        let winners: Vec<_> = (0..16_i64)
            .zip(&answers)
            .filter(|(_, a)| a.is_none())
            .collect();
        assert_eq!(winners.len(), 1, "{answers:?}");
        let row = get(store, &PAYMENTS, key(["s", "p"])).await.unwrap();
        let winner = winners[0].0;
        assert_eq!(row.body, format!("[{version},{winner}]"));
        assert_eq!(row.version, version + 1);
        let marks = store.scan(Query::of(&EVENTS, 99)).await.unwrap();
        assert_eq!(
            i64::try_from(marks.len()).unwrap(),
            version,
            "losers leave no mark"
        );
        assert_eq!(
            marks.last().unwrap().key[2],
            Value::from(version * 100 + winner)
        );
    }
}

pub(super) async fn one_of_many_inserts_at_once_wins(store: &dyn Store) {
    let tries = (0..16).map(|n| {
        let row = payment("p", &[], &n.to_string());
        store.commit(unit(vec![Write::Insert(&PAYMENTS, row)]))
    });
    let answers: Vec<_> = join_all(tries).await.into_iter().map(conflict_of).collect();
    let winner = answers.iter().position(Option::is_none).unwrap();
    assert_eq!(
        answers.iter().filter(|answer| answer.is_none()).count(),
        1,
        "{answers:?}"
    );
    let row = get(store, &PAYMENTS, key(["s", "p"])).await;
    assert_eq!(row, Some(payment("p", &[], &winner.to_string())));
}

pub(super) async fn independent_units_at_once_all_succeed(store: &dyn Store) {
    let tries = (0..100).map(|n| {
        let id = format!("p{n:03}");
        let writes = vec![
            Write::Insert(&PAYMENTS, payment(&id, &[], "1")),
            Write::Insert(&EVENTS, event(&id, 1, "READY")),
        ];
        store.commit(unit(writes))
    });
    let answers = join_all(tries).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(
        store.count(Query::of(&PAYMENTS, 1), 1_000).await.unwrap(),
        100
    );
    assert_eq!(
        store.count(Query::of(&EVENTS, 1), 1_000).await.unwrap(),
        100
    );
}

pub(super) async fn answered_units_are_seen_at_once(store: &dyn Store) {
    let one = async |n: i64| {
        let id = format!("p{n}");
        insert(
            store,
            &PAYMENTS,
            vec![payment(&id, &[("created_at", n.into())], "1")],
        )
        .await;
        assert!(get(store, &PAYMENTS, key(["s", &id])).await.is_some());
        let query = Query::of(&PAYMENTS, 5).and(Condition::Is("created_at", n.into()));
        assert_eq!(store.count(query.clone(), 5).await.unwrap(), 1);
        assert_eq!(store.scan(query).await.unwrap().len(), 1);
        commit(store, vec![delete(&PAYMENTS, key(["s", &id]), Some(1))]).await;
        assert!(get(store, &PAYMENTS, key(["s", &id])).await.is_none());
    };
    join_all((0..20).map(one)).await;
}

pub(super) async fn malformed_units_are_refused_and_change_nothing(store: &dyn Store) {
    let good = payment("p", &[], "1");
    let wrong = [
        Row {
            key: key(["s"]),
            ..good.clone()
        },
        Row {
            key: vec!["s".into(), Value::Null],
            ..good.clone()
        },
        Row {
            key: vec!["s".into(), 1.into()],
            ..good.clone()
        },
        Row {
            columns: Vec::new(),
            ..good.clone()
        },
        payment("p", &[("created_at", "now".into())], "1"),
        payment("p", &[("status", 1.into())], "1"),
    ];
    for row in wrong {
        let writes = vec![
            Write::Insert(&PAYMENTS, good.clone()),
            Write::Upsert(&PAYMENTS, row.clone()),
        ];
        let answer = store.commit(unit(writes)).await;
        assert!(
            matches!(answer, Err(CommitError::Invalid(_))),
            "{answer:?} for {row:?}"
        );
    }
    let unknown = Write::DeleteWhere(&PAYMENTS, vec![Condition::Is("nothing", 1.into())]);
    let answer = store.commit(unit(vec![unknown])).await;
    assert!(matches!(answer, Err(CommitError::Invalid(_))), "{answer:?}");
    assert_eq!(store.count(Query::of(&PAYMENTS, 9), 9).await.unwrap(), 0);
    assert!(
        store.get(&PAYMENTS, key(["s"])).await.is_err(),
        "half a key is a bug"
    );
}

pub(super) async fn closed_store_is_unavailable(store: &dyn Store) {
    insert(store, &PAYMENTS, vec![payment("p", &[], "1")]).await;
    store.close().await;
    let again = unit(vec![Write::Insert(&PAYMENTS, payment("q", &[], "1"))]);
    let answer = store.commit(again).await;
    assert!(
        matches!(answer, Err(CommitError::Unavailable(_))),
        "{answer:?}"
    );
    assert!(store.get(&PAYMENTS, key(["s", "p"])).await.is_err());
    assert!(store.scan(Query::of(&PAYMENTS, 1)).await.is_err());
    assert!(store.count(Query::of(&PAYMENTS, 1), 1).await.is_err());
    assert!(store.claim(super::rows::claim(0)).await.is_err());
    store.close().await;
}

pub(super) async fn clock_does_not_run_backwards(store: &dyn Store) {
    let first = store.now().await.unwrap();
    assert!(store.now().await.unwrap() >= first);
    assert!(!store.name().is_empty());
}

/// A backend may have no stamps; one that has some changes them with every unit that it answers.
pub(super) async fn a_stamp_changes_with_its_payment_and_webhooks(store: &dyn Store) {
    let webhook = |body: &str| {
        let subject = [("subject_id", "p".into())];
        row(&WEBHOOKS, key(["s", "w"]), &subject, body)
    };
    let all = || vec![Condition::Is("store_id", "s".into())];
    let steps = [
        Write::Insert(&PAYMENTS, payment("p", &[], "1")),
        update(&PAYMENTS, payment("p", &[], "2"), 1),
        Write::Insert(&WEBHOOKS, webhook("1")),
        update(&WEBHOOKS, webhook("2"), 1),
        delete(&WEBHOOKS, key(["s", "w"]), Some(2)),
        Write::DeleteWhere(&WEBHOOKS, all()),
        delete(&PAYMENTS, key(["s", "p"]), Some(2)),
    ];
    let has_stamps = store.stamp("s", "p").is_some();
    assert_eq!(has_stamps, store.name() != "postgres", "{}", store.name());
    for step in steps {
        let before = store.stamp("s", "p");
        let name = format!("{step:?}");
        commit(store, vec![step]).await;
        let after = store.stamp("s", "p");
        assert_eq!(after.is_some(), has_stamps, "{name}");
        assert_eq!(after != before, has_stamps, "{name}");
        // Nothing was written, and a read changes nothing.
        get(store, &PAYMENTS, key(["s", "p"])).await;
        assert_eq!(store.stamp("s", "p"), after, "{name}");
    }
}
