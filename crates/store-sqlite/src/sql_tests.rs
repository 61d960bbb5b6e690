//! Every statement the generator can make is prepared against the migrated schema, and the ones
//! that must be quick are looked up in the planner's own words.

use naru_store::tables::{JOBS, PAYMENTS};
use naru_store::{Condition, Direction, Kind, Query, Table};
use rusqlite::Connection;

use super::*;

fn migrated() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    crate::schema::prepare(&mut connection).unwrap();
    connection
}

fn prepare(connection: &Connection, statement: &Statement) {
    let prepared = connection.prepare(&statement.text).unwrap();
    assert_eq!(
        prepared.parameter_count(),
        statement.values.len(),
        "{}",
        statement.text
    );
}

fn conditions(table: &'static Table) -> Vec<Condition> {
    let each = |column: &'static Column| {
        let (name, value) = match column.kind {
            Kind::Text => (column.name, Value::from("a")),
            Kind::Int => (column.name, Value::from(1)),
        };
        let mut all = vec![
            Condition::Is(name, value.clone()),
            Condition::In(name, vec![value.clone(); 3]),
            Condition::AtLeast(name, value.clone()),
            Condition::AtMost(name, value.clone()),
            Condition::Below(name, value.clone()),
            Condition::Above(name, value),
        ];
        if column.kind == Kind::Text {
            all.push(Condition::Prefix(name, "a".to_owned()));
            all.push(Condition::Prefix(name, String::new()));
        }
        all
    };
    table
        .key
        .iter()
        .chain(table.columns)
        .flat_map(each)
        .collect()
}

#[test]
fn every_statement_of_every_table_prepares() {
    let connection = migrated();
    for table in ALL {
        let fixed = of(table).unwrap();
        let of_table = [&fixed.select, &fixed.get, &fixed.insert, &fixed.upsert];
        for text in of_table
            .into_iter()
            .chain([&fixed.update, &fixed.delete, &fixed.expect])
        {
            connection.prepare(text).unwrap();
        }
        connection.prepare(&fixed.delete_version).unwrap();
        let mut all = conditions(table);
        all.push(Condition::Exists {
            table: &PAYMENTS,
            on: &[],
            filter: vec![],
        });
        all.push(Condition::Exists {
            table: &PAYMENTS,
            on: &[],
            filter: conditions(&PAYMENTS),
        });
        let columns = table.key.iter().chain(table.columns);
        let query = columns.fold(Query::of(table, 1), |query, column| {
            query.by(column.name, Direction::Descending)
        });
        for some in [&all[..], &all[..1], &[]] {
            prepare(&connection, &scan(&fixed.select, &query, some));
            prepare(&connection, &count(table, some, 9));
            prepare(&connection, &delete_where(table, some));
        }
    }
    for text in [LEASE, REMEMBER, KNOWN, FORGET] {
        connection.prepare(text).unwrap();
    }
}

fn plan(connection: &Connection, statement: &Statement) -> String {
    let mut explain = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {}", statement.text))
        .unwrap();
    let steps = explain
        .query_map(crate::cells::bound(&statement.values), |row| {
            row.get::<_, String>(3)
        })
        .unwrap();
    steps.map(Result::unwrap).collect::<Vec<_>>().join("; ")
}

