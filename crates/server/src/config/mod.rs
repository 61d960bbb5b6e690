//! The config of a server: one typed struct, from a TOML file with the environment laid over it.
//!
//! Unknown keys are refused; every message names the file and line, or the variable, that the
//! value came from. `NARU_SECTION__KEY` sets `key` of `[section]`; a secret can be read from a
//! file named by the key with `_file` behind it. This is the only module that reads the
//! environment.
//!
//! Invariant: no message and no print shows a secret.

mod database;
pub mod limits;
mod load;
mod print;
mod secret_text;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use database::{Database, DatabaseUrl};
pub use limits::Limits;
pub use load::{Loaded, Source, from_environment, load};
pub use secret_text::SecretText;

/// The environment of this process. Variables that are not UTF-8 are none of ours.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// One variable of this process, named by a person.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A server's config.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where it listens and how it is reached.
    pub server: Server,
    /// Where the data is kept.
    pub database: DatabaseSection,
    /// The key that all stored secrets are encrypted under.
    pub keys: Keys,
    /// Webhooks.
    pub webhooks: Webhooks,
    /// The comparison of our books with the PGs'.
    pub compare: Compare,
    /// Bounds.
    pub limits: Limits,
    /// Logs.
    pub log: Log,
}

/// `[server]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// The public listener: both APIs, pages, SDK scripts, PG notices.
    pub public: SocketAddr,
    /// The private listener: administration, health, metrics.
    pub private: SocketAddr,
    /// Under which address browsers and PGs reach the public listener.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// The public listener's certificate as PEM, with those between it and the root; the listener
    /// then speaks TLS. Read again when it changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_certificate: Option<PathBuf>,
    /// The certificate's private key as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_key: Option<PathBuf>,
    /// Proxies in front of the public listener whose `x-forwarded-for` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// The address that PGs see requests come from; some want to be told.
    pub outbound_ip: IpAddr,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            public: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8080)),
            private: SocketAddr::from((Ipv4Addr::LOCALHOST, 8081)),
            public_url: None,
            tls_certificate: None,
            tls_key: None,
            trusted_proxies: Vec::new(),
            outbound_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        }
    }
}

/// `[database]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseSection {
    /// `sqlite:PATH` or `postgres://…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<DatabaseUrl>,
    /// A file that holds the URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_file: Option<PathBuf>,
}

/// `[keys]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    /// The master key: 32 bytes as base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master: Option<SecretText>,
    /// A file that holds the master key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_file: Option<PathBuf>,
}

/// `[webhooks]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Webhooks {
    /// Whether webhooks may go to loopback, private and other special addresses.
    pub allow_private: bool,
}

/// `[compare]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Compare {
    /// Whether payments at rest are compared with what the PGs answer. In a sandbox only if the
    /// variable says so: its PG's faults are for the calls that a developer makes.
    pub enabled: bool,
}

impl Default for Compare {
    fn default() -> Self {
        Self { enabled: true }
    }
}

/// `[log]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// How lines look.
    pub format: LogFormat,
    /// What is logged: a level, or directives such as `info,naru_engine=debug`.
    pub level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Auto,
            level: "info".to_owned(),
        }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text at a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}
