//! Database URLs: `sqlite:PATH` or `postgres://…`.
//!
//! A URL may hold a password, so no message quotes one. Invariant: a mistyped URL never becomes
//! a new, empty database (design section 4).

use std::fmt;
use std::path::{Path, PathBuf};

use naru_connector::Secret;
use serde::{Deserialize, Serialize, Serializer};

use super::secret_text::{HIDDEN, SecretText};
use crate::failure::Failure;

/// A database URL as it was written, shown without its password.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(SecretText);

/// Where the data is kept.
#[derive(Debug, Clone)]
pub enum Database {
    /// One file on this machine.
    Sqlite(PathBuf),
    /// PostgreSQL, or an engine that speaks its protocol.
    Postgres(Secret),
}

impl DatabaseUrl {
    /// Takes a URL as it is written.
    pub fn new(url: String) -> Self {
        Self(SecretText::new(url))
    }

    /// Reads it.
    pub fn parse(&self) -> Result<Database, Failure> {
        let url = self.0.expose();
        if let Some(path) = url.strip_prefix("sqlite:") {
            return sqlite(path);
        }
        let has_host = |rest: &str| !rest.is_empty() && !rest.starts_with('/');
        let postgres = url
            .strip_prefix("postgres://")
            .or_else(|| url.strip_prefix("postgresql://"));
        match postgres {
            Some(rest) if has_host(rest) => Ok(Database::Postgres(Secret::new(url))),
            Some(_) => Err(Failure::new("the database URL names no host")
                .hint("write it as `postgres://USER@HOST:5432/DATABASE`")),
            None => Err(
                Failure::new("the database URL is neither SQLite nor PostgreSQL").hint(
                    "write `sqlite:/path/to/naru.db` or `postgres://USER@HOST:5432/DATABASE`",
                ),
            ),
        }
    }

    /// Whether it names a password, or may do so in its parameters.
    pub fn holds_password(&self) -> bool {
        let url = self.0.expose();
        let Ok(parsed) = reqwest::Url::parse(url) else {
            return true;
        };
        let mut names = parsed.query_pairs();
        parsed.password().is_some()
            || names.any(|(name, _)| name.to_ascii_lowercase().contains("pass"))
    }

    /// As it may be shown.
    pub fn redacted(&self) -> String {
        let url = self.0.expose();
        if url.starts_with("sqlite:") {
            return url.to_owned();
        }
        let Ok(mut parsed) = reqwest::Url::parse(url) else {
            return HIDDEN.to_owned();
        };
        if parsed.password().is_some() && parsed.set_password(Some("hidden")).is_err() {
            return HIDDEN.to_owned();
        }
        // Parameters can hold a password as well.
        parsed.set_query(parsed.query().map(|_| "hidden"));
        parsed.to_string()
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.redacted())
    }
}

fn sqlite(path: &str) -> Result<Database, Failure> {
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.starts_with(':') {
        return Err(Failure::new("the SQLite URL names no file")
            .hint("write `sqlite:/path/to/naru.db`; a database in memory would keep nothing"));
    }
    Ok(Database::Sqlite(PathBuf::from(path)))
}

impl Database {
    /// Refuses an SQLite file that does not exist. Whether a PostgreSQL database exists is its
    /// server's to say.
    pub fn must_exist(&self) -> Result<(), Failure> {
        match self {
            Self::Sqlite(path) if !path.is_file() => {
                Err(
                    Failure::new(format!("there is no database file `{}`", path.display())).hint(
                        "check `database.url`; to create a new database run \
                     `naru migrate --create --config FILE`",
                    ),
                )
            }
            Self::Sqlite(_) | Self::Postgres(_) => Ok(()),
        }
    }

    /// The directory to lock: the one of the SQLite file. Nodes on PostgreSQL share it and lock
    /// nothing.
    pub fn directory_to_lock(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(match path.parent() {
                Some(parent) if parent != Path::new("") => parent,
                Some(_) | None => Path::new("."),
            }),
            Self::Postgres(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Database, Failure> {
        DatabaseUrl::new(url.to_owned()).parse()
    }

    #[test]
    fn sqlite_urls_name_a_file() {
        for (url, expected) in [
            ("sqlite:naru.db", "naru.db"),
            ("sqlite:/var/lib/naru.db", "/var/lib/naru.db"),
            ("sqlite:///var/lib/naru.db", "/var/lib/naru.db"),
        ] {
            let Database::Sqlite(path) = parse(url).unwrap() else {
                panic!("{url}")
            };
            assert_eq!(path, Path::new(expected));
        }
        for url in ["sqlite:", "sqlite::memory:", "sqlite://"] {
            assert!(parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn other_urls_are_refused_without_quoting_them() {
        for url in [
            "postgres://",
            "postgres:///db",
            "mysql://u:pw@h/d",
            "naru.db",
            "",
        ] {
            let failure = parse(url).unwrap_err();
            assert!(!failure.to_string().contains("pw"), "{url}: {failure}");
        }
        assert!(parse("postgresql://naru@db.example:5432/naru").is_ok());
    }

    #[test]
    fn passwords_are_not_shown() {
        let shown = |url: &str| DatabaseUrl::new(url.to_owned()).redacted();
        assert_eq!(
            shown("postgres://u:pw@h:5432/d"),
            "postgres://u:hidden@h:5432/d"
        );
        assert_eq!(
            shown("postgres://u@h/d?password=pw"),
            "postgres://u@h/d?hidden"
        );
        assert_eq!(shown("postgres://u:p w@[h/d"), HIDDEN);
        assert_eq!(shown("sqlite:naru.db"), "sqlite:naru.db");
    }

    #[test]
    fn passwords_are_seen_wherever_they_stand() {
        let holds = |url: &str| DatabaseUrl::new(url.to_owned()).holds_password();
        assert!(!holds("postgres://u@h:5432/d?sslmode=require"));
        assert!(!holds("postgres://u@h/d"));
        assert!(holds("postgres://u:pw@h/d"));
        assert!(holds("postgres://u@h/d?password=pw"));
        assert!(holds("postgres://u@h/d?PASSWORD=pw"));
        assert!(holds("postgres://u@h/d?p%61ssword=pw"));
        assert!(holds("postgres://u:p w@[h/d"), "who knows");
    }

    #[test]
    fn a_missing_sqlite_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("naru.db");
        let database = Database::Sqlite(path.clone());
        assert!(database.must_exist().is_err());
        assert!(!path.exists(), "and not created");
        std::fs::write(&path, "").unwrap();
        assert!(database.must_exist().is_ok());
        assert_eq!(database.directory_to_lock(), Some(directory.path()));
        assert_eq!(
            Database::Sqlite("a.db".into()).directory_to_lock(),
            Some(Path::new("."))
        );
    }
}
