//! `naru payments …`: one call each, and its answer in words or as JSON.

use super::types::{
    DisputeEnd, Disputes, EscrowPageAddress, Message, MessageLog, NewDispute, RejectionAccepted,
};
use crate::admin::client::AdminClient;
use crate::cli::{DisputeCommand, DisputeOpen, DisputeResolve, PaymentName, PaymentsCommand};
use crate::output;

/// `naru payments …`
pub async fn payments(command: PaymentsCommand) -> anyhow::Result<()> {
    match command {
        PaymentsCommand::AcceptRejection(name) => accept_rejection(name).await,
        PaymentsCommand::EscrowPage(name) => escrow_page(name).await,
        PaymentsCommand::Webhooks(name) => list_messages(name).await,
        PaymentsCommand::Dispute(DisputeCommand::List(name)) => list_disputes(name).await,
        PaymentsCommand::Dispute(DisputeCommand::Open(arguments)) => open_dispute(arguments).await,
        PaymentsCommand::Dispute(DisputeCommand::Resolve(arguments)) => {
            resolve_dispute(arguments).await
        }
    }
}

async fn list_disputes(name: PaymentName) -> anyhow::Result<()> {
    let path = ["stores", &name.store, "payments", &name.payment, "disputes"];
    let found = AdminClient::find(&name.reach)?.get(&path).await?;
    show_disputes(&found, name.json)
}

async fn list_messages(name: PaymentName) -> anyhow::Result<()> {
    let path = ["stores", &name.store, "payments", &name.payment, "webhooks"];
    let found: MessageLog = AdminClient::find(&name.reach)?.get(&path).await?;
    if name.json {
        return output::json(&found);
    }
    let row = |one: &Message| {
        let result = match (&one.not_sent, &one.result) {
            (Some(why), _) => format!("not sent: {why}"),
            (None, Some(result)) => result.clone(),
            (None, None) => "waiting".to_owned(),
        };
        [
            one.at.clone(),
            one.event.clone(),
            one.url.clone().unwrap_or_else(|| "-".to_owned()),
            one.deliveries.to_string(),
            result,
        ]
    };
    let rows: Vec<_> = found.items.iter().map(row).collect();
    output::table(["AT", "EVENT", "TO", "SENT", "RESULT"], &rows);
    Ok(())
}

async fn open_dispute(arguments: DisputeOpen) -> anyhow::Result<()> {
    let DisputeOpen {
        name,
        reason,
        pg_dispute_id,
        at,
    } = arguments;
    let new = NewDispute {
        pg_dispute_id,
        reason,
        created_at: at,
    };
    let path = ["stores", &name.store, "payments", &name.payment, "disputes"];
    let opened: Disputes = AdminClient::find(&name.reach)?.post(&path, &new).await?;
    if !opened.is_news {
        output::note("the payment has a dispute of that id already; nothing is changed");
    }
    show_disputes(&opened, name.json)
}

async fn resolve_dispute(arguments: DisputeResolve) -> anyhow::Result<()> {
    let DisputeResolve {
        name,
        pg_dispute_id,
        at,
    } = arguments;
    let end = DisputeEnd {
        pg_dispute_id,
        resolved_at: at,
    };
    let payment = ["stores", &name.store, "payments", &name.payment];
    let path = [&payment[..], &["disputes", "resolve"]].concat();
    let resolved: Disputes = AdminClient::find(&name.reach)?.post(&path, &end).await?;
    if !resolved.is_news {
        output::note("the dispute was resolved already; nothing is changed");
    }
    show_disputes(&resolved, name.json)
}

fn show_disputes(disputes: &Disputes, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(disputes);
    }
    let row = |one: &super::types::Dispute| {
        [
            one.pg_dispute_id.clone().unwrap_or_else(|| "-".to_owned()),
            one.created_at.clone(),
            one.resolved_at.clone().unwrap_or_else(|| "-".to_owned()),
            one.reason.clone(),
        ]
    };
    let rows: Vec<_> = disputes.items.iter().map(row).collect();
    if rows.is_empty() {
        output::note("the payment has no disputes");
    } else {
        output::table(["DISPUTE", "OPENED", "RESOLVED", "REASON"], &rows);
    }
    Ok(())
}

async fn escrow_page(name: PaymentName) -> anyhow::Result<()> {
    let payment = ["stores", &name.store, "payments", &name.payment];
    let path = [&payment[..], &["escrow", "page"]].concat();
    let page: EscrowPageAddress = AdminClient::find(&name.reach)?.get(&path).await?;
    if name.json {
        return output::json(&page);
    }
    output::line(&page.url);
    Ok(())
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
