//! Opening: migrations, refusals, messages.

use std::collections::BTreeSet;

use naru_store::{Query, Store, tables};
use naru_store_postgres::test_support::{connect, empty_database, fresh_database};
use naru_store_postgres::{OpenError, PostgresOptions, PostgresStore};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_at_once_all_come_up() {
    let database = empty_database().await;
    let opening: Vec<_> = (0..8)
        .map(|_| {
            let (url, options) = (database.url.clone(), database.options());
            tokio::spawn(async move { PostgresStore::open(&url, options).await })
        })
        .collect();
    for node in opening {
        let store = node.await.unwrap().unwrap();
        assert_eq!(
            store
                .count(Query::of(&tables::PAYMENTS, 1), 1)
                .await
                .unwrap(),
            0
        );
    }
    let client = connect(&database.url).await;
    let applied = client
        .query("SELECT version FROM refinery_schema_history", &[])
        .await
        .unwrap();
    let versions: BTreeSet<i32> = applied.iter().map(|row| row.get(0)).collect();
    assert!(!versions.is_empty());
    assert_eq!(
        applied.len(),
        versions.len(),
        "each migration was applied once"
    );
}

#[tokio::test]
async fn migration_that_is_cut_off_leaves_nothing() {
    let database = empty_database().await;
    let client = connect(&database.url).await;
    // The last step of a migration is its line in the history: as if the node died before it.
    let cut_off = "CREATE TABLE refinery_schema_history (version INTEGER PRIMARY KEY, \
                   name VARCHAR, applied_on VARCHAR, checksum VARCHAR, CHECK (version < 0))";
    client.batch_execute(cut_off).await.unwrap();
    let opened = PostgresStore::open(&database.url, database.options()).await;
    assert!(matches!(opened.err(), Some(OpenError::Migration(_))));
    let table = "SELECT to_regclass('payments') IS NULL";
    assert!(
        client
            .query_one(table, &[])
            .await
            .unwrap()
            .get::<_, bool>(0)
    );
    client
        .batch_execute("DROP TABLE refinery_schema_history")
        .await
        .unwrap();
    let store = PostgresStore::open(&database.url, database.options()).await;
    store.unwrap().close().await;
}

#[tokio::test]
async fn newer_schema_is_refused_and_left_alone() {
    let database = fresh_database().await;
    let client = connect(&database.url).await;
    let newer = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) \
                 VALUES (99, 'later', '2030-01-01T00:00:00Z', '1')";
    client.batch_execute(newer).await.unwrap();
    let error = PostgresStore::open(&database.url, database.options())
        .await
        .err()
        .unwrap();
    assert!(
        matches!(error, OpenError::Newer { found: 99, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn unknown_database_is_an_error_and_stays_unknown() {
    let database = empty_database().await;
    let url = database.url.replace("naru_test_", "naru_typo_");
    for _ in 0..2 {
        let error = PostgresStore::open(&url, database.options())
            .await
            .err()
            .unwrap();
        assert!(matches!(&error, OpenError::NoDatabase(name) if name.starts_with("naru_typo_")));
        assert!(error.to_string().contains("hint:"), "{error}");
    }
}

#[tokio::test]
async fn relaxed_commits_are_refused_before_anything_is_written() {
    let database = empty_database().await;
    let client = connect(&database.url).await;
    let relaxed = format!(
        "ALTER DATABASE {} SET synchronous_commit = off",
        database.name
    );
    client.batch_execute(&relaxed).await.unwrap();
    let error = PostgresStore::open(&database.url, PostgresOptions::default())
        .await
        .err()
        .unwrap();
    // A test cluster usually runs without fsync as well; either is reason enough.
    assert!(
        matches!(error, OpenError::Unsafe("fsync" | "synchronous_commit")),
        "{error}"
    );
    let tables = "SELECT 1 FROM information_schema.tables WHERE table_schema = 'public'";
    assert!(client.query(tables, &[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn fsync_off_is_refused() {
    let database = fresh_database().await;
    let client = connect(&database.url).await;
    let fsync: String = client.query_one("SHOW fsync", &[]).await.unwrap().get(0);
    let opened = PostgresStore::open(&database.url, PostgresOptions::default()).await;
    match fsync.as_str() {
        "off" => assert!(matches!(opened.err().unwrap(), OpenError::Unsafe("fsync"))),
        _ => drop(opened.unwrap()),
    }
}

#[tokio::test]
async fn durability_switched_off_later_stops_new_connections() {
    let database = fresh_database().await;
    let client = connect(&database.url).await;
    let fsync: String = client.query_one("SHOW fsync", &[]).await.unwrap().get(0);
    if fsync == "off" {
        // The cluster can't be opened strictly at all: covered by `fsync_off_is_refused`.
        return;
    }
    let store = PostgresStore::open(&database.url, PostgresOptions::default())
        .await
        .unwrap();
    let relaxed = format!(
        "ALTER DATABASE {} SET synchronous_commit = off",
        database.name
    );
    client.batch_execute(&relaxed).await.unwrap();
    let error = store.now().await.unwrap_err();
    assert!(error.to_string().contains("synchronous_commit"), "{error}");
}

#[tokio::test]
async fn role_without_rights_opens_a_current_schema_only() {
    let database = fresh_database().await;
    let client = connect(&database.url).await;
    let role = database.name.replace("naru_test_", "naru_role_");
    let made = format!(
        "CREATE ROLE {role} LOGIN; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
    );
    client.batch_execute(&made).await.unwrap();
    let as_role = |url: &str| {
        let (_, host) = url.split_once('@').unwrap();
        format!("postgres://{role}@{host}")
    };
    let store = PostgresStore::open(&as_role(&database.url), database.options())
        .await
        .unwrap();
    assert_eq!(
        store
            .count(Query::of(&tables::PAYMENTS, 1), 1)
            .await
            .unwrap(),
        0
    );
    drop(store);

    let empty = empty_database().await;
    let error = PostgresStore::open(&as_role(&empty.url), empty.options())
        .await
        .err()
        .unwrap();
    assert!(matches!(error, OpenError::Migration(_)), "{error}");
    let gone = format!("DROP OWNED BY {role}; DROP ROLE {role}");
    client.batch_execute(&gone).await.unwrap();
}

#[tokio::test]
async fn tls_that_the_server_lacks_is_an_error() {
    let database = fresh_database().await;
    let sign = if database.url.contains('?') { '&' } else { '?' };
    let url = format!("{}{sign}sslmode=require", database.url);
    let error = PostgresStore::open(&url, database.options())
        .await
        .err()
        .unwrap();
    assert!(
        matches!(error, OpenError::Connect(_) | OpenError::Tls(_)),
        "{error}"
    );
}
