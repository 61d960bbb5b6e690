//! Reads the file, lays the environment over it, reads the secrets' files, checks the ranges.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

use super::{Config, Database, DatabaseUrl, SecretText};
use crate::failure::Failure;
use crate::master_key::MasterKey;
use crate::tls::TlsFiles;

const PREFIX: &str = "NARU_";

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nobody said anything.
    Default,
    /// The config file.
    File {
        /// Which.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// An environment variable.
    Variable(String),
    /// A file that another setting names.
    SecretFile(PathBuf),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{} line {line}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::SecretFile(path) => write!(f, "from {}", path.display()),
        }
    }
}

/// A config and where each of its values came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The values.
    pub config: Config,
    sources: BTreeMap<String, Source>,
}

impl Loaded {
    /// Where the value of a dotted key came from.
    pub fn source(&self, key: &str) -> &Source {
        self.sources.get(key).unwrap_or(&Source::Default)
    }

    /// The database, which `naru serve` needs.
    pub fn database(&self) -> Result<Database, Failure> {
        let url = self.config.database.url.as_ref().ok_or_else(|| {
            Failure::new("no database is configured").hint(
                "set `url` in `[database]`, or the variable `NARU_DATABASE__URL`, to \
                 `sqlite:PATH` or `postgres://USER@HOST:5432/DATABASE`",
            )
        })?;
        url.parse()
            .map_err(|failure| self.blame("database.url", failure))
    }

    /// The master key, which `naru serve` needs.
    pub fn master_key(&self) -> Result<MasterKey, Failure> {
        let text = self.config.keys.master.as_ref().ok_or_else(|| {
            Failure::new("no master key is configured").hint(
                "make one with `openssl rand -base64 32 > naru-master.key`, keep a copy in a \
                 safe place, and name the file as `master_file` in `[keys]`",
            )
        })?;
        MasterKey::from_base64(text.expose()).map_err(|failure| self.blame("keys.master", failure))
    }

    /// The certificate of the public listener and its key, if it is to speak TLS.
    pub fn tls(&self) -> Result<Option<TlsFiles>, Failure> {
        let server = &self.config.server;
        let (given, missing) = match (&server.tls_certificate, &server.tls_key) {
            (Some(certificate), Some(key)) => {
                return Ok(Some(TlsFiles {
                    certificate: certificate.clone(),
                    key: key.clone(),
                }));
            }
            (None, None) => return Ok(None),
            (Some(_), None) => ("server.tls_certificate", "server.tls_key"),
            (None, Some(_)) => ("server.tls_key", "server.tls_certificate"),
        };
        let failure = Failure::new(format!("`{missing}` is not set"))
            .hint("TLS needs both: the certificate, and the key that it was made for");
        Err(self.blame(given, failure))
    }

    /// The failure of the TLS files with their place in front.
    pub fn blame_tls(&self, failure: Failure) -> Failure {
        self.blame("server.tls_certificate", failure)
    }

    /// Everything that `naru serve` needs before it opens anything.
    pub fn check(&self) -> Result<(), Failure> {
        self.database()?;
        self.master_key()?;
        if let Some(url) = &self.config.server.public_url {
            let wrong = !url.starts_with("https://") && !url.starts_with("http://");
            if wrong || url.ends_with('/') {
                let failure = Failure::new(format!("`{url}` is not an origin"))
                    .hint("write scheme and host only, such as `https://pay.example.com`");
                return Err(self.blame("server.public_url", failure));
            }
            if self.tls()?.is_some() && url.starts_with("http://") {
                let failure = Failure::new(format!("`{url}` is not encrypted"))
                    .hint("the public listener speaks TLS only, so write `https://`");
                return Err(self.blame("server.public_url", failure));
            }
        }
        self.tls()?;
        Ok(())
    }

    /// The failure with the place of the setting in front of it.
    fn blame(&self, key: &str, failure: Failure) -> Failure {
        failure.within(&format!("`{key}` ({})", self.source(key)))
    }
}

/// Reads a config file under the environment.
pub fn load(
    path: &Path,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Loaded, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(format!(
            "can't read the config file `{}`: {error}",
            path.display()
        ))
        .hint("a commented template is `docs/operating/naru.toml`")
    })?;
    // The typed read gives the better messages, so it comes first.
    if let Err(error) = toml::from_str::<Config>(&text) {
        return Err(in_file(path, &text, &error));
    }
    let table: Table = text.parse().map_err(|error| in_file(path, &text, &error))?;
    overlay(table, lines(path, &text), environment)
}

