//! Cases: conditions, order, pages, counts.

use super::rows::{event, ids, insert, key, matches, payment, row};
use crate::tables::{CHANNELS, EVENTS, PAYMENTS, SEARCH, SETTINGS};
use crate::{Condition, Direction, Query, Store, Value};

const ASCENDING: Direction = Direction::Ascending;
const DESCENDING: Direction = Direction::Descending;

/// Payments `a` to `e` at 10, 20, 20, 30 and no time.
async fn five(store: &dyn Store) {
    let at = [
        ("a", Some(10)),
        ("b", Some(20)),
        ("c", Some(20)),
        ("d", Some(30)),
        ("e", None),
    ];
    let rows = at.map(|(id, at)| {
        let status = if at == Some(20) { "PAID" } else { "READY" };
        payment(
            id,
            &[("created_at", at.into()), ("status", status.into())],
            "{}",
        )
    });
    insert(store, &PAYMENTS, rows.to_vec()).await;
}

pub(super) async fn scan_compares_in_every_way(store: &dyn Store) {
    five(store).await;
    let at = "created_at";
    let cases: [(Condition, &[&str]); 10] = [
        (Condition::Is(at, 20.into()), &["b", "c"]),
        (Condition::Is(at, 21.into()), &[]),
        (Condition::AtLeast(at, 20.into()), &["b", "c", "d"]),
        (Condition::Above(at, 20.into()), &["d"]),
        (Condition::AtMost(at, 20.into()), &["a", "b", "c"]),
        (Condition::Below(at, 20.into()), &["a"]),
        (Condition::Is("payment_id", "d".into()), &["d"]),
        (Condition::AtLeast("payment_id", "d".into()), &["d", "e"]),
        (Condition::Below("payment_id", "b".into()), &["a"]),
        (Condition::Prefix("status", "PA".to_owned()), &["b", "c"]),
    ];
    for (condition, want) in cases {
        assert_eq!(
            matches(store, &PAYMENTS, condition.clone()).await,
            want,
            "{condition:?}"
        );
    }
    let both = Query::of(&PAYMENTS, 9)
        .and(Condition::Is("store_id", "s".into()))
        .and(Condition::Is("status", "READY".into()))
        .and(Condition::AtLeast(at, 15.into()));
    assert_eq!(
        ids(store, both.clone()).await,
        ["d"],
        "conditions are joined by AND"
    );
    let other = both.and(Condition::Is("store_id", "t".into()));
    assert!(
        ids(store, other).await.is_empty(),
        "two conditions on one column both count"
    );
}

pub(super) async fn scan_in_lists(store: &dyn Store) {
    five(store).await;
    let of = |values: Vec<Value>| Condition::In("payment_id", values);
    assert!(matches(store, &PAYMENTS, of(Vec::new())).await.is_empty());
    assert_eq!(matches(store, &PAYMENTS, of(vec!["b".into()])).await, ["b"]);
    let three = of(vec!["d".into(), "a".into(), "x".into()]);
    assert_eq!(matches(store, &PAYMENTS, three).await, ["a", "d"]);
    let doubled = of(vec!["a".into(), "a".into(), "a".into()]);
    assert_eq!(matches(store, &PAYMENTS, doubled).await, ["a"]);
    let integers = Condition::In("created_at", vec![10.into(), 30.into(), 99.into()]);
    assert_eq!(matches(store, &PAYMENTS, integers).await, ["a", "d"]);
    let many = (0..1_000).map(Value::from).collect();
    assert_eq!(
        matches(store, &PAYMENTS, Condition::In("created_at", many))
            .await
            .len(),
        4
    );
}

/// Many rows of one store by their ids, as lists and the index ask.
pub(super) async fn rows_of_several_ids(store: &dyn Store) {
    let rows = ["a", "b", "c", "d"].into_iter().zip([4, 3, 2, 1]);
    let rows = rows.map(|(id, at)| payment(id, &[("created_at", at.into())], id));
    insert(store, &PAYMENTS, rows.collect()).await;
    let other = row(&PAYMENTS, key(["other", "b"]), &[], "b");
    insert(store, &PAYMENTS, vec![other]).await;
    let of = |stores: &[&str], ids: &[&str]| {
        let values = |texts: &[&str]| texts.iter().map(|text| Value::from(*text)).collect();
        Query::of(&PAYMENTS, 9)
            .and(Condition::In("store_id", values(stores)))
            .and(Condition::In("payment_id", values(ids)))
    };
    let query = of(&["s"], &["d", "b", "x", "b", "a"]);
    assert_eq!(ids(store, query.clone()).await, ["a", "b", "d"]);
    assert_eq!(store.count(query.clone(), 9).await.unwrap(), 3);
    assert_eq!(store.count(query.clone(), 2).await.unwrap(), 2);
    let by_time = query.by("created_at", Direction::Ascending);
    let later = Condition::AtLeast("created_at", 2.into());
    assert_eq!(ids(store, by_time.clone().and(later)).await, ["b", "a"]);
    let page = Query {
        limit: 1,
        offset: 1,
        ..by_time
    };
    assert_eq!(ids(store, page).await, ["b"]);
    let of_two = of(&["s", "other", "none"], &["b", "c"]);
    assert_eq!(ids(store, of_two).await, ["b", "b", "c"]);
    let twice = of(&["s"], &["a", "b"]).and(Condition::one_of("payment_id", ["b"].into_iter()));
    assert_eq!(ids(store, twice).await, ["b"]);
}

