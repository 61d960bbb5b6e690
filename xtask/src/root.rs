//! Where the repository is.

use std::path::{Path, PathBuf};

/// The repository's root directory.
pub fn dir() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// A path below the root.
pub fn path(below: &str) -> PathBuf {
    dir().join(below)
}
