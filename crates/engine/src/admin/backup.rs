//! A copy of everything that the store holds.

use std::path::PathBuf;

use naru_store::BackupError;

use crate::{Engine, Fault};

impl Engine {
    /// Writes a copy of the store to a file of this machine while it is used; gives its size in
    /// bytes.
    pub async fn back_up(&self, to: PathBuf) -> Result<u64, Fault> {
        if !to.is_absolute() {
            return Err(Fault::invalid("`to`: expected a path from the root"));
        }
        self.store().backup(to).await.map_err(|error| match error {
            BackupError::Elsewhere(_) => Fault::invalid(format!(
                "{error}: `pg_dump`, or base backups with archived logs; see \
                 docs/operating/backup.md"
            )),
            BackupError::Exists(_) => Fault::invalid(format!("`to`: {error}")),
            BackupError::Failed(detail) => Fault::invalid(format!("`to`: {detail}")),
        })
    }
}
