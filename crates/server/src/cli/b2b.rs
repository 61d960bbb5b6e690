//! Arguments of `naru b2b …`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::Reach;
use super::admin::pair;

/// `naru b2b …`
#[derive(Debug, Subcommand)]
pub enum B2bCommand {
    /// Make or replace a store's contract with a tax-invoice provider
    #[command(
        after_long_help = "Example:\n  naru b2b enable --store store-… --brn 1234567891 --live \
        \\\n    --option link_id=MYLINK --secret-file secret_key=/run/secrets/popbill\n\n\
        Without a contract the B2B operations answer 403 B2B_NOT_ENABLED. Test data and live data \
        have a contract each. Options of the provider: docs/pg/popbill.md."
    )]
    Enable(B2bEnable),
    /// Show the contracts of a store, without their keys
    #[command(after_long_help = "Example:\n  naru b2b show --store store-…")]
    Show {
        /// Which server to talk to.
        #[command(flatten)]
        reach: Reach,
        /// The store's id
        #[arg(long, value_name = "STORE")]
        store: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// End a contract: the B2B operations are off, the invoices stay
    #[command(after_long_help = "Example:\n  naru b2b disable --store store-… --test")]
    Disable(B2bDisable),
    /// Send a webhook about an invoice as it stands now: `TaxInvoice.Manual`
    #[command(
        after_long_help = "Example:\n  naru b2b webhook --store store-… 019b76da-…\n\n\
        It is signed, repeated and kept like any other webhook of the store."
    )]
    Webhook(OfInvoice),
    /// Make the address of a page on which the supplier of a requested invoice answers it
    #[command(
        after_long_help = "Example:\n  naru b2b invite --store store-… 019b76da-…\n\n\
        Send it yourself: Naru writes no mail. It works for 60 days and until another is made."
    )]
    Invite(OfInvoice),
    /// Make invoices of a sheet, and draft, request or issue them together
    #[command(subcommand)]
    Bulk(BulkCommand),
}

/// `naru b2b bulk …`
#[derive(Debug, Subcommand)]
pub enum BulkCommand {
    /// Make a bulk of a sheet (CSV): its invoices are drafted one after the other
    #[command(
        after_long_help = "Example:\n  naru b2b bulk import april.csv --store store-… --live \
        --dry-run\n  naru b2b bulk import april.csv --store store-… --live --start --wait\n\n\
        A sheet with a faulty row makes nothing. The same sheet again is the same bulk. The \
        columns are in docs/b2b.md."
    )]
    Import(BulkImportArgs),
    /// Show the latest bulks of a store
    #[command(after_long_help = "Example:\n  naru b2b bulk list --store store-…")]
    List {
        /// Which server to talk to.
        #[command(flatten)]
        reach: Reach,
        /// The store's id
        #[arg(long, value_name = "STORE")]
        store: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show how the invoices of a bulk stand
    #[command(after_long_help = "Example:\n  naru b2b bulk show --store store-… bulk-… --wait")]
    Show(BulkName),
    /// Request or issue the drafts of a bulk; again for those that failed
    #[command(
        after_long_help = "Example:\n  naru b2b bulk start --store store-… bulk-… \
        --at 2026-05-10T09:00:00+09:00"
    )]
    Start(BulkStartArgs),
    /// Let a bulk take no further step; its drafts stay
    #[command(after_long_help = "Example:\n  naru b2b bulk cancel --store store-… bulk-…")]
    Cancel(BulkName),
}

/// Which bulk
#[derive(Debug, Args)]
pub struct BulkName {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The store's id
    #[arg(long, value_name = "STORE")]
    pub store: String,
    /// The bulk's id
    #[arg(value_name = "BULK")]
    pub bulk: String,
    /// Wait until it rests
    #[arg(long)]
    pub wait: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru b2b bulk start`
#[derive(Debug, Args)]
pub struct BulkStartArgs {
    /// Which bulk.
    #[command(flatten)]
    pub name: BulkName,
    /// Not before then
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
}

/// `naru b2b bulk import`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("environment").required(true).args(["live", "test"]))]
pub struct BulkImportArgs {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The sheet
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The store's id
    #[arg(long, value_name = "STORE")]
    pub store: String,
    /// For test data
    #[arg(long)]
    pub test: bool,
    /// For live data
    #[arg(long)]
    pub live: bool,
    /// Who writes the invoices: `reverse` the recipient, who asks the supplier to sign, `normal`
    /// the supplier
    #[arg(long, default_value = "reverse", value_parser = ["reverse", "normal"])]
    pub issuance: String,
    /// The bulk's id [default: made from the sheet]
    #[arg(long, value_name = "BULK")]
    pub id: Option<String>,
    /// What to call it
    #[arg(long)]
    pub name: Option<String>,
    /// Request or issue the invoices once they are drafted
    #[arg(long)]
    pub start: bool,
    /// Not before then, with `--start`
    #[arg(long, value_name = "TIME", requires = "start")]
    pub at: Option<String>,
    /// Only say what is wrong with the sheet
    #[arg(long)]
    pub dry_run: bool,
    /// Wait until the bulk rests
    #[arg(long)]
    pub wait: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru b2b enable`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("environment").required(true).args(["live", "test"]))]
pub struct B2bEnable {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The store's id
    #[arg(long, value_name = "STORE")]
    pub store: String,
    /// The merchant's own business registration number: ten digits
    #[arg(long, value_name = "NUMBER")]
    pub brn: String,
    /// The provider
    #[arg(long, default_value = "popbill")]
    pub provider: String,
    /// For test data
    #[arg(long)]
    pub test: bool,
    /// For live data
    #[arg(long)]
    pub live: bool,
    /// An option of the provider; can be repeated
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = pair)]
    pub options: Vec<(String, String)>,
    /// A key of the provider, read from a file; can be repeated
    #[arg(long = "secret-file", value_name = "NAME=PATH", value_parser = pair)]
    pub secret_files: Vec<(String, String)>,
    /// A key of the provider, read from an environment variable; can be repeated
    #[arg(long = "secret-env", value_name = "NAME=VARIABLE", value_parser = pair)]
    pub secret_variables: Vec<(String, String)>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru b2b disable`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("environment").required(true).args(["live", "test"]))]
pub struct B2bDisable {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The store's id
    #[arg(long, value_name = "STORE")]
    pub store: String,
    /// For test data
    #[arg(long)]
    pub test: bool,
    /// For live data
    #[arg(long)]
    pub live: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Which invoice
#[derive(Debug, Args)]
pub struct OfInvoice {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The store's id
    #[arg(long, value_name = "STORE")]
    pub store: String,
    /// The invoice's id
    #[arg(value_name = "INVOICE")]
    pub invoice: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