pub(super) async fn nulls_never_match(store: &dyn Store) {
    five(store).await;
    let at = "created_at";
    for condition in [
        Condition::Is(at, Value::Null),
        Condition::In(at, vec![Value::Null]),
        Condition::AtLeast(at, Value::Null),
        Condition::AtMost(at, Value::Null),
        Condition::Below(at, Value::Null),
        Condition::Above(at, Value::Null),
        Condition::Is("tx_id", "".into()),
        Condition::Prefix("tx_id", String::new()),
        Condition::AtLeast("is_test", i64::MIN.into()),
        Condition::AtMost("is_test", i64::MAX.into()),
    ] {
        assert!(
            matches(store, &PAYMENTS, condition.clone())
                .await
                .is_empty(),
            "{condition:?}"
        );
    }
    let some = Condition::In(at, vec![Value::Null, 10.into()]);
    assert_eq!(
        matches(store, &PAYMENTS, some).await,
        ["a"],
        "a null in a list spoils nothing"
    );
    assert_eq!(
        matches(store, &PAYMENTS, Condition::AtLeast(at, i64::MIN.into()))
            .await
            .len(),
        4
    );
    // Two nulls are not equal across tables either.
    insert(
        store,
        &CHANNELS,
        vec![row(&CHANNELS, key(["k"]), &[], "{}")],
    )
    .await;
    let joined = Condition::Exists {
        table: &CHANNELS,
        on: &[("created_at_text", "pg")],
        filter: vec![],
    };
    assert!(
        store
            .scan(Query::of(&PAYMENTS, 1).and(joined))
            .await
            .is_err(),
        "no such column"
    );
    let joined = Condition::Exists {
        table: &CHANNELS,
        on: &[("tx_id", "pg")],
        filter: vec![],
    };
    assert!(matches(store, &PAYMENTS, joined).await.is_empty());
}

pub(super) async fn scan_exists_in_another_table(store: &dyn Store) {
    five(store).await;
    let words = [
        ("a", "name", "kim"),
        ("b", "name", "lee"),
        ("b", "phone", "kim"),
    ];
    let words = words
        .map(|(id, field, value)| row(&SEARCH, key(["s", "payment", id, field, value]), &[], "{}"));
    insert(store, &SEARCH, words.to_vec()).await;
    let elsewhere = row(
        &SEARCH,
        key(["t", "payment", "c", "name", "kim"]),
        &[],
        "{}",
    );
    insert(store, &SEARCH, vec![elsewhere]).await;
    let with = |filter| Condition::Exists {
        table: &SEARCH,
        on: &[("store_id", "store_id"), ("payment_id", "subject_id")],
        filter,
    };
    let field = |name: &str| Condition::Is("field", name.into());
    let value = |prefix: &str| Condition::Prefix("value", prefix.to_owned());
    let cases: [(Vec<Condition>, &[&str]); 6] = [
        (vec![], &["a", "b"]),
        (vec![field("name")], &["a", "b"]),
        (vec![field("name"), value("k")], &["a"]),
        (vec![field("phone"), value("k")], &["b"]),
        (vec![field("nothing")], &[]),
        (vec![Condition::Is("field", Value::Null)], &[]),
    ];
    for (filter, want) in cases {
        assert_eq!(
            matches(store, &PAYMENTS, with(filter.clone())).await,
            want,
            "{filter:?}"
        );
    }
    let both = Query::of(&PAYMENTS, 9)
        .and(with(vec![value("k")]))
        .and(with(vec![value("l")]))
        .and(Condition::Is("status", "PAID".into()));
    assert_eq!(
        ids(store, both).await,
        ["b"],
        "each condition finds its own row"
    );
}

pub(super) async fn scan_orders_and_breaks_ties_by_key(store: &dyn Store) {
    five(store).await;
    let all = Query::of(&PAYMENTS, 9).and(Condition::AtLeast("created_at", 0.into()));
    let ascending = ids(store, all.clone().by("created_at", ASCENDING)).await;
    assert_eq!(ascending, ["a", "b", "c", "d"]);
    let descending = ids(store, all.clone().by("created_at", DESCENDING)).await;
    assert_eq!(
        descending,
        ["d", "c", "b", "a"],
        "ties follow the first column's direction"
    );
    assert_eq!(
        ids(store, all).await,
        ["a", "b", "c", "d"],
        "no order: the key, ascending"
    );
}

