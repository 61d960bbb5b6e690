//! Arguments of `naru settlements …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Reach;

/// `naru settlements …`
#[derive(Debug, Subcommand)]
pub enum SettlementsCommand {
    /// Collect a store's settlements from now on, or end that
    #[command(
        after_long_help = "Example:\n  naru settlements enrol --store store-… \
        --from 2026-01-01\n  naru settlements enrol --store store-… --end"
    )]
    Enrol(EnrolArgs),
    /// Import a PG's settlement file and compare it with our payments
    #[command(after_long_help = "Example:\n  naru settlements import 20260115.csv \
        --channel channel-key-…\n\nThe same file twice changes nothing; a corrected one takes \
        the place of what was imported of its days. The columns of the CSV are in \
        docs/operating/reconcile.md.")]
    Import(ImportArgs),
    /// Show counts and amounts day by day
    #[command(
        after_long_help = "Example:\n  naru settlements report --store store-… \
        --from 2026-01-01 --until 2026-01-31"
    )]
    Report(ReportArgs),
    /// Show lines of settlements, such as those that differ from our payments
    #[command(after_long_help = "Example:\n  naru settlements lines --status \
        NOT_MATCHED,INCOMPARABLE --fail-on-difference")]
    Lines(LinesArgs),
    /// Compare all imported lines of a store again, after its settings changed
    #[command(after_long_help = "Example:\n  naru settlements rematch --store store-…")]
    Rematch(RematchArgs),
    /// Say how a channel's sales are taxed, for the VAT reports
    #[command(after_long_help = "Example:\n  naru settlements tax --channel channel-key-… exempt")]
    Tax(TaxArgs),
    /// Show differences between our books and the PGs'
    #[command(
        after_long_help = "Example:\n  naru settlements differences --state OPEN \
        --fail-on-difference\n\nWhat to do with each kind is in docs/operating/reconcile.md."
    )]
    Differences(DifferencesArgs),
    /// Say that a difference has been looked into
    #[command(
        after_long_help = "Example:\n  naru settlements accept --store store-… ID \
        --note \"given back by phone\""
    )]
    Accept(AcceptArgs),
    /// Compare one payment with the PG's books now
    #[command(after_long_help = "Example:\n  naru settlements compare --store store-… order-1")]
    Compare(CompareArgs),
}

