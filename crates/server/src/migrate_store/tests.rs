//! Stores with random rows in every table, moved to a PostgreSQL of the test's own.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use naru_store::{Column, Commit, Kind as ColumnKind, Query, Row, Store, Table, Value, Write};
use naru_store::{rows_after, tables};
use naru_store_postgres::test_support::{TestDatabase, connect, empty_database, fresh_database};
use naru_store_postgres::{PostgresStore, Transfer, TransferError};
use naru_store_sqlite::{SqliteOptions, SqliteStore};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use uuid::Uuid;

use super::compare::{Compared, compare_table};
use super::mark::{self, Mark, State};
use super::report::{Difference, Kind, Report};
use super::{copy, fill, leave, look, refuse_moved, verify};

/// Texts that databases like to treat in ways of their own.
const TEXTS: [&str; 12] = [
    "",
    "a",
    "A",
    "ab",
    " a",
    "가",
    "가나",
    "\u{10FFFF}",
    "\u{E9}",
    "e\u{301}",
    "%\\_'\"",
    "\t\r\n\u{1}",
];
const INTS: [i64; 6] = [i64::MIN, -1, 0, 1, 1_700_000_000_000_000, i64::MAX];

/// A SQLite store of the test's own.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn store(&self) -> Arc<dyn Store> {
        let path = self.path().join("naru.db");
        SqliteStore::open(&path, SqliteOptions::default()).unwrap()
    }
}

fn value(dice: &mut StdRng, column: &Column, can_be_null: bool) -> Value {
    if can_be_null && dice.random_ratio(1, 4) {
        return Value::Null;
    }
    match column.kind {
        ColumnKind::Int if dice.random() => INTS[dice.random_range(0..INTS.len())].into(),
        ColumnKind::Int => dice.random::<i64>().into(),
        ColumnKind::Text => {
            let text = TEXTS[dice.random_range(0..TEXTS.len())];
            format!("{text}{}", dice.random_range(0..1_000)).into()
        }
    }
}

/// The columns of the journal and of the audit log are what a row of theirs needs: the databases
/// refuse others.
fn column(dice: &mut StdRng, table: &Table, column: &Column) -> Value {
    match (table.name, column.name) {
        ("journal", "amount") => dice.random_range(1..=i64::MAX).into(),
        ("journal", "debit") => "bank".into(),
        ("acts", "store_id") => value(dice, column, true),
        ("journal" | "acts", _) => value(dice, column, false),
        _ => value(dice, column, true),
    }
}

fn random_row(dice: &mut StdRng, table: &Table) -> Row {
    Row {
        key: table
            .key
            .iter()
            .map(|key| value(dice, key, false))
            .collect(),
        version: 1,
        columns: table
            .columns
            .iter()
            .map(|one| column(dice, table, one))
            .collect(),
        body: format!(
            "{{\"b\": \"{}\"}}",
            "나루".repeat(dice.random_range(0..200))
        ),
    }
}

async fn commit(store: &dyn Store, writes: Vec<Write>) {
    let id = Uuid::now_v7();
    store.commit(Commit { id, writes }).await.unwrap();
}

/// Up to so many rows in every table, some of them written more than once.
async fn fill_at_random(store: &dyn Store, seed: u64, rows_max: usize) {
    let mut dice = StdRng::seed_from_u64(seed);
    for table in tables::ALL.iter().copied() {
        let mut writes = Vec::new();
        let mut keys = BTreeSet::new();
        for _ in 0..=dice.random_range(0..rows_max) {
            let row = random_row(&mut dice, table);
            let times = dice.random_range(1..4);
            if !tables::ADDED_TO.contains(&table) {
                writes.extend((0..times).map(|_| Write::Upsert(table, row.clone())));
            } else if keys.insert(row.key.clone()) {
                writes.push(Write::Insert(table, row));
            }
        }
        commit(store, writes).await;
    }
}

async fn transfer(database: &TestDatabase) -> Transfer {
    Transfer::connect(&database.url, true).await.unwrap()
}

async fn all_rows(store: &dyn Store) -> Vec<(&'static str, Row)> {
    let mut all = Vec::new();
    for table in tables::ALL.iter().copied() {
        let rows = store.scan(Query::of(table, u32::MAX)).await.unwrap();
        let rows = rows.into_iter().filter(|row| !mark::is_own(table, row));
        all.extend(rows.map(|row| (table.name, row)));
    }
    all
}

async fn postgres(database: &TestDatabase) -> Arc<dyn Store> {
    PostgresStore::open(&database.url, database.options())
        .await
        .unwrap()
}

