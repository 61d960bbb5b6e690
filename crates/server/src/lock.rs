//! The lock on a data directory: one server at a time.
//!
//! The kernel holds it for as long as the process lives, so it never has to be cleaned up. The
//! process id in the file is for people only; nothing is decided by it.

use std::fs::{File, TryLockError, create_dir_all};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

const FILE_NAME: &str = "naru.lock";

/// A locked data directory. Dropping it unlocks.
#[derive(Debug)]
pub struct DirectoryLock {
    _file: File,
    path: PathBuf,
}

impl DirectoryLock {
    /// Locks a directory, creating it if it is missing.
    pub fn acquire(directory: &Path) -> Result<Self, Failure> {
        create_dir_all(directory).map_err(|error| unusable(directory, &error))?;
        let path = directory.join(FILE_NAME);
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|error| unusable(directory, &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(directory, &mut file)),
            Err(TryLockError::Error(error)) => return Err(unusable(directory, &error)),
        }
        write_pid(&mut file).map_err(|error| unusable(directory, &error))?;
        Ok(Self { _file: file, path })
    }

    /// The lock file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn write_pid(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{}", std::process::id())
}

fn in_use(directory: &Path, file: &mut File) -> Failure {
    let mut pid = String::new();
    // Whoever holds the lock may not have written its id yet: then the words go without it.
    let holder = match file.read_to_string(&mut pid) {
        Ok(_) if pid.parse::<u32>().is_ok() => format!("a server with process id `{pid}`"),
        Ok(_) | Err(_) => "another server".to_owned(),
    };
    Failure::new(format!(
        "the data directory `{}` is in use by {holder}",
        directory.display()
    ))
    .hint("stop that server first, or choose another directory with `--data`")
}

fn unusable(directory: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!(
        "the data directory `{}` can't be used: {error}",
        directory.display()
    ))
    .hint("choose a directory that this user may write to with `--data`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_lock_is_refused_with_the_holders_pid() {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        let first = DirectoryLock::acquire(&data).unwrap();
        let refusal = DirectoryLock::acquire(&data).unwrap_err().to_string();
        assert!(
            refusal.ends_with(&format!("process id `{}`", std::process::id())),
            "{refusal}"
        );
        drop(first);
        assert!(DirectoryLock::acquire(&data).is_ok());
    }

    #[test]
    fn a_file_is_not_a_data_directory() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let refusal = DirectoryLock::acquire(file.path()).unwrap_err().to_string();
        assert!(refusal.contains("can't be used"), "{refusal}");
    }
}
