//! The migrated schema is the one that `naru_store::tables` describes, and every statement that
//! is made from the descriptions can be prepared on it.

use std::collections::BTreeSet;

use naru_store::{Column, Condition, Direction, Kind, Query, Store, Table, Value, tables};
use naru_store_postgres::PostgresStore;
use naru_store_postgres::test_support::{connect, fresh_database};

/// Not described, and not anybody's business but this backend's.
const INTERNAL: [&str; 3] = ["units", "naru_migration_lock", "refinery_schema_history"];

fn described(table: &Table) -> Vec<(String, String, String, String)> {
    let line = |column: &Column, nullable: &str| {
        let (kind, collation) = match column.kind {
            Kind::Text => ("text", "C"),
            Kind::Int => ("bigint", ""),
        };
        (
            column.name.to_owned(),
            kind.to_owned(),
            nullable.to_owned(),
            collation.to_owned(),
        )
    };
    let plain = |name: &str, kind: &str| {
        (
            name.to_owned(),
            kind.to_owned(),
            "NO".to_owned(),
            String::new(),
        )
    };
    let mut lines: Vec<_> = table.key.iter().map(|column| line(column, "NO")).collect();
    lines.push(plain("version", "bigint"));
    lines.extend(table.columns.iter().map(|column| line(column, "YES")));
    lines.push(plain("body", "text"));
    lines
}

#[tokio::test]
async fn schema_is_as_described() {
    let database = fresh_database().await;
    let client = connect(&database.url).await;
    let listed = "SELECT table_name::text FROM information_schema.tables \
                  WHERE table_schema = 'public'";
    let found: BTreeSet<String> = client
        .query(listed, &[])
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    let want = tables::ALL.iter().map(|table| table.name).chain(INTERNAL);
    assert_eq!(found, want.map(str::to_owned).collect());

    let columns = "SELECT column_name::text, data_type::text, is_nullable::text, \
                   coalesce(collation_name, '')::text FROM information_schema.columns \
                   WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position";
    for table in tables::ALL {
        let rows = client.query(columns, &[&table.name]).await.unwrap();
        let found: Vec<(String, String, String, String)> = rows
            .iter()
            .map(|row| (row.get(0), row.get(1), row.get(2), row.get(3)))
            .collect();
        assert_eq!(found, described(table), "columns of `{}`", table.name);
    }
}

#[tokio::test]
async fn indexes_are_as_described() {
    let database = fresh_database().await;
    let client = connect(&database.url).await;
    let sql = "SELECT i.indisprimary, array_agg(a.attname::text ORDER BY k.n), \
               array_agg((i.indoption[k.n - 1] & 2) <> 0 ORDER BY k.n) \
               FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid \
               CROSS JOIN LATERAL unnest(i.indkey::int[]) WITH ORDINALITY AS k(column_number, n) \
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.column_number \
               WHERE c.relname = $1 AND c.relnamespace = 'public'::regnamespace \
               GROUP BY i.indexrelid, i.indisprimary";
    for table in tables::ALL {
        let key: Vec<&str> = table.key.iter().map(|column| column.name).collect();
        let nulls_first = |names: &[&str]| -> Vec<bool> {
            names.iter().map(|name| !key.contains(name)).collect()
        };
        let mut want: Vec<(bool, Vec<String>, Vec<bool>)> = table
            .indexes
            .iter()
            .map(|names| {
                (
                    false,
                    names.iter().map(|n| (*n).to_owned()).collect(),
                    nulls_first(names),
                )
            })
            .collect();
        let keyed = key.iter().map(|name| (*name).to_owned()).collect();
        want.push((true, keyed, vec![false; key.len()]));
        let rows = client.query(sql, &[&table.name]).await.unwrap();
        let mut found: Vec<(bool, Vec<String>, Vec<bool>)> = rows
            .iter()
            .map(|row| (row.get(0), row.get(1), row.get(2)))
            .collect();
        want.sort();
        found.sort();
        assert_eq!(found, want, "indexes of `{}`", table.name);
    }
}

fn sample(column: &Column) -> Value {
    match column.kind {
        Kind::Text => "x".into(),
        Kind::Int => 1.into(),
    }
}

fn every_condition(table: &'static Table) -> Vec<Condition> {
    let mut all = Vec::new();
    for column in table.key.iter().chain(table.columns) {
        let value = sample(column);
        all.extend([
            Condition::Is(column.name, value.clone()),
            Condition::In(column.name, vec![value.clone(), value.clone()]),
            Condition::AtLeast(column.name, value.clone()),
            Condition::AtMost(column.name, value.clone()),
            Condition::Below(column.name, value.clone()),
            Condition::Above(column.name, value),
        ]);
        if column.kind == Kind::Text {
            all.push(Condition::Prefix(column.name, "x".to_owned()));
        }
    }
    all
}

#[tokio::test]
async fn every_column_can_be_filtered_and_sorted_by() {
    let database = fresh_database().await;
    let store = PostgresStore::open(&database.url, database.options())
        .await
        .unwrap();
    for table in tables::ALL {
        let mut query = Query::of(table, 3);
        query.filter = every_condition(table);
        query.order = table
            .columns
            .iter()
            .chain(table.key)
            .zip(
                [Direction::Descending, Direction::Ascending]
                    .into_iter()
                    .cycle(),
            )
            .map(|(column, direction)| (column.name, direction))
            .collect();
        assert!(
            store.scan(query.clone()).await.unwrap().is_empty(),
            "{}",
            table.name
        );
        assert_eq!(store.count(query, 3).await.unwrap(), 0, "{}", table.name);
    }
}