pub(super) async fn order_with_a_key_column_first(store: &dyn Store) {
    five(store).await;
    let down = Query::of(&PAYMENTS, 9).by("payment_id", DESCENDING);
    assert_eq!(ids(store, down).await, ["e", "d", "c", "b", "a"]);
    let rows = [("p", 2), ("p", 10), ("o", 3)];
    insert(
        store,
        &EVENTS,
        rows.map(|(id, n)| event(id, n, "PAID")).to_vec(),
    )
    .await;
    let found = store.scan(Query::of(&EVENTS, 9)).await.unwrap();
    let order: Vec<_> = found.iter().map(|row| row.key[2].clone()).collect();
    assert_eq!(
        order,
        [3, 2, 10].map(Value::from),
        "integers in a key sort as integers"
    );
    let last = Query::of(&EVENTS, 1)
        .and(Condition::Is("subject_id", "p".into()))
        .by("sequence", DESCENDING);
    assert_eq!(store.scan(last).await.unwrap(), [event("p", 10, "PAID")]);
}

pub(super) async fn nulls_sort_first(store: &dyn Store) {
    five(store).await;
    let up = Query::of(&PAYMENTS, 9).by("created_at", ASCENDING);
    assert_eq!(ids(store, up).await, ["e", "a", "b", "c", "d"]);
    let down = Query::of(&PAYMENTS, 9).by("created_at", DESCENDING);
    assert_eq!(ids(store, down).await, ["d", "c", "b", "a", "e"]);
}

pub(super) async fn limit_and_offset_cut_pages(store: &dyn Store) {
    five(store).await;
    let page = |offset, limit| {
        let query = Query::of(&PAYMENTS, limit).by("created_at", ASCENDING);
        ids(store, Query { offset, ..query })
    };
    assert_eq!(page(0, 2).await, ["e", "a"]);
    assert_eq!(page(2, 2).await, ["b", "c"]);
    assert_eq!(page(4, 2).await, ["d"]);
    assert!(page(6, 2).await.is_empty());
    assert!(page(0, 0).await.is_empty());
    assert_eq!(page(1, u32::MAX).await.len(), 4);
}

pub(super) async fn order_over_several_columns(store: &dyn Store) {
    five(store).await;
    let query = Query::of(&PAYMENTS, 9)
        .by("status", DESCENDING)
        .by("created_at", ASCENDING);
    assert_eq!(
        ids(store, query).await,
        ["e", "a", "d", "c", "b"],
        "the key goes down as well"
    );
    let query = Query::of(&PAYMENTS, 9)
        .by("status", ASCENDING)
        .by("payment_id", DESCENDING);
    assert_eq!(ids(store, query).await, ["c", "b", "e", "d", "a"]);
}

pub(super) async fn count_stops_at_its_cap(store: &dyn Store) {
    five(store).await;
    let all = Query {
        offset: 3,
        ..Query::of(&PAYMENTS, 1).by("created_at", DESCENDING)
    };
    for (cap, want) in [(0, 0), (1, 1), (4, 4), (5, 5), (6, 5), (u32::MAX, 5)] {
        assert_eq!(
            store.count(all.clone(), cap).await.unwrap(),
            want,
            "cap {cap}"
        );
    }
    let paid = Query::of(&PAYMENTS, 0).and(Condition::Is("status", "PAID".into()));
    assert_eq!(store.count(paid, 60_000).await.unwrap(), 2);
}

pub(super) async fn queries_that_do_not_fit_are_errors(store: &dyn Store) {
    let nested = Condition::Exists {
        table: &PAYMENTS,
        on: &[],
        filter: vec![],
    };
    for condition in [
        Condition::Is("nothing", 1.into()),
        Condition::Is("created_at", "1".into()),
        Condition::In("status", vec!["PAID".into(), 1.into()]),
        Condition::Prefix("created_at", "1".to_owned()),
        Condition::Exists {
            table: &SETTINGS,
            on: &[],
            filter: vec![nested],
        },
        Condition::Exists {
            table: &SETTINGS,
            on: &[("created_at", "name")],
            filter: vec![],
        },
    ] {
        let query = Query::of(&PAYMENTS, 1).and(condition.clone());
        assert!(store.scan(query.clone()).await.is_err(), "{condition:?}");
        assert!(store.count(query, 1).await.is_err(), "{condition:?}");
    }
    assert!(
        store
            .scan(Query::of(&PAYMENTS, 1).by("nothing", ASCENDING))
            .await
            .is_err()
    );
    // With nothing to compare, any row of the other table will do.
    insert(store, &PAYMENTS, vec![payment("p", &[], "{}")]).await;
    let any = Condition::Exists {
        table: &SETTINGS,
        on: &[],
        filter: vec![],
    };
    assert!(matches(store, &PAYMENTS, any.clone()).await.is_empty());
    insert(store, &SETTINGS, vec![row(&SETTINGS, key(["n"]), &[], "1")]).await;
    assert_eq!(matches(store, &PAYMENTS, any).await, ["p"]);
}