/// A store with some rows in each table, and its copy.
async fn moved(files: &Files, database: &TestDatabase) -> Arc<dyn Store> {
    let store = files.store();
    fill_at_random(store.as_ref(), 7, 3).await;
    let report = fill(store.as_ref(), transfer(database).await)
        .await
        .unwrap();
    assert_eq!(report.difference_count, 0, "{report:?}");
    store
}

async fn verified(store: &dyn Store, database: &TestDatabase) -> Report {
    verify(store, transfer(database).await).await.unwrap()
}

async fn execute(database: &TestDatabase, sql: &str) -> u64 {
    connect(&database.url)
        .await
        .execute(sql, &[])
        .await
        .unwrap()
}

/// Takes away what keeps the journal and the audit log as they were written: to see what is found
/// without it.
async fn unguard(database: &TestDatabase) {
    let guards = "ALTER TABLE journal DISABLE TRIGGER USER;
        ALTER TABLE journal DROP CONSTRAINT journal__whole;
        ALTER TABLE acts DISABLE TRIGGER USER;
        ALTER TABLE acts DROP CONSTRAINT acts__first";
    let client = connect(&database.url).await;
    client.batch_execute(guards).await.unwrap();
}

fn state(found: Option<Mark>) -> Option<State> {
    found.map(|mark| mark.state)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_of_every_table_arrives_as_it_is() {
    for seed in 0..6 {
        let (files, database) = (Files::new(), fresh_database().await);
        let store = files.store();
        // More than a page, sometimes.
        fill_at_random(store.as_ref(), seed, if seed == 0 { 500 } else { 20 }).await;
        let before = all_rows(store.as_ref()).await;
        let report = fill(store.as_ref(), transfer(&database).await)
            .await
            .unwrap();
        assert_eq!(report.difference_count, 0, "seed {seed}: {report:?}");
        assert_eq!(report.rows, before.len() as u64);
        assert!(
            report.tables.iter().all(|table| table.rows > 0),
            "{report:?}"
        );
        let target = postgres(&database).await;
        assert_eq!(all_rows(target.as_ref()).await, before, "seed {seed}");
        assert_eq!(mark::of(target.as_ref()).await.unwrap(), None);
        assert_eq!(
            state(mark::of(store.as_ref()).await.unwrap()),
            Some(State::Left)
        );
        target.close().await;
        assert_eq!(
            verified(store.as_ref(), &database).await.difference_count,
            0
        );
    }
}

/// What comparing one table comes to.
async fn compared(store: &dyn Store, database: &TestDatabase, table: &'static Table) -> Compared {
    let mut transfer = transfer(database).await;
    transfer.begin_reading().await.unwrap();
    let mut found = Compared::default();
    let sides = (store, &mut transfer);
    let compared = compare_table(sides, table, &mut found, &mut |_| {}).await;
    compared.unwrap();
    found
}

/// The columns of a table as SQL sees them, and an expression that is another value.
fn cells(table: &'static Table) -> Vec<(&'static str, &'static str)> {
    let mut cells = vec![("version", "\"version\" + 1"), ("body", "\"body\" || ' '")];
    for column in table.columns {
        cells.push(match column.kind {
            ColumnKind::Text => (column.name, "'another'"),
            ColumnKind::Int => (column.name, "12345"),
        });
    }
    cells
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_difference_in_any_column_is_found_and_named() {
    let (files, database) = (Files::new(), fresh_database().await);
    let store = moved(&files, &database).await;
    unguard(&database).await;
    let client = connect(&database.url).await;
    for table in tables::ALL.iter().copied() {
        let rows = rows_after(store.as_ref(), table, None, 1_000)
            .await
            .unwrap();
        let rows = rows.iter().filter(|row| !mark::is_own(table, row)).count() as u64;
        for (column, other) in cells(table) {
            let (name, column_name) = (table.name, column);
            let kept = format!("CREATE TEMP TABLE kept AS SELECT * FROM \"{name}\"");
            client.batch_execute(&kept).await.unwrap();
            let broken = format!("UPDATE \"{name}\" SET \"{column_name}\" = {other}");
            assert_eq!(client.execute(&broken, &[]).await.unwrap(), rows);
            let found = compared(store.as_ref(), &database, table).await;
            assert_eq!(found.count, rows, "{name}.{column}");
            let first = &found.named[0];
            assert_eq!(first.kind, Kind::Differs(vec![column]), "{name}");
            assert!(first.row.contains(name), "{first:?}");
            let back = format!(
                "TRUNCATE \"{name}\"; INSERT INTO \"{name}\" SELECT * FROM kept; DROP TABLE kept"
            );
            client.batch_execute(&back).await.unwrap();
        }
    }
    assert_eq!(
        verified(store.as_ref(), &database).await.difference_count,
        0
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_and_extra_rows_are_found_at_every_place() {
    let (files, database) = (Files::new(), fresh_database().await);
    let store = files.store();
    fill_at_random(store.as_ref(), 3, 40).await;
    let filled = fill(store.as_ref(), transfer(&database).await).await;
    assert_eq!(filled.unwrap().difference_count, 0);
    let client = connect(&database.url).await;
    for (place, kind) in [("min", Kind::Missing), ("max", Kind::Missing)] {
        let gone =
            format!("DELETE FROM stores WHERE store_id = (SELECT {place}(store_id) FROM stores)");
        assert_eq!(execute(&database, &gone).await, 1);
        let report = verified(store.as_ref(), &database).await;
        let last = report.differences.last().unwrap();
        assert_eq!((&last.kind, last.row.contains("`stores` ")), (&kind, true));
    }
    assert_eq!(
        verified(store.as_ref(), &database).await.difference_count,
        2
    );
    // Before the first of a table, and behind its last.
    for key in ["", "\u{10FFFF}\u{10FFFF}"] {
        let row = "INSERT INTO jobs (job_id, version, body) VALUES ($1, 1, '{}')";
        client.execute(row, &[&key]).await.unwrap();
    }
    let report = verified(store.as_ref(), &database).await;
    assert_eq!(report.difference_count, 4, "{report:?}");
    let extra = report
        .differences
        .iter()
        .filter(|one| one.kind == Kind::Extra);
    assert_eq!(extra.count(), 2, "{report:?}");
    assert!(execute(&database, "DELETE FROM payments").await > 0);
    let report = verified(store.as_ref(), &database).await;
    assert!(
        report
            .differences
            .iter()
            .any(|one| one.row.contains("`payments`"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_than_twenty_differences_are_named() {
    let (files, database) = (Files::new(), fresh_database().await);
    let store = files.store();
    fill_at_random(store.as_ref(), 3, 40).await;
    fill(store.as_ref(), transfer(&database).await)
        .await
        .unwrap();
    let gone = execute(&database, "DELETE FROM search").await
        + execute(&database, "DELETE FROM events").await
        + execute(&database, "DELETE FROM jobs").await;
    assert!(gone > 20, "{gone}");
    let report = verified(store.as_ref(), &database).await;
    assert_eq!(
        (report.difference_count, report.differences.len()),
        (gone, 20)
    );
}

#[test]
fn what_people_wrote_is_not_shown() {
    let row = Row {
        key: ["s", "p", "order-1", "CUSTOMER_NAME", "Hong Gildong"]
            .map(Value::from)
            .to_vec(),
        version: 1,
        columns: Vec::new(),
        body: "{}".to_owned(),
    };
    let shown = super::report::key_text(&tables::SEARCH, &row);
    assert_eq!(shown, "`search` s p order-1 CUSTOMER_NAME …");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_with_rows_is_refused_and_left_alone() {
    let (files, database) = (Files::new(), fresh_database().await);
    let store = moved(&files, &database).await;
    let again = fill(store.as_ref(), transfer(&database).await).await;
    assert!(again.unwrap_err().to_string().contains("has rows already"));
    // A single row of any table is enough.
    let (others, database) = (Files::new(), fresh_database().await);
    let source = others.store();
    let target = postgres(&database).await;
    unguard(&database).await;
    for table in tables::ALL.iter().copied() {
        let row = random_row(&mut StdRng::seed_from_u64(1), table);
        commit(target.as_ref(), vec![Write::Insert(table, row)]).await;
        let before = all_rows(target.as_ref()).await;
        let transfer = transfer(&database).await;
        let filled = transfer.filled_tables(mark::NAME).await.unwrap();
        assert_eq!(filled, [table.name]);
        let refused = fill(source.as_ref(), transfer).await.unwrap_err();
        assert!(refused.to_string().contains(table.name), "{refused}");
        assert_eq!(all_rows(target.as_ref()).await, before);
        assert_eq!(mark::of(target.as_ref()).await.unwrap(), None);
        assert_eq!(mark::of(source.as_ref()).await.unwrap(), None);
        execute(&database, &format!("DELETE FROM \"{}\"", table.name)).await;
    }
    target.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_dies_on_the_way_leaves_a_marked_database_and_may_begin_again() {
    let (files, database) = (Files::new(), fresh_database().await);
    let store = files.store();
    fill_at_random(store.as_ref(), 5, 10).await;
    let at = store.now().await.unwrap();
    let mark = Mark {
        state: State::Filling,
        at,
    }
    .to_row()
    .unwrap();
    let mut dying = transfer(&database).await;
    dying.begin(&mark).await.unwrap();
    copy::copy(store.as_ref(), &dying, |_| {}).await.unwrap();
    // Beside it, and after it.
    let target = postgres(&database).await;
    for _ in 0..2 {
        let refused = mark::refuse(&target).await.unwrap_err().to_string();
        assert!(refused.contains("is being filled"), "{refused}");
        assert_eq!(all_rows(target.as_ref()).await, []);
        let unfinished = verify(store.as_ref(), transfer(&database).await).await;
        assert!(unfinished.unwrap_err().to_string().contains("not finished"));
    }
    drop(dying);
    let refused = mark::refuse(&target).await.unwrap_err().to_string();
    assert!(refused.contains("was interrupted"), "{refused}");
    assert_eq!(all_rows(target.as_ref()).await, []);
    let report = fill(store.as_ref(), transfer(&database).await)
        .await
        .unwrap();
    assert_eq!(report.difference_count, 0);
    assert_eq!(
        all_rows(target.as_ref()).await,
        all_rows(store.as_ref()).await
    );
    mark::refuse(&target).await.unwrap();
    target.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_writes_to_a_database_that_is_filled() {
    let database = fresh_database().await;
    let (files, target) = (Files::new(), postgres(&database).await);
    let at = files.store().now().await.unwrap();
    let mark = Mark {
        state: State::Filling,
        at,
    }
    .to_row()
    .unwrap();
    let mut first = transfer(&database).await;
    first.begin(&mark).await.unwrap();
    let client = connect(&database.url).await;
    client
        .batch_execute("SET lock_timeout = '50ms'")
        .await
        .unwrap();
    for table in tables::ALL {
        let statement = format!("DELETE FROM \"{}\"", table.name);
        let refused = client.batch_execute(&statement).await.unwrap_err();
        assert!(
            refused
                .as_db_error()
                .unwrap()
                .message()
                .contains("lock timeout")
        );
    }
    let mut second = transfer(&database).await;
    let refused = second.begin(&mark).await.unwrap_err();
    assert!(matches!(refused, TransferError::Failed(_)), "{refused}");
    target.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_differs_after_copying_is_not_moved() {
    let (files, database) = (Files::new(), fresh_database().await);
    let store = files.store();
    fill_at_random(store.as_ref(), 9, 3).await;
    // A database that changes what it is given.
    let change = "CREATE FUNCTION changed() RETURNS trigger LANGUAGE plpgsql AS \
        $$ BEGIN NEW.body := NEW.body || ' '; RETURN NEW; END $$; \
        CREATE TRIGGER changed BEFORE INSERT ON webhooks FOR EACH ROW EXECUTE FUNCTION changed()";
    connect(&database.url)
        .await
        .batch_execute(change)
        .await
        .unwrap();
    let report = fill(store.as_ref(), transfer(&database).await)
        .await
        .unwrap();
    assert!(report.difference_count > 0);
    let is_body = |one: &Difference| {
        one.row.starts_with("`webhooks` ") && one.kind == Kind::Differs(vec!["body"])
    };
    assert!(report.differences.iter().all(is_body), "{report:?}");
    let target = postgres(&database).await;
    assert_eq!(all_rows(target.as_ref()).await, []);
    assert!(mark::refuse(&target).await.is_err());
    assert_eq!(mark::of(store.as_ref()).await.unwrap(), None);
    mark::refuse(&store).await.unwrap();
    target.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_no_store_of_naru_holds_is_named() {
    let (files, database) = (Files::new(), fresh_database().await);
    let store = files.store();
    let row = Row {
        key: vec!["store-1".into()],
        version: 1,
        columns: vec!["merchant-1".into(), Value::Null],
        body: "{}".to_owned(),
    };
    commit(store.as_ref(), vec![Write::Insert(&tables::STORES, row)]).await;
    store.close().await;
    let file = rusqlite::Connection::open(files.path().join("naru.db")).unwrap();
    file.execute("UPDATE stores SET body = 'a' || char(0)", [])
        .unwrap();
    drop(file);
    let store = files.store();
    for refused in [
        look(store.as_ref()).await.unwrap_err(),
        fill(store.as_ref(), transfer(&database).await)
            .await
            .unwrap_err(),
    ] {
        let refused = refused.to_string();
        assert!(refused.contains("`stores` store-1"), "{refused}");
        assert!(refused.contains("NUL character"), "{refused}");
    }
    let target = postgres(&database).await;
    assert_eq!(all_rows(target.as_ref()).await, []);
    target.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn looking_writes_nothing() {
    let (files, database) = (Files::new(), empty_database().await);
    let store = files.store();
    fill_at_random(store.as_ref(), 1, 5).await;
    let looking = transfer(&database).await;
    assert!(!looking.is_current());
    assert_eq!(
        looking.filled_tables(mark::NAME).await.unwrap(),
        Vec::<String>::new()
    );
    let report = look(store.as_ref()).await.unwrap();
    assert_eq!(report.rows, all_rows(store.as_ref()).await.len() as u64);
    assert!(report.is_dry_run);
    assert_eq!(mark::of(store.as_ref()).await.unwrap(), None);
    let client = connect(&database.url).await;
    let tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'";
    let tables: i64 = client.query_one(tables, &[]).await.unwrap().get(0);
    assert_eq!(tables, 0);
    let refused = verify(store.as_ref(), transfer(&database).await)
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("this version's tables"),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_in_doubt_leaves_the_source_refused_until_it_is_looked_at() {
    let (files, database) = (Files::new(), fresh_database().await);
    let store = files.store();
    fill_at_random(store.as_ref(), 4, 3).await;
    // The connection ends in the middle of COMMIT.
    let lost = "CREATE FUNCTION lost() RETURNS trigger LANGUAGE plpgsql AS \
        $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$; \
        CREATE CONSTRAINT TRIGGER lost AFTER INSERT ON stores DEFERRABLE INITIALLY DEFERRED \
        FOR EACH ROW EXECUTE FUNCTION lost()";
    let client = connect(&database.url).await;
    client.batch_execute(lost).await.unwrap();
    let filled = fill(store.as_ref(), transfer(&database).await).await;
    let error = filled.unwrap_err().to_string();
    assert!(error.contains("nobody knows whether"), "{error}");
    let found = mark::of(store.as_ref()).await.unwrap();
    assert_eq!(state(found), Some(State::Leaving));
    let refused = mark::refuse(&store).await.unwrap_err().to_string();
    assert!(refused.contains("was moved to PostgreSQL"), "{refused}");
    let target = postgres(&database).await;
    assert!(mark::refuse(&target).await.is_err());
    client
        .batch_execute("DROP TRIGGER lost ON stores")
        .await
        .unwrap();
    refuse_moved(store.as_ref()).await.unwrap();
    fill(store.as_ref(), transfer(&database).await)
        .await
        .unwrap();
    assert!(refuse_moved(store.as_ref()).await.is_err());
    mark::refuse(&target).await.unwrap();
    target.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_copy_does_not_count_before_its_source_is_marked() {
    let (files, database) = (Files::new(), fresh_database().await);
    let store = files.store();
    fill_at_random(store.as_ref(), 6, 3).await;
    let at = store.now().await.unwrap();
    let mark = Mark {
        state: State::Filling,
        at,
    };
    let mark = mark.to_row().unwrap();
    let mut copied = transfer(&database).await;
    copied.begin(&mark).await.unwrap();
    copy::copy(store.as_ref(), &copied, |_| {}).await.unwrap();
    // A disk that is full, say.
    store.close().await;
    assert!(leave(store.as_ref(), copied, &mark).await.is_err());
    let target = postgres(&database).await;
    assert_eq!(all_rows(target.as_ref()).await, []);
    assert!(mark::refuse(&target).await.is_err());
    target.close().await;
    // And one whose commit is refused is served again.
    let store = files.store();
    let mut ended = transfer(&database).await;
    ended.begin(&mark).await.unwrap();
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    connect(&database.url)
        .await
        .batch_execute(end)
        .await
        .unwrap();
    let refused = leave(store.as_ref(), ended, &mark).await.unwrap_err();
    assert!(!refused.to_string().contains("nobody knows"), "{refused}");
    mark::refuse(&store).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_in_another_shape_is_refused() {
    let (files, database) = (Files::new(), fresh_database().await);
    let at = files.store().now().await.unwrap();
    let mark = Mark {
        state: State::Filling,
        at,
    };
    let mark = mark.to_row().unwrap();
    let mut target = transfer(&database).await;
    target.begin(&mark).await.unwrap();
    let mut copying = target.copy_in(&tables::STORES).await.unwrap();
    let refused = copying.write(&mark).await.unwrap_err();
    assert!(matches!(refused, TransferError::Failed(_)), "{refused}");
}
