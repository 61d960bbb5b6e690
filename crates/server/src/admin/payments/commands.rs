//! `naru payments …`: one call each, and its answer in words or as JSON.

use super::types::RejectionAccepted;
use crate::admin::client::AdminClient;
use crate::cli::{PaymentName, PaymentsCommand};
use crate::output;

/// `naru payments …`
pub async fn payments(command: PaymentsCommand) -> anyhow::Result<()> {
    match command {
        PaymentsCommand::AcceptRejection(name) => accept_rejection(name).await,
    }
}

async fn accept_rejection(name: PaymentName) -> anyhow::Result<()> {
    let path = [
        "stores",
        &name.store,
        "payments",
        &name.payment,
        "escrow",
        "accept-rejection",
    ];
    let accepted: RejectionAccepted = AdminClient::find(&name.reach)?
        .post(&path, &serde_json::json!({}))
        .await?;
    if name.json {
        return output::json(&accepted);
    }
    output::line(format!("payment   {}", accepted.payment_id));
    output::line(format!("accepted  {}", accepted.accepted_at));
    output::note("the money is still there: a cancellation of the payment gives it back");
    Ok(())
}
