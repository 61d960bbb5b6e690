//! Every statement the generator can make is prepared against the migrated schema, and the ones
//! that must be quick are looked up in the planner's own words.

use naru_domain::Timestamp;
use naru_store::tables::PAYMENTS;
use naru_store::{Claim, Condition, Direction, Kind, Query, Table};
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
        for text in of_table.into_iter().chain([&fixed.update, &fixed.delete]) {
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

fn claim(busy: &[&str]) -> Claim {
    let at = Timestamp::from_micros(1);
    let busy = busy.iter().map(|lane| (*lane).to_owned()).collect();
    Claim {
        queue: "mail",
        due: at,
        now: at,
        until: at,
        limit: 5,
        busy,
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
fn claims_walk_the_index_of_their_queue() {
    let connection = migrated();
    let select = &of(&JOBS).unwrap().select;
    for claim in [claim(&[]), claim(&["a"]), claim(&["a", "b", "c"])] {
        let statement = claimable(select, &claim);
        prepare(&connection, &statement);
        let plan = plan(&connection, &statement);
        assert!(
            plan.contains("jobs__queue__due_at (queue=? AND due_at<?)"),
            "{plan}"
        );
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
