//! Arguments of `naru b2b …`.

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

/// `naru b2b webhook`
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
