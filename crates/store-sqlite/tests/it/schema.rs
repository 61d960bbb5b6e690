//! The migrated schema is what the table descriptions say.

use naru_store::tables::ALL;
use naru_store::{Column, Kind, Store, Table};
use naru_store_sqlite::{OpenError, SqliteOptions, SqliteStore};
use rusqlite::Connection;
use tempfile::TempDir;

/// One column: name, type, NOT NULL, place in the key (0: none).
type Described = (String, String, bool, i64);

fn list<T>(
    connection: &Connection,
    query: &str,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    let mut statement = connection.prepare(query).unwrap();
    statement
        .query_map([], read)
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

fn described(table: &Table) -> Vec<Described> {
    let of = |column: &Column, not_null, place| {
        let kind = match column.kind {
            Kind::Text => "TEXT",
            Kind::Int => "INTEGER",
        };
        (column.name.to_owned(), kind.to_owned(), not_null, place)
    };
    let key = table
        .key
        .iter()
        .zip(1..)
        .map(|(column, place)| of(column, true, place));
    let version = ("version".to_owned(), "INTEGER".to_owned(), true, 0);
    let columns = table.columns.iter().map(|column| of(column, false, 0));
    let body = ("body".to_owned(), "TEXT".to_owned(), true, 0);
    key.chain([version]).chain(columns).chain([body]).collect()
}

fn found(connection: &Connection, table: &Table) -> Vec<Described> {
    list(
        connection,
        &format!("PRAGMA table_info({})", table.name),
        |row| Ok((row.get(1)?, row.get(2)?, row.get(3)?, row.get(5)?)),
    )
}

fn indexes(connection: &Connection, table: &Table) -> Vec<Vec<String>> {
    let made = format!(
        "SELECT name FROM pragma_index_list('{}') WHERE origin = 'c' ORDER BY name",
        table.name
    );
    let columns = |name: String| {
        let query = format!("SELECT name FROM pragma_index_info('{name}') ORDER BY seqno");
        list(connection, &query, |row| row.get(0))
    };
    list(connection, &made, |row| row.get(0))
        .into_iter()
        .map(columns)
        .collect()
}

#[tokio::test]
async fn schema_is_what_the_descriptions_say() {
    let directory = TempDir::new().unwrap();
    crate::open(directory.path()).close().await;
    let connection = Connection::open(directory.path().join("naru.db")).unwrap();
    for table in ALL {
        assert_eq!(
            found(&connection, table),
            described(table),
            "{}",
            table.name
        );
        let of = |index: &&[&str]| index.iter().map(|name| (*name).to_owned()).collect();
        let mut want: Vec<Vec<String>> = table.indexes.iter().map(of).collect();
        want.sort();
        let mut have = indexes(&connection, table);
        have.sort();
        assert_eq!(have, want, "indexes of {}", table.name);
    }
    let query = "SELECT name FROM sqlite_schema WHERE type = 'table' \
                 AND name NOT LIKE 'sqlite!_%' ESCAPE '!'";
    let mut have: Vec<String> = list(&connection, query, |row| row.get(0));
    have.sort();
    let internal = ["refinery_schema_history", "units"];
    let mut want: Vec<_> = ALL.iter().map(|table| table.name).chain(internal).collect();
    want.sort_unstable();
    assert_eq!(have, want);
    let strict = "SELECT count(*) FROM pragma_table_list WHERE strict AND schema = 'main'";
    let strict: i64 = connection.query_row(strict, [], |row| row.get(0)).unwrap();
    assert_eq!(
        strict,
        i64::try_from(ALL.len() + 1).unwrap(),
        "every table but the migrations' own is STRICT"
    );
}

#[tokio::test]
async fn migration_that_is_cut_off_leaves_nothing() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("naru.db");
    let connection = Connection::open(&path).unwrap();
    // The last step of a migration is its line in the history: as if the process died before it.
    let cut_off = "PRAGMA application_id = 0x4E415255;
        CREATE TABLE refinery_schema_history
            (version INTEGER PRIMARY KEY, name TEXT, applied_on TEXT, checksum TEXT);
        CREATE TRIGGER cut_off BEFORE INSERT ON refinery_schema_history
            BEGIN SELECT RAISE(ABORT, 'cut off'); END;";
    connection.execute_batch(cut_off).unwrap();
    drop(connection);
    let opened = SqliteStore::open(&path, SqliteOptions::default());
    assert!(matches!(opened, Err(OpenError::Migration(_))));
    let connection = Connection::open(&path).unwrap();
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'payments'";
    let tables: i64 = connection.query_row(tables, [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 0);
    connection.execute_batch("DROP TRIGGER cut_off").unwrap();
    drop(connection);
    crate::open(directory.path()).close().await;
}

#[tokio::test]
async fn words_of_one_payment_are_found_without_reading_those_of_others() {
    let directory = TempDir::new().unwrap();
    crate::open(directory.path()).close().await;
    let connection = Connection::open(directory.path().join("naru.db")).unwrap();
    let plan = "EXPLAIN QUERY PLAN SELECT * FROM search AS t \
                WHERE t.store_id = 's' AND t.subject = 'p' AND t.subject_id = 'i'";
    let steps: Vec<String> = list(&connection, plan, |row| row.get(3));
    assert_eq!(
        steps,
        ["SEARCH t USING PRIMARY KEY (store_id=? AND subject=? AND subject_id=?)"]
    );
}
