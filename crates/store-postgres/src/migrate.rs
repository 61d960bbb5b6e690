//! Forward migrations, one node at a time.
//!
//! The nodes of a cluster may all start at once. They queue for one row of a small table, locked
//! with `FOR UPDATE` on a connection of its own (design 2.6: no advisory locks), while a second
//! connection applies the migrations, in one transaction together with their lines in the
//! history. If the lock's connection breaks, another node may start the same migration; the
//! history's primary key then lets only one of the two commit.
//!
//! Invariant: a schema newer than this binary is left alone.

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::OpenError;
use crate::failure::describe;
use crate::target::{Solo, Target};

/// The embedded files.
mod embedded {
    refinery::embed_migrations!("migrations");
}

const HISTORY: &str = "refinery_schema_history";

/// Long enough for another node's migration of a big table; a start-up that waits longer says so.
const LOCK: &str = "BEGIN; SET LOCAL lock_timeout = '10min'; \
     SELECT id FROM naru_migration_lock WHERE id = 1 FOR UPDATE";

const CREATE_LOCK: &str = "CREATE TABLE IF NOT EXISTS naru_migration_lock (id BIGINT PRIMARY KEY); \
     INSERT INTO naru_migration_lock (id) VALUES (1) ON CONFLICT (id) DO NOTHING";

pub(crate) async fn migrate(target: &Target, holder: Solo) -> Result<(), OpenError> {
    // Up to date is the ordinary case; it needs no lock and no right to create tables.
    if is_current(&holder.client).await? {
        return Ok(());
    }
    create_lock(&holder.client).await?;
    holder.client.batch_execute(LOCK).await.map_err(failed)?;
    if !is_current(&holder.client).await? {
        apply(target).await?;
    }
    holder.client.batch_execute("COMMIT").await.map_err(failed)
}

async fn apply(target: &Target) -> Result<(), OpenError> {
    let mut worker = target.connect().await.map_err(failed)?;
    // Grouped: one transaction for the schema and its line in the history. Apart, a kill between
    // the two would leave a database that no start can migrate any more.
    let mut runner = embedded::migrations::runner().set_grouped(true);
    let report = runner
        .set_migration_table_name(HISTORY)
        .run_async(&mut worker.client)
        .await
        .map_err(|error| OpenError::Migration(error_chain(&error)))?;
    for migration in report.applied_migrations() {
        tracing::info!(migration = %migration, "database schema migrated");
    }
    Ok(())
}

/// Whether nothing is to be done.
pub(crate) async fn is_current(client: &Client) -> Result<bool, OpenError> {
    let known = newest();
    let found = version(client).await.map_err(failed)?;
    match found {
        Some(found) if found > known => Err(OpenError::Newer { found, known }),
        found => Ok(found == Some(known)),
    }
}

async fn version(client: &Client) -> Result<Option<i32>, tokio_postgres::Error> {
    let exists = client
        .query_one("SELECT to_regclass($1) IS NOT NULL", &[&HISTORY])
        .await?;
    if !exists.try_get::<_, bool>(0)? {
        return Ok(None);
    }
    let sql = format!("SELECT max(version)::INTEGER FROM {HISTORY}");
    client.query_one(&sql, &[]).await?.try_get(0)
}

fn newest() -> i32 {
    let runner = embedded::migrations::runner();
    let versions = runner
        .get_migrations()
        .iter()
        .map(refinery::Migration::version);
    versions.max().unwrap_or_default()
}

/// `IF NOT EXISTS` doesn't wait for a transaction that is creating the same table: the loser gets
/// an error from the catalogue. By then the winner has committed, so the next try finds it.
async fn create_lock(client: &Client) -> Result<(), OpenError> {
    let races = [
        SqlState::UNIQUE_VIOLATION,
        SqlState::DUPLICATE_TABLE,
        SqlState::DUPLICATE_OBJECT,
    ];
    let mut tries = 0;
    loop {
        tries += 1;
        match client.batch_execute(CREATE_LOCK).await {
            Ok(()) => return Ok(()),
            Err(error) if tries < 20 && error.code().is_some_and(|code| races.contains(code)) => {}
            Err(error) => return Err(failed(error)),
        }
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err takes"
)]
fn failed(error: tokio_postgres::Error) -> OpenError {
    OpenError::Migration(describe(&error))
}

fn error_chain(error: &refinery::Error) -> String {
    use std::error::Error as _;
    match error
        .source()
        .and_then(|source| source.downcast_ref::<tokio_postgres::Error>())
    {
        Some(source) => format!("{error}: {}", describe(source)),
        None => error.to_string(),
    }
}

/// Tells schemas apart, for the names of test templates.
#[cfg(feature = "test-support")]
pub(crate) fn checksum() -> u64 {
    let runner = embedded::migrations::runner();
    let sums = runner
        .get_migrations()
        .iter()
        .map(refinery::Migration::checksum);
    sums.fold(0, |all, sum| all.rotate_left(7) ^ sum)
}
