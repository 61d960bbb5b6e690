//! Migrations, forward only, embedded in the binary.
//!
//! Invariant: a database of a newer Naru, or of another program, is refused before anything in it
//! is changed.

use std::path::Path;

use refinery::embed_migrations;
use rusqlite::Connection;

use crate::OpenError;

/// "NARU", in the file's header: this file is ours.
const APPLICATION_ID: i64 = 0x4E41_5255;

embed_migrations!("migrations");

/// Refuses a database of another program or of a newer Naru. Changes nothing.
pub(crate) fn check_ours(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let id = application_id(connection)?;
    let objects: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if id != APPLICATION_ID && (id != 0 || objects > 0) {
        return Err(OpenError::NotNaru(path.to_owned()));
    }
    let (found, known) = (applied(connection)?, newest_known());
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    Ok(())
}

/// Brings the schema of a database that is ours up to date.
pub(crate) fn prepare(connection: &mut Connection) -> Result<(), OpenError> {
    if application_id(connection)? != APPLICATION_ID {
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    // Grouped: one transaction for the schema and its line in the history. Apart, a kill between
    // the two would leave a database that no start can migrate any more.
    let ran = migrations::runner().set_grouped(true).run(connection);
    ran.map_err(|error| OpenError::Migration(Box::new(error)))?;
    Ok(())
}

fn application_id(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "application_id", |row| row.get(0))
}

fn newest_known() -> i64 {
    let runner = migrations::runner();
    let known = runner
        .get_migrations()
        .iter()
        .map(|migration| i64::from(migration.version()));
    known.max().unwrap_or(0)
}

fn applied(connection: &Connection) -> rusqlite::Result<i64> {
    const HISTORY: &str = "refinery_schema_history";
    if !connection.table_exists(None, HISTORY)? {
        return Ok(0);
    }
    let newest = format!("SELECT coalesce(max(version), 0) FROM {HISTORY}");
    connection.query_row(&newest, [], |row| row.get(0))
}
