//! Arguments of `naru backup`.

use std::path::PathBuf;

use clap::Args;

use super::Reach;

/// `naru backup`
#[derive(Debug, Args)]
#[command(
    after_long_help = "Example:\n  naru backup --config /etc/naru/naru.toml \
    /backup/naru-2026-01-15.db\n\nThe server goes on meanwhile. The copy is one moment's, checked \
    from end to end and synced; to use it, stop\nthe server and put it in the database's place. \
    SQLite only: PostgreSQL has tools of its own. What a backup\ncan't do is in \
    docs/operating/backup.md."
)]
pub struct BackupArgs {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The copy: a file that does not exist yet, on the server's machine
    #[arg(value_name = "FILE")]
    pub to: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
