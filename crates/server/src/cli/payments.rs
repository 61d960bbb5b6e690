//! Arguments of `naru payments …`.

use clap::{Args, Subcommand};

use super::Reach;

/// `naru payments …`
#[derive(Debug, Subcommand)]
pub enum PaymentsCommand {
    /// Accept that the customer of an escrow payment rejected the goods
    #[command(
        name = "accept-rejection",
        after_long_help = "Example:\n  naru payments accept-rejection --store store-… order-1\n\n\
        The API has no operation for it. The money goes back with a cancellation afterwards."
    )]
    AcceptRejection(PaymentName),
}

/// One payment
#[derive(Debug, Args)]
pub struct PaymentName {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The store's id
    #[arg(long, value_name = "STORE")]
    pub store: String,
    /// The payment's id
    #[arg(value_name = "PAYMENT")]
    pub payment: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
