//! Arguments of `naru audit`.

use clap::Args;

use super::Reach;

/// `naru audit`
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  naru audit\n  naru audit --store store-… --json\n\nReads, and \
    changes nothing; asks no PG (for that: `naru settlements differences`). Exit code 1: something \
    does\nnot fit. What each finding means is in docs/operating/audit.md."
)]
pub struct AuditArgs {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// One store alone
    #[arg(long, value_name = "STORE")]
    pub store: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
