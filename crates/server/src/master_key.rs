//! The master key: 32 bytes that every stored secret is encrypted under, directly or not.
//!
//! This module reads and makes it; the key ring of the engine uses it. It is wiped from memory
//! when dropped and never shown.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::RngCore as _;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// The file of the sandbox's own key in its data directory.
const FILE_NAME: &str = "master.key";
/// The file while it is written.
const DRAFT_NAME: &str = ".master.key.new";
/// Bytes of a key.
const LENGTH: usize = 32;

/// The master key.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; LENGTH]>);

impl MasterKey {
    /// Reads the base64 form.
    pub fn from_base64(text: &str) -> Result<Self, Failure> {
        let wrong = |what: String| {
            Failure::new(format!("the master key {what}"))
                .hint("a good one is made by `openssl rand -base64 32`")
        };
        let bytes = STANDARD
            .decode(text.trim())
            .map(Zeroizing::new)
            .map_err(|_| wrong("is not base64".to_owned()))?;
        let key = <[u8; LENGTH]>::try_from(bytes.as_slice())
            .map_err(|_| wrong(format!("has {} bytes instead of {LENGTH}", bytes.len())))?;
        if key.iter().all(|byte| *byte == key[0]) {
            return Err(wrong("is one byte repeated".to_owned()));
        }
        Ok(Self(Zeroizing::new(key)))
    }

    /// The key of a sandbox, made at its first start.
    pub fn load_or_create(directory: &Path) -> anyhow::Result<Self> {
        match Self::load(directory) {
            Err(error) if is_missing(&error) => Self::create(directory),
            loaded => loaded,
        }
    }

    /// The key of a sandbox that has been started before.
    pub fn load(directory: &Path) -> anyhow::Result<Self> {
        let path = directory.join(FILE_NAME);
        let text = Zeroizing::new(std::fs::read_to_string(&path).map_err(|error| {
            anyhow::Error::from(error).context(format!("can't read `{}`", path.display()))
        })?);
        Ok(Self::from_base64(&text)?)
    }

    /// Reads a key from a file that somebody made, and has it on disk before it is used: what is
    /// encrypted under a key is worthless without it.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let failed = |error: io::Error| {
            Failure::new(format!("can't read `{}`: {error}", path.display()))
                .hint("make it with `openssl rand -base64 32 > FILE`")
        };
        let mut file = File::open(path).map_err(failed)?;
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(failed)?;
        let key = Self::from_base64(&text)
            .map_err(|failure| failure.within(&format!("`{}`", path.display())))?;
        file.sync_all().map_err(failed)?;
        let directory = path.parent().filter(|parent| *parent != Path::new(""));
        let directory = directory.unwrap_or(Path::new("."));
        File::open(directory)
            .and_then(|directory| directory.sync_all())
            .map_err(failed)?;
        Ok(key)
    }

    fn create(directory: &Path) -> anyhow::Result<Self> {
        let mut key = Zeroizing::new([0; LENGTH]);
        rand::rng().fill_bytes(key.as_mut());
        // Under its name only when it is whole: half a key would stop every later start.
        let draft = directory.join(DRAFT_NAME);
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft)?;
        writeln!(file, "{}", *Zeroizing::new(STANDARD.encode(key.as_ref())))?;
        // What is encrypted under the key is worthless without it: on disk first.
        file.sync_all()?;
        std::fs::rename(&draft, directory.join(FILE_NAME))?;
        File::open(directory)?.sync_all()?;
        Ok(Self(key))
    }

    /// The bytes. The name is long so that a reader notices.
    pub fn expose_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }
}

fn is_missing(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_32_bytes_of_base64() {
        assert!(MasterKey::from_base64("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n").is_ok());
        for (text, what) in [
            ("not base64!", "the master key is not base64"),
            ("c2hvcnQ=", "the master key has 5 bytes instead of 32"),
            (
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "the master key is one byte repeated",
            ),
        ] {
            assert_eq!(MasterKey::from_base64(text).unwrap_err().to_string(), what);
        }
    }

    #[test]
    fn a_sandbox_keeps_its_key() {
        let directory = tempfile::tempdir().unwrap();
        assert!(MasterKey::load(directory.path()).is_err());
        let made = MasterKey::load_or_create(directory.path()).unwrap();
        let read = MasterKey::load_or_create(directory.path()).unwrap();
        assert_eq!(made.expose_bytes(), read.expose_bytes());
    }

    #[test]
    fn a_key_that_was_cut_off_is_made_anew() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(DRAFT_NAME), "MDEy").unwrap();
        let made = MasterKey::load_or_create(directory.path()).unwrap();
        let read = MasterKey::load(directory.path()).unwrap();
        assert_eq!(made.expose_bytes(), read.expose_bytes());
    }

    #[cfg(unix)]
    #[test]
    fn a_made_key_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        MasterKey::load_or_create(directory.path()).unwrap();
        let mode = std::fs::metadata(directory.path().join(FILE_NAME))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