#[test]
fn claims_walk_an_index_and_sort_nothing() {
    let connection = migrated();
    let select = &of(&JOBS).unwrap().select;
    for (text, index) in [
        (
            due(select),
            "jobs__queue__due_at__job_id (queue=? AND due_at<?)",
        ),
        (
            due_in_lane(select),
            "jobs__queue__lane__due_at__job_id (queue=? AND lane=? AND due_at<?)",
        ),
        (
            FIRST_LANE.to_owned(),
            "jobs__queue__lane__due_at__job_id (queue=? AND lane>?)",
        ),
        (
            NEXT_LANE.to_owned(),
            "jobs__queue__lane__due_at__job_id (queue=? AND lane>?)",
        ),
    ] {
        let mut statement = Statement::new(text);
        let values = statement.text.matches('?').count();
        statement.values = vec![Value::from("a"); values];
        let plan = plan(&connection, &statement);
        assert!(plan.contains(index), "{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "nothing is sorted: {plan}");
    }
}

#[test]
fn first_pages_walk_an_index_and_sort_ties_only() {
    let connection = migrated();
    connection
        .execute_batch(
            "WITH RECURSIVE n (value) AS
                 (VALUES (1) UNION ALL SELECT value + 1 FROM n WHERE value < 3000)
             INSERT INTO payments
                 (store_id, payment_id, version, created_at, status_changed_at, status, body)
             SELECT 's', value, 1, value, value, 'S' || (value % 5), '{}'
             FROM n;",
        )
        .unwrap();
    crate::database::optimize(&connection).unwrap();
    let select = &of(&PAYMENTS).unwrap().select;
    let status = Condition::Is("status", "PAID".into());
    let cases: [(&str, Vec<Condition>, &str); 3] = [
        ("created_at", vec![], "payments__store_id__created_at"),
        (
            "status_changed_at",
            vec![],
            "payments__store_id__status_changed_at",
        ),
        (
            "status_changed_at",
            vec![status],
            "payments__store_id__status__status_changed_at",
        ),
    ];
    for (by, mut conditions, index) in cases {
        conditions.push(Condition::Is("store_id", "s".into()));
        conditions.push(Condition::AtLeast(by, 1.into()));
        conditions.push(Condition::Below(by, 9.into()));
        for direction in [Direction::Ascending, Direction::Descending] {
            let query = Query::of(&PAYMENTS, 10).by(by, direction);
            let plan = plan(&connection, &scan(select, &query, &conditions));
            assert!(plan.contains(index), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "nothing is sorted: {plan}");
        }
    }
    let waiting = scan(
        select,
        &Query::of(&PAYMENTS, 9),
        &[Condition::Is("needs_index", 1.into())],
    );
    let plan = plan(&connection, &waiting);
    assert!(plan.contains("payments__needs_index"), "{plan}");
}

#[test]
fn lists_are_padded_to_a_power_of_two() {
    let list = |n: i64| Condition::In("is_test", (0..n).map(Value::from).collect());
    let five = count(&PAYMENTS, &[list(5)], 1);
    let eight = count(&PAYMENTS, &[list(8)], 1);
    assert_eq!(five.text, eight.text);
    assert_eq!(five.values[4..8], vec![Value::from(4); 4]);
}

/// Twenty thousand payments of one store with what is derived from them.
fn filled() -> Connection {
    let connection = migrated();
    let n = "WITH RECURSIVE n (value) AS
        (VALUES (1) UNION ALL SELECT value + 1 FROM n WHERE value < 20000)";
    let fill = format!(
        "{n} INSERT INTO payments
             (store_id, payment_id, version, created_at, status_changed_at, status, method, body)
             SELECT 's', 'p' || value, 1, value, value, 'PAID', 'CARD', '{{}}' FROM n;
         {n} INSERT INTO payment_facts
             (store_id, payment_id, version, position, profile, created_at, status_changed_at,
              amount, body)
             SELECT 's', 'p' || value, 1, value, 'f' || (value % 20), value, value, 1, '{{}}'
             FROM n;
         {n} INSERT INTO ledger
             (store_id, position, version, merchant_id, recorded_at, money_at, currency, body)
             SELECT 's', value, 1, 'm', value, value, 'KRW', '{{}}' FROM n;
         {n} INSERT INTO search (store_id, subject, subject_id, field, value, version, body)
             SELECT 's', 'payment', 'p' || value, 'ORDER_NAME', 'n' || value, 1, '{{}}' FROM n;
         {n} INSERT INTO webhooks
             (store_id, webhook_id, version, subject_id, triggered_at, status, body)
             SELECT 's', 'w' || value, 1, 'p' || value, value, 'SUCCEEDED', '{{}}' FROM n;
         {n} INSERT INTO billing_keys (store_id, billing_key, version, requested_at, body)
             SELECT 's', 'saving-' || value, 1, value, '{{}}' FROM n;"
    );
    connection.execute_batch(&fill).unwrap();
    crate::database::optimize(&connection).unwrap();
    connection
}

fn of_store(table: &'static Table) -> Query {
    Query::of(table, 10).and(Condition::Is("store_id", "s".into()))
}

/// What lists, cursors and charts ask, each with the index that must serve it.
#[test]
fn what_lists_cursors_and_charts_ask_is_served_by_an_index() {
    use naru_store::tables::{LEDGER, PAYMENT_FACTS, PAYMENTS, SEARCH, WEBHOOKS};

    let connection = filled();
    let window = |query: Query, column: &'static str| {
        query
            .and(Condition::AtLeast(column, 1.into()))
            .and(Condition::AtMost(column, 19_000.into()))
    };
    let up = Direction::Ascending;
    let ids = (0..900).map(|n| Value::from(format!("p{n}"))).collect();
    let profile = Condition::In("profile", vec!["f1".into(), "f2".into()]);
    let cases = [
        (
            of_store(&PAYMENTS).and(Condition::In("payment_id", ids)),
            "sqlite_autoindex_payments_1 (store_id=? AND payment_id=?)",
        ),
        (
            of_store(&PAYMENT_FACTS)
                .and(profile)
                .by("profile", up)
                .by("created_at", up),
            "payment_facts__store_id__profile__created_at__payment_id (store_id=? AND profile=?)",
        ),
        (
            window(window(of_store(&PAYMENT_FACTS), "position"), "created_at").by("position", up),
            "payment_facts__store_id__position (store_id=? AND position>? AND position<?)",
        ),
        (
            window(of_store(&PAYMENT_FACTS), "cash_receipt_issued_at")
                .by("cash_receipt_issued_at", up),
            "payment_facts__store_id__cash_receipt_issued_at",
        ),
        (
            window(of_store(&LEDGER), "position").by("position", up),
            "PRIMARY KEY (store_id=? AND position>? AND position<?)",
        ),
        (
            window(
                of_store(&LEDGER).and(Condition::Is("currency", "KRW".into())),
                "money_at",
            )
            .by("money_at", up)
            .by("position", up),
            "ledger__store_id__currency__money_at__position \
             (store_id=? AND currency=? AND money_at>? AND money_at<?)",
        ),
        (
            of_store(&SEARCH)
                .and(Condition::Is("subject", "payment".into()))
                .and(Condition::Is("field", "ORDER_NAME".into()))
                .and(Condition::Prefix("value", "n1".to_owned()))
                .by("value", up),
            "search__store_id__subject__field__value \
             (store_id=? AND subject=? AND field=? AND value>? AND value<?)",
        ),
        (
            of_store(&WEBHOOKS)
                .and(Condition::Is("status", "SUCCEEDED".into()))
                .by("triggered_at", up),
            "webhooks__store_id__status__triggered_at (store_id=? AND status=?)",
        ),
    ];
    for (query, index) in cases {
        let select = &of(query.table).unwrap().select;
        let plan = plan(&connection, &scan(select, &query, &query.filter));
        assert!(plan.contains(index), "{index}: {plan}");
        assert!(!plan.contains("SCAN"), "{plan}");
    }
}

