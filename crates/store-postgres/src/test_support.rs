//! Databases for tests: a fresh one each, cloned from a template that is migrated once.
//!
//! `cargo xtask test` starts a throw-away cluster and names it in `NARU_TEST_POSTGRES`. Nothing
//! here starts a server, and nothing skips a test because there is none.
//!
//! Invariant: two tests, in one process or two, never share a database.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "test helpers stop the test"
)]

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};
use uuid::Uuid;

use crate::PostgresOptions;

/// The variable that names the cluster: a URL with superuser rights.
pub const VARIABLE: &str = "NARU_TEST_POSTGRES";

/// A database that goes away with this value.
#[derive(Debug)]
pub struct TestDatabase {
    /// Where it is.
    pub url: String,
    /// Its name.
    pub name: String,
}

impl TestDatabase {
    /// Options that accept a cluster without `fsync`, which test clusters run without.
    pub fn options(&self) -> PostgresOptions {
        PostgresOptions {
            connections: 8,
            allow_unsafe_durability: true,
            ..Default::default()
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A runtime of its own: a drop can't wait on the one it runs in. Failing to drop fails
        // nothing; the whole cluster is thrown away in the end.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            if let Ok(runtime) = runtime {
                let _ = runtime.block_on(async { admin().await.batch_execute(&sql).await });
            }
        });
        let _ = dropping.join();
    }
}

/// A database with the current schema and nothing in it.
pub async fn fresh_database() -> TestDatabase {
    let client = admin().await;
    let template = template(&client).await;
    create(&client, &format!("TEMPLATE {template}")).await
}

/// A database without a schema.
pub async fn empty_database() -> TestDatabase {
    create(&admin().await, "").await
}

/// A connection to a database, for looking behind the store's back.
pub async fn connect(url: &str) -> Client {
    let config: Config = url.parse().expect("a PostgreSQL URL");
    let (client, connection) = config.connect(NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}

/// A superuser's connection that is not to a test's database.
pub async fn admin() -> Client {
    connect(&server()).await
}

/// The plan that a statement has on the pool's connections, for tests that an index serves it.
#[cfg(test)]
pub(crate) async fn explained(
    client: &Client,
    sql: &str,
    params: &[crate::values::Param],
) -> String {
    let session = client.batch_execute(crate::pool::SESSION).await;
    session.expect("the settings of a session");
    let params: Vec<_> = params.iter().map(crate::values::as_sql).collect();
    let rows = client
        .query(&format!("EXPLAIN {sql}"), &params)
        .await
        .expect("a plan");
    rows.iter()
        .map(|row| row.get::<_, String>(0))
        .collect::<Vec<_>>()
        .join("\n")
}

fn server() -> String {
    let Ok(url) = std::env::var(VARIABLE) else {
        panic!(
            "{VARIABLE} is not set\nhint: run the tests with `cargo xtask test`, which starts a \
             PostgreSQL server for them"
        )
    };
    url
}

async fn create(client: &Client, how: &str) -> TestDatabase {
    let name = format!("naru_test_{}", Uuid::now_v7().simple());
    client
        .batch_execute(&format!("CREATE DATABASE {name} {how}"))
        .await
        .expect("a database");
    TestDatabase {
        url: url_of(&server(), &name),
        name,
    }
}

/// The migrated template of this schema. Whoever comes first makes it under a name of its own and
/// renames it when it is whole; who comes second at that throws theirs away.
async fn template(client: &Client) -> String {
    let name = format!("naru_template_{:016x}", crate::migrate::checksum());
    let exists = "SELECT 1 FROM pg_database WHERE datname = $1";
    if !client
        .query(exists, &[&name])
        .await
        .expect("the list of databases")
        .is_empty()
    {
        return name;
    }
    let made = create(client, "").await;
    let store = crate::PostgresStore::open(&made.url, made.options()).await;
    naru_store::Store::close(&*store.expect("a migrated database")).await;
    rename(client, &made.name, &name).await;
    name
}

async fn rename(client: &Client, from: &str, to: &str) {
    let ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
    let sql = format!("ALTER DATABASE {from} RENAME TO {to}");
    loop {
        match client.batch_execute(&sql).await {
            Ok(()) => return,
            // Somebody was first: before the check of the name, or between it and the index.
            Err(error) if error.code() == Some(&SqlState::DUPLICATE_DATABASE) => return,
            Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => return,
            // The store's connections are closed, but the server may not have noticed yet.
            Err(error) if error.code() == Some(&SqlState::OBJECT_IN_USE) => {
                client.query(ended, &[&from]).await.expect("no connections");
            }
            Err(error) => panic!("the template can't be named: {error:?}"),
        }
    }
}

fn url_of(server: &str, database: &str) -> String {
    let (base, query) = server
        .split_once('?')
        .map_or((server, None), |(a, b)| (a, Some(b)));
    let host = base.find("://").map_or(0, |at| at + 3);
    let end = base
        .get(host..)
        .and_then(|rest| rest.find('/'))
        .map_or(base.len(), |at| host + at);
    let mut url = format!("{}/{database}", base.get(..end).unwrap_or(base));
    if let Some(query) = query {
        url.push('?');
        url.push_str(query);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::url_of;

    #[test]
    fn database_of_a_url_is_replaced() {
        for (server, want) in [
            ("postgres://p@h:1/postgres", "postgres://p@h:1/x"),
            ("postgres://p@h:1", "postgres://p@h:1/x"),
            (
                "postgres://p@h/postgres?sslmode=disable",
                "postgres://p@h/x?sslmode=disable",
            ),
        ] {
            assert_eq!(url_of(server, "x"), want);
        }
    }
}
