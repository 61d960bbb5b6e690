//! P6: the receiver has heard of everything that happened, and of nothing that did not.

use std::collections::{BTreeMap, BTreeSet};

use naru_domain::payment::{CancellationState, Status};
use naru_engine::records::WebhookStatus;
use serde_json::Value;

use super::Facts;
use crate::Shared;

/// What a webhook told: type, payment, cancellation.
type News<'a> = BTreeSet<(&'a str, &'a str, &'a str)>;

/// See the module.
pub fn arrived(world: &Shared, facts: &Facts, findings: &mut Vec<String>) {
    let taken = world.receiver.taken();
    let rows: BTreeMap<&str, _> = facts
        .webhooks
        .iter()
        .map(|row| (row.id.as_str(), row))
        .collect();
    for (id, body) in &taken {
        let row = rows.get(id.as_str());
        let is_ours = row.is_some_and(|row| {
            serde_json::from_str::<Value>(&row.body).is_ok_and(|ours| ours == *body)
        });
        if !is_ours {
            findings.push(format!("a webhook `{id}` arrived that is not ours: {body}"));
        }
    }
    for row in &facts.webhooks {
        if row.status != WebhookStatus::Succeeded || !taken.contains_key(&row.id) {
            let (subject, event, status) = (&row.subject_id, &row.event, row.status);
            findings.push(format!("`{subject}`: webhook {event} is {status:?}"));
        }
    }
    let news: News<'_> = taken.values().map(told).collect();
    for (id, payment) in &facts.payments {
        let own = match payment.status() {
            Status::Paid | Status::PartialCancelled | Status::Cancelled => "Transaction.Paid",
            Status::Failed => "Transaction.Failed",
            Status::VirtualAccountIssued => "Transaction.VirtualAccountIssued",
            Status::Ready | Status::PayPending => continue,
        };
        if !payment.attempts.is_empty() && !news.contains(&(own, id, "")) {
            // An account that was closed is told of as cancelled.
            let is_closed = own == "Transaction.Failed"
                && news
                    .iter()
                    .any(|(kind, payment, _)| *payment == id && *kind == "Transaction.Cancelled");
            if !is_closed {
                findings.push(format!("`{id}`: no webhook {own} arrived"));
            }
        }
        for one in &payment.cancellations {
            let is_done = matches!(one.state, CancellationState::Succeeded { .. });
            let one = one.id.to_string();
            let is_told = ["Transaction.PartialCancelled", "Transaction.Cancelled"]
                .iter()
                .any(|kind| news.contains(&(kind, id, &one)));
            if is_done != is_told {
                findings.push(format!(
                    "`{id}`: cancellation {one} done: {is_done}, told of: {is_told}"
                ));
            }
        }
    }
}

fn told(body: &Value) -> (&str, &str, &str) {
    let text = |pointer: &str| {
        body.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    (
        text("/type"),
        text("/data/paymentId"),
        text("/data/cancellationId"),
    )
}