/// `naru settlements enrol`
#[derive(Debug, Args)]
pub struct EnrolArgs {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The store's id
    #[arg(long, value_name = "STORE")]
    pub store: String,
    /// The first day whose transactions are collected [default: today]
    #[arg(long, value_name = "DAY", conflicts_with = "end")]
    pub from: Option<String>,
    /// Collect no more; what was imported stays
    #[arg(long)]
    pub end: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru settlements import`
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The channel whose settlement it is
    #[arg(
        long,
        value_name = "CHANNEL",
        required_unless_present = "pg_merchant_id"
    )]
    pub channel: Option<String>,
    /// The store whose channel it is, with `--pg-merchant-id`
    #[arg(long, value_name = "STORE", requires = "pg_merchant_id")]
    pub store: Option<String>,
    /// The merchant id at the PG, instead of a channel
    #[arg(
        long,
        value_name = "MID",
        conflicts_with = "channel",
        requires = "store"
    )]
    pub pg_merchant_id: Option<String>,
    /// `csv` is Naru's own, `pg` the PG's
    #[arg(long, default_value = "csv", value_parser = ["csv", "pg"])]
    pub format: String,
    /// Which part of its days it is, where a PG splits a day over several files
    #[arg(long, default_value = "")]
    pub part: String,
    /// Let lines vanish that an earlier import of these days has
    #[arg(long)]
    pub replace: bool,
    /// Only say what would change
    #[arg(long)]
    pub dry_run: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Which lines are meant
#[derive(Debug, Clone, Args)]
pub struct LineFilter {
    /// Of this store and its sub-stores
    #[arg(long, value_name = "STORE")]
    pub store: Option<String>,
    /// By the day of the `settlement` or of the `transaction`
    #[arg(long, default_value = "settlement", value_parser = ["settlement", "transaction"])]
    pub by: String,
    /// The first day [default: 30 days before the last]
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// The last day [default: today]
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
    /// Of this PG, such as `INICIS`, with `--pg-merchant-id`
    #[arg(long, value_name = "PG", requires = "pg_merchant_id")]
    pub pg: Option<String>,
    /// Of this merchant id there
    #[arg(long, value_name = "MID", requires = "pg")]
    pub pg_merchant_id: Option<String>,
    /// With these statuses: `MATCHED`, `NOT_MATCHED`, `INCOMPARABLE`, `NOT_COLLECTED`
    #[arg(long, value_name = "STATUS,…")]
    pub status: Option<String>,
}

/// `naru settlements report`
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// Which lines.
    #[command(flatten)]
    pub lines: LineFilter,
    /// Exit with 1 if anything differs from our books or has no counterpart
    #[arg(long)]
    pub fail_on_difference: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru settlements lines`
#[derive(Debug, Args)]
pub struct LinesArgs {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// Which lines.
    #[command(flatten)]
    pub lines: LineFilter,
    /// For these reasons: `PAYMENT_AMOUNT`, `TAX_FREE_AMOUNT`, `VAT_AMOUNT`, `ESCROW`,
    /// `INSTALLMENT_MONTHS`, `PAYMENT_DATE`
    #[arg(long, value_name = "REASON,…")]
    pub reason: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 100)]
    pub limit: u32,
    /// How many to skip
    #[arg(long, default_value_t = 0)]
    pub offset: u32,
    /// Exit with 1 if one of them differs from our books or has no counterpart
    #[arg(long)]
    pub fail_on_difference: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru settlements rematch`
#[derive(Debug, Args)]
pub struct RematchArgs {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The store's id
    #[arg(long, value_name = "STORE")]
    pub store: String,
}

/// `naru settlements tax`
#[derive(Debug, Args)]
pub struct TaxArgs {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The channel's key
    #[arg(long, value_name = "CHANNEL")]
    pub channel: String,
    /// Nothing is tax-free, everything is, or as the file and the payment say
    #[arg(value_name = "TAX", value_parser = ["taxable", "exempt", "per-payment"])]
    pub tax: String,
}

/// `naru settlements differences`
#[derive(Debug, Args)]
pub struct DifferencesArgs {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// Of this store and its sub-stores
    #[arg(long, value_name = "STORE")]
    pub store: Option<String>,
    /// Of this channel
    #[arg(long, value_name = "CHANNEL")]
    pub channel: Option<String>,
    /// Of this payment
    #[arg(long, value_name = "PAYMENT")]
    pub payment: Option<String>,
    /// In these states: `OPEN`, `EXEMPT`, `ACCEPTED`, `RESOLVED`
    #[arg(long, value_name = "STATE,…")]
    pub state: Option<String>,
    /// Of these kinds, such as `CANCELLED_AMOUNT`
    #[arg(long, value_name = "KIND,…")]
    pub kind: Option<String>,
    /// Found on this day of Korea or later
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// Found on this day of Korea or earlier
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 100)]
    pub limit: u32,
    /// How many to skip
    #[arg(long, default_value_t = 0)]
    pub offset: u32,
    /// Exit with 1 if one of those that match is open
    #[arg(long)]
    pub fail_on_difference: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru settlements accept`
#[derive(Debug, Args)]
pub struct AcceptArgs {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The store's id
    #[arg(long, value_name = "STORE")]
    pub store: String,
    /// The difference's id
    #[arg(value_name = "ID")]
    pub id: String,
    /// Why it is no longer a concern
    #[arg(long)]
    pub note: String,
}

/// `naru settlements compare`
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The store's id
    #[arg(long, value_name = "STORE")]
    pub store: String,
    /// The payment's id
    #[arg(value_name = "PAYMENT")]
    pub payment: String,
}
