//! Arguments of `naru journal`.

use clap::Args;

use super::Reach;

/// `naru journal`
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  naru journal\n  naru journal --store store-… \
    --from 2026-01-01 --until 2026-01-31 --json\n\nThe balance is debits less credits; of all \
    accounts together it is 0. What each account is of is\nin docs/operating/journal.md; whether \
    the journal fits the payments, `naru audit` looks."
)]
pub struct JournalArgs {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// One store alone
    #[arg(long, value_name = "STORE")]
    pub store: Option<String>,
    /// The first day whose postings count, in the store's time zone
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// The last day whose postings count
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
