//! Arguments of `naru migrate-store`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::Reach;
use crate::config::{Database, DatabaseUrl};

/// `naru migrate-store`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("where").args(["to", "to_file", "take_back"]).required(true)))]
#[command(
    after_long_help = "Example:\n  createdb --encoding=UTF8 --template=template0 naru\n  \
    naru migrate-store --config /etc/naru/naru.toml --to-file /etc/naru/postgres.url --dry-run\n  \
    naru migrate-store --config /etc/naru/naru.toml --to-file /etc/naru/postgres.url\n\n\
    The config (or the sandbox's directory) names the SQLite store; its server must be stopped. \
    The PostgreSQL\ndatabase must exist and be empty. Everything is brought in and compared, row \
    by row, in one transaction: it is\nthere whole or not at all. If it is interrupted, run it \
    again. Afterwards the SQLite store refuses to be\nserved; the master key stays the same. \
    `--dry-run` may bring the SQLite store to this version's schema, as any\nstart does. Exit \
    code 1 if anything differs. See docs/operating/migrate-store.md."
)]
pub struct MigrateStoreArgs {
    /// Which store to move.
    #[command(flatten)]
    pub reach: Reach,
    /// The PostgreSQL database, `postgres://USER@HOST:5432/DATABASE`, without a password
    #[arg(long, value_name = "URL", value_parser = open_url)]
    pub to: Option<DatabaseUrl>,
    /// A file with that URL, which may hold a password
    #[arg(long, value_name = "FILE")]
    pub to_file: Option<PathBuf>,
    /// Read everything, look whether PostgreSQL could take it, and write nothing there
    #[arg(long, conflicts_with_all = ["verify", "take_back"])]
    pub dry_run: bool,
    /// Compare both once more, row by row, and write nothing
    #[arg(long, conflicts_with = "take_back")]
    pub verify: bool,
    /// The copy was given up: the SQLite store may be served again
    #[arg(long)]
    pub take_back: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// A URL that everybody on this machine may read.
fn open_url(text: &str) -> Result<DatabaseUrl, String> {
    let url = DatabaseUrl::new(text.to_owned());
    match url.parse().map_err(|failure| failure.to_string())? {
        Database::Postgres(_) if url.holds_password() => Err(
            "a password is not for the command line: put the URL into a file, and name it with \
             `--to-file`"
                .to_owned(),
        ),
        Database::Postgres(_) => Ok(url),
        Database::Sqlite(_) => Err("expected a PostgreSQL database".to_owned()),
    }
}
