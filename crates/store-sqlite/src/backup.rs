//! A copy of the database while it is used.
//!
//! The copy is one snapshot: every commit that was answered before it began is in it. Writers go on
//! meanwhile; the log can't be emptied before the copy is made, so it grows for as long. Invariant:
//! a file of the given name is whole, checked and synced, or is not there.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use naru_store::BackupError;
use rusqlite::{Connection, OpenFlags};

use crate::database::Database;

/// Writes the copy; gives its size in bytes.
pub(crate) fn write(database: &Database, to: &Path) -> Result<u64, BackupError> {
    if to.exists() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let part = part_of(to);
    let written = copy(database, &part).and_then(|bytes| {
        fs::rename(&part, to)?;
        sync_directory(to)?;
        Ok(bytes)
    });
    written.map_err(|error| {
        // What is left of it is of no use to anybody.
        let _ = fs::remove_file(&part);
        BackupError::Failed(error.to_string())
    })
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("the copy is damaged: {0}")]
    Damaged(String),
}

/// The name of a copy that is being made.
fn part_of(to: &Path) -> PathBuf {
    let mut name = to.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn copy(database: &Database, part: &Path) -> Result<u64, Failure> {
    // Left by a process that died.
    if part.exists() {
        fs::remove_file(part)?;
    }
    let reader = database.reader()?;
    reader.execute("VACUUM INTO ?1", [part.to_string_lossy()])?;
    check(part)?;
    let file = File::open(part)?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

/// Reads the copy from end to end.
fn check(part: &Path) -> Result<(), Failure> {
    let copy = Connection::open_with_flags(part, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let said: String = copy.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    match said.as_str() {
        "ok" => Ok(()),
        _ => Err(Failure::Damaged(said)),
    }
}

/// So that the name is on disk as well.
fn sync_directory(of: &Path) -> Result<(), Failure> {
    let parent = of.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(())
}