/// Issues of one `merchant_uid` are neighbours.
#[test]
fn keys_with_a_common_beginning_are_read_by_the_key() {
    use naru_store::tables::BILLING_KEYS;

    let connection = filled();
    let query = of_store(&BILLING_KEYS)
        .and(Condition::Prefix("billing_key", "saving-1".to_owned()))
        .by("billing_key", Direction::Descending);
    let select = &of(query.table).unwrap().select;
    let plan = plan(&connection, &scan(select, &query, &query.filter));
    let index = "sqlite_autoindex_billing_keys_1 \
                 (store_id=? AND billing_key>? AND billing_key<?)";
    assert!(plan.contains(index), "{plan}");
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
}

#[test]
fn counts_of_a_profile_read_the_index_alone() {
    use naru_store::tables::PAYMENT_FACTS;

    let connection = filled();
    let counted = of_store(&PAYMENT_FACTS)
        .and(Condition::In("profile", vec!["f1".into(), "f2".into()]))
        .and(Condition::AtLeast("status_changed_at", 1.into()))
        .and(Condition::AtMost("status_changed_at", 19_000.into()));
    let plan = plan(&connection, &count(&PAYMENT_FACTS, &counted.filter, 60_000));
    let index = "COVERING INDEX payment_facts__store_id__profile__status_changed_at__payment_id";
    assert!(plan.contains(index), "{plan}");
}
