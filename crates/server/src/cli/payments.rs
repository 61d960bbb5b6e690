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
    /// Print the address at which the customer of an escrow payment keeps or rejects the goods
    #[command(
        name = "escrow-page",
        after_long_help = "Example:\n  naru payments escrow-page --store store-… order-1\n\n\
        Give it to the customer of that payment alone: whoever has it can decide."
    )]
    EscrowPage(PaymentName),
    /// List the webhooks of a payment: those sent, and those not sent and why
    #[command(after_long_help = "Example:\n  naru payments webhooks --store store-… order-1")]
    Webhooks(PaymentName),
    /// Record what a PG tells of a customer's dispute
    #[command(subcommand)]
    Dispute(DisputeCommand),
}

/// `naru payments dispute …`
#[derive(Debug, Subcommand)]
pub enum DisputeCommand {
    /// Record that a customer disputes a payment, and tell the merchant by webhook
    #[command(
        after_long_help = "Example:\n  naru payments dispute open --store store-… order-1 \
        --pg-dispute-id PP-D-1 \\\n    --reason \"not received\"\n\n\
        A dispute changes no status and no amount. Give the PG's id: then a report that is \
        repeated\nis known as such. A refund that follows is an ordinary cancellation."
    )]
    Open(DisputeOpen),
    /// Record that a dispute came to an end, and tell the merchant by webhook
    #[command(
        after_long_help = "Example:\n  naru payments dispute resolve --store store-… order-1 \
        --pg-dispute-id PP-D-1"
    )]
    Resolve(DisputeResolve),
    /// List the disputes of a payment
    #[command(after_long_help = "Example:\n  naru payments dispute list --store store-… order-1")]
    List(PaymentName),
}

/// `naru payments dispute open`
#[derive(Debug, Args)]
pub struct DisputeOpen {
    /// Which payment.
    #[command(flatten)]
    pub name: PaymentName,
    /// The customer's reason, in the PG's words
    #[arg(long)]
    pub reason: String,
    /// The PG's id of the dispute
    #[arg(long, value_name = "ID")]
    pub pg_dispute_id: Option<String>,
    /// When it was opened, RFC 3339; now if not given
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
}

/// `naru payments dispute resolve`
#[derive(Debug, Args)]
pub struct DisputeResolve {
    /// Which payment.
    #[command(flatten)]
    pub name: PaymentName,
    /// The PG's id of the dispute; not needed where only one is open
    #[arg(long, value_name = "ID")]
    pub pg_dispute_id: Option<String>,
    /// When it ended, RFC 3339; now if not given
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
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
