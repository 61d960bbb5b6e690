//! Arguments of `naru windows …`.

use clap::{Args, Subcommand};

use super::Reach;

/// `naru windows …`
#[derive(Debug, Subcommand)]
pub enum WindowsCommand {
    /// Open a payment window in a sandbox, and print the address of its page
    #[command(
        after_long_help = "Example:\n  naru windows open --store store-… --payment order-1 \
        --channel channel-key-… --amount 1000\n\nGo to `pageUrl` with a browser and pay at the \
        simulated PG. The fields are what that page sends to\nthe PG: tests without a browser give \
        them to the simulator's control `POST /windows`, which plays\nthe customer."
    )]
    Open(WindowOpen),
    /// Bring back to a sandbox what the PG gave the customer's browser
    #[command(
        name = "return",
        after_long_help = "Example:\n  naru windows return TRANSACTION \
        --form \"resultCode=0000&mid=INIpayTest&…\""
    )]
    Return(WindowReturn),
}

/// `naru windows open`
#[derive(Debug, Args)]
pub struct WindowOpen {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The store's id
    #[arg(long, value_name = "STORE")]
    pub store: String,
    /// The payment's id
    #[arg(long, value_name = "PAYMENT")]
    pub payment: String,
    /// The channel's key
    #[arg(long, value_name = "CHANNEL")]
    pub channel: String,
    /// What it costs, in minor units
    #[arg(long, value_name = "AMOUNT")]
    pub amount: i64,
    /// Pay by virtual account instead of by card
    #[arg(long)]
    pub virtual_account: bool,
    /// The window for phones instead of that for computers
    #[arg(long)]
    pub mobile: bool,
    /// Where the merchant's server says whether the money may be taken
    #[arg(long, value_name = "URL")]
    pub confirm_url: Option<String>,
}

/// `naru windows return`
#[derive(Debug, Args)]
pub struct WindowReturn {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The transaction's id, as `naru windows open` printed it
    #[arg(value_name = "TRANSACTION")]
    pub transaction: String,
    /// What the browser brings, as a form
    #[arg(long, value_name = "FORM")]
    pub form: String,
}