/// The config of commands without a file: defaults under the environment.
pub fn from_environment(
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Loaded, Failure> {
    overlay(Table::new(), BTreeMap::new(), environment)
}

fn in_file(path: &Path, text: &str, error: &toml::de::Error) -> Failure {
    let line = error.span().map_or(1, |span| line_of(text, span.start));
    let message = error.message().replace('\n', " ");
    Failure::new(format!(
        "config file `{}` line {line}: {message}",
        path.display()
    ))
    .hint("every setting is explained in `docs/operating/naru.toml`")
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}

/// On which line each setting of a file stands.
fn lines(path: &Path, text: &str) -> BTreeMap<String, Source> {
    let Ok(document) = toml::de::DeTable::parse(text) else {
        return BTreeMap::new();
    };
    let mut found = BTreeMap::new();
    for (section, content) in document.get_ref() {
        let Some(table) = content.get_ref().as_table() else {
            continue;
        };
        for key in table.keys() {
            let line = line_of(text, key.span().start);
            let source = Source::File {
                path: path.to_owned(),
                line,
            };
            found.insert(format!("{}.{}", section.get_ref(), key.get_ref()), source);
        }
    }
    found
}

fn overlay(
    mut table: Table,
    mut sources: BTreeMap<String, Source>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Loaded, Failure> {
    let mut variables: Vec<(String, String)> = environment
        .into_iter()
        .filter(|(name, _)| name.starts_with(PREFIX) && name.contains("__"))
        .collect();
    variables.sort();
    let defaults = Table::try_from(Config::default())
        .map_err(|error| Failure::new(format!("the default config can't be written: {error}")))?;
    for (name, text) in variables {
        let lower = name.trim_start_matches(PREFIX).to_lowercase();
        let Some((section, key)) = lower.split_once("__") else {
            continue;
        };
        let value = typed(&defaults, section, key, text);
        let slot = table
            .entry(section.to_owned())
            .or_insert_with(|| Value::Table(Table::new()))
            .as_table_mut();
        let Some(slot) = slot else { continue };
        slot.insert(key.to_owned(), value);
        // Checked after each variable, so that a message is about this one.
        if let Err(error) = Config::deserialize(table.clone()) {
            let message = error.message().replace('\n', " ");
            return Err(
                Failure::new(format!("environment variable `{name}`: {message}"))
                    .hint("variables are named `NARU_SECTION__KEY` after the settings of the file"),
            );
        }
        sources.insert(format!("{section}.{key}"), Source::Variable(name));
    }
    let config = Config::deserialize(table)
        .map_err(|error| Failure::new(error.message().replace('\n', " ")))?;
    let mut loaded = Loaded { config, sources };
    read_secret_files(&mut loaded)?;
    check_ranges(&loaded)?;
    Ok(loaded)
}

/// The text as the type that the setting has by default; a text if it has none.
fn typed(defaults: &Table, section: &str, key: &str, text: String) -> Value {
    match defaults.get(section).and_then(|section| section.get(key)) {
        Some(Value::Integer(_)) => text.parse().map_or(Value::String(text), Value::Integer),
        Some(Value::Boolean(_)) => text.parse().map_or(Value::String(text), Value::Boolean),
        _ => Value::String(text),
    }
}

fn read_secret_files(loaded: &mut Loaded) -> Result<(), Failure> {
    if let Some(path) = loaded.config.database.url_file.clone() {
        let given = loaded.config.database.url.is_some();
        let url = read_secret(loaded, "database.url", given, &path)?;
        loaded.config.database.url = Some(DatabaseUrl::new(url));
    }
    if let Some(path) = loaded.config.keys.master_file.clone() {
        let given = loaded.config.keys.master.is_some();
        let key = read_secret(loaded, "keys.master", given, &path)?;
        loaded.config.keys.master = Some(SecretText::new(key));
    }
    Ok(())
}

fn read_secret(
    loaded: &mut Loaded,
    key: &str,
    given: bool,
    path: &Path,
) -> Result<String, Failure> {
    let file_key = format!("{key}_file");
    if given {
        return Err(Failure::new(format!(
            "`{key}` ({}) and `{file_key}` ({}) are both set",
            loaded.source(key),
            loaded.source(&file_key)
        ))
        .hint("keep one of them"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| {
        let failure = Failure::new(format!("can't read `{}`: {error}", path.display()))
            .hint("the file must be readable by the user that runs `naru`");
        loaded.blame(&file_key, failure)
    })?;
    loaded
        .sources
        .insert(key.to_owned(), Source::SecretFile(path.to_owned()));
    Ok(text.trim().to_owned())
}

fn check_ranges(loaded: &Loaded) -> Result<(), Failure> {
    for (limit, value) in loaded.config.limits.values() {
        if !(limit.min..=limit.max).contains(&value) {
            let failure = Failure::new(format!(
                "`{value}` is not from {} to {} {}",
                limit.min, limit.max, limit.unit
            ))
            .hint("all limits stand in `docs/limits.md`");
            return Err(loaded.blame(&format!("limits.{}", limit.name), failure));
        }
    }
    Ok(())
}
