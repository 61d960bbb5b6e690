//! The file, and how connections to it are opened.
//!
//! Invariant (P1): every connection that writes syncs in full at each COMMIT, and none
//! checkpoints by itself: the default checkpoint would put its 5 to 12 ms on the commit path
//! (design decision 4).

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::{OpenError, schema};

/// Statements kept prepared per connection. A page of a list has some dozens of shapes.
const STATEMENTS_MAX: usize = 256;

/// How long a write waits for the short moments in which a checkpoint restarts the log.
const WRITE_WAIT: Duration = Duration::from_secs(10);

/// How long a truncating checkpoint may wait for readers, and commits with it.
const CHECKPOINT_WAIT: Duration = Duration::from_millis(100);

/// Where the database is.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    path: PathBuf,
}

/// What a checkpoint did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checkpoint {
    /// Someone was in the way; not everything was done.
    pub(crate) busy: bool,
    /// Pages in the log.
    pub(crate) log_pages: i64,
}

/// How far a checkpoint goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Extent {
    /// As far as nobody has to wait.
    Passive,
    /// Everything, and the next commit writes the log from its beginning. Writers wait.
    Restart,
    /// Everything, and the log is empty afterwards. Writers wait.
    Truncate,
}

impl Database {
    /// Creates the file if only it is missing, and brings its schema up to date.
    pub(crate) fn create(path: &Path) -> Result<(Self, Connection), OpenError> {
        let parent = match path.parent() {
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => return Err(OpenError::NoDirectory(path.to_owned())),
        };
        if !parent.is_dir() {
            return Err(OpenError::NoDirectory(parent.to_owned()));
        }
        create_private(path, parent)?;
        let database = Self {
            path: path.to_owned(),
        };
        let mut connection = database.connect_bare()?;
        // Before the first write, so that a database that is refused stays as it is.
        schema::check_ours(&connection, path)?;
        set_up_writer(&connection)?;
        check_durable(&connection)?;
        schema::prepare(&mut connection)?;
        // After a kill the log may hold transactions whose sync never ended. They are read as
        // committed from now on, so they have to be on disk from now on.
        if checkpoint(&connection, Extent::Truncate)?.busy {
            return Err(OpenError::InUse(path.to_owned()));
        }
        Ok((database, connection))
    }

    fn connect_bare(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(WRITE_WAIT)?;
        stable_plans(&connection)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        Ok(connection)
    }

    /// A connection that writes.
    pub(crate) fn writer(&self) -> rusqlite::Result<Connection> {
        let connection = self.connect_bare()?;
        set_up_writer(&connection)?;
        Ok(connection)
    }

    /// A connection for checkpoints.
    pub(crate) fn checkpointer(&self) -> rusqlite::Result<Connection> {
        let connection = self.writer()?;
        connection.busy_timeout(CHECKPOINT_WAIT)?;
        Ok(connection)
    }

    /// A connection that can only read.
    pub(crate) fn reader(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(WRITE_WAIT)?;
        stable_plans(&connection)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        connection.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;")?;
        Ok(connection)
    }
}

/// A plan must not hang on the values bound to it: else SQLite, which is built with `STAT4`, parses
/// and plans a statement anew each time it is run (a sixth of a read's time).
fn stable_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Moves pages from the log to the database file, and syncs both.
pub(crate) fn checkpoint(connection: &Connection, extent: Extent) -> rusqlite::Result<Checkpoint> {
    let pragma = match extent {
        Extent::Passive => "PRAGMA wal_checkpoint(PASSIVE)",
        Extent::Restart => "PRAGMA wal_checkpoint(RESTART)",
        Extent::Truncate => "PRAGMA wal_checkpoint(TRUNCATE)",
    };
    connection.query_row(pragma, [], |row| {
        Ok(Checkpoint {
            busy: row.get::<_, i64>(0)? != 0,
            log_pages: row.get(1)?,
        })
    })
}

/// Looks again at how values are spread, for tables that have grown tenfold since the last time.
/// Without it the planner guesses, and may walk a store's whole list for a rare status. Takes the
/// write lock for some milliseconds.
pub(crate) fn optimize(connection: &Connection) -> rusqlite::Result<()> {
    // 0x10002: analyse where needed, tables that this connection has not queried included.
    connection.execute_batch("PRAGMA analysis_limit = 1000; PRAGMA optimize = 0x10002;")
}

fn set_up_writer(connection: &Connection) -> rusqlite::Result<()> {
    // `fullfsync` matters on macOS only, where a plain sync leaves the drive's cache unwritten.
    // A log above 64 MiB is cut when it restarts. The cache is small, since nearly every commit of
    // a growing tree makes SQLite walk through all of it (`pcache1TruncateUnsafe`): what does not
    // fit is in the kernel's.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA wal_autocheckpoint = 0;
         PRAGMA journal_size_limit = 67108864;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -8192;",
    )
}

/// SQLite answers some pragmas it can't obey with what it does instead, and no error.
fn check_durable(connection: &Connection) -> Result<(), OpenError> {
    const FULL: i64 = 2;
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    let sync: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    if mode == "wal" && sync == FULL {
        Ok(())
    } else {
        Err(OpenError::NotDurable(mode, sync))
    }
}

/// Creates the file for its owner alone, and closes it to others if it was not. SQLite gives its
/// `-wal` and `-shm` files the same mode.
fn create_private(path: &Path, parent: &Path) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        // The name must be as durable as what will be written under it.
        Ok(_) => fs::File::open(parent)?.sync_all(),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => make_private(path),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // By name: opening and closing the file here would drop locks that SQLite holds on it.
    let mode = fs::metadata(path)?.permissions().mode();
    let others = mode & 0o077;
    if others == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn make_private(_path: &Path) -> std::io::Result<()> {
    Ok(())
}
