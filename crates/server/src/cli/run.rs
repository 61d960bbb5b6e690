//! Arguments of the commands that run servers, keep them in order, and serve developers.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use super::Reach;
use crate::config::DatabaseUrl;

/// `naru sandbox`
#[derive(Debug, Args)]
#[command(
    after_long_help = "Example:\n  naru sandbox --listen 127.0.0.1:9000\n\n\
    The addresses and credentials are printed and written to `DIR/sandbox.json`."
)]
pub struct SandboxArgs {
    /// Where everything is kept; created if missing
    #[arg(long, value_name = "DIR", default_value = "naru-data")]
    pub data: PathBuf,
    /// Public listener; the private one and the simulators take the two ports after it
    ///
    /// Port 0 takes three free ports.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080", value_parser = address)]
    pub listen: SocketAddr,
    /// Database, `sqlite:PATH` or `postgres://…`; by default a file under DIR
    #[arg(long, value_name = "URL", value_parser = database_url)]
    pub database: Option<DatabaseUrl>,
    /// A running `naru pg-sim` to use instead of simulators of its own
    #[arg(long, value_name = "URL")]
    pub simulator: Option<String>,
}

/// `naru serve`
#[derive(Debug, Args)]
#[command(
    after_long_help = "Example:\n  naru migrate --create --config naru.toml\n  \
    naru serve --config naru.toml\n\nA commented template is `docs/operating/naru.toml`."
)]
pub struct ServeArgs {
    /// Config file
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
}

/// `naru pg-sim`
#[derive(Debug, Args)]
#[command(
    after_long_help = "Example:\n  naru pg-sim --listen 127.0.0.1:9900\n  \
    naru sandbox --simulator http://127.0.0.1:9900"
)]
pub struct PgSimArgs {
    /// Where the simulators keep their books, in `DIR/simulator`
    #[arg(long, value_name = "DIR", default_value = "naru-data")]
    pub data: PathBuf,
    /// Where to listen; port 0 takes a free port
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8082", value_parser = address)]
    pub listen: SocketAddr,
}

/// `naru migrate`
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  naru migrate --config naru.toml")]
pub struct MigrateArgs {
    /// Config file
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Create the SQLite file if it does not exist
    #[arg(long)]
    pub create: bool,
}

/// `naru doctor`
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  naru doctor --config naru.toml\n\n\
    Exit code 1 if anything must be mended before the server can be relied on.")]
pub struct DoctorArgs {
    /// Which installation to look at.
    #[command(flatten)]
    pub reach: Reach,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru config …`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Check that a server could start with this configuration
    #[command(after_long_help = "Example:\n  naru config check --config naru.toml")]
    Check(ConfigArgs),
    /// Print every value in force and where it comes from, secrets hidden
    #[command(after_long_help = "Example:\n  naru config print --config naru.toml")]
    Print(ConfigArgs),
}

/// Arguments of `naru config …`
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// Config file
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
}

/// `naru listen`
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  naru listen --forward-to http://localhost:3000/webhook")]
pub struct ListenArgs {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// Where to forward to
    #[arg(long, value_name = "URL")]
    pub forward_to: String,
    /// Only webhooks of this store
    #[arg(long, value_name = "STORE")]
    pub store: Option<String>,
}

/// `naru trigger`
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  naru trigger Transaction.Paid")]
pub struct TriggerArgs {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The type of the webhook
    #[arg(value_name = "EVENT", value_parser = PossibleValuesParser::new(TRIGGER_EVENTS))]
    pub event: String,
    /// The id of the payment that is made; by default a new one
    #[arg(long, value_name = "PAYMENT")]
    pub payment: Option<String>,
}

/// The webhooks that a payment of a server can lead to.
pub const TRIGGER_EVENTS: [&str; 9] = [
    "Transaction.Paid",
    "Transaction.Failed",
    "Transaction.VirtualAccountIssued",
    "Transaction.PartialCancelled",
    "Transaction.Cancelled",
    "Transaction.CancelPending",
    "BillingKey.Issued",
    "BillingKey.Failed",
    "BillingKey.Deleted",
];

/// An address to listen on; `localhost` is understood without asking anybody.
fn address(text: &str) -> Result<SocketAddr, String> {
    text.replacen("localhost:", "127.0.0.1:", 1)
        .parse()
        .map_err(|_| "expected an IP address and a port, such as `127.0.0.1:8080`".to_owned())
}

fn database_url(text: &str) -> Result<DatabaseUrl, String> {
    let url = DatabaseUrl::new(text.to_owned());
    url.parse()
        .map(|_| url)
        .map_err(|failure| failure.to_string())
}
