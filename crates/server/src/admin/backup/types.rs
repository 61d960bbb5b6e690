//! What `naru backup` and the server say to each other.

use serde::{Deserialize, Serialize};

/// Where the copy goes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewBackup {
    /// A file that does not exist yet, on the server's machine, from the root.
    pub to: String,
}

/// A copy that was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Backup {
    /// The file.
    pub to: String,
    /// Its size.
    pub bytes: u64,
}
