//! What the engine counts. No label holds an id, an amount or a text of a PG (P8).

use std::time::Duration;

use naru_connector::{IdentityOutcome, Outcome};
use naru_domain::DifferenceKind;
use naru_domain::payment::Event;

use crate::exchange::Begun;
use crate::records::WebhookStatus;

const fn outcome_name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Approved(_)
        | Outcome::AccountIssued(_)
        | Outcome::KeyIssued(_)
        | Outcome::KeyDeleted { .. }
        | Outcome::Identity(IdentityOutcome::Sent { .. } | IdentityOutcome::Verified(_))
        | Outcome::Acted(_)
        | Outcome::Receipt(_)
        | Outcome::Refunded(_)
        | Outcome::AccountClosed { .. }
        | Outcome::Found(_) => "done",
        Outcome::NotFound => "not_found",
        Outcome::Declined(_) | Outcome::Identity(IdentityOutcome::StillOpen(_)) => "declined",
        Outcome::Unknown(_) => "unknown",
        Outcome::NotSent { .. } => "not_sent",
    }
}

/// One exchange with a PG.
pub(crate) fn pg_call(begun: &Begun, outcome: &Outcome, took_micros: i64) {
    let operation = begun.operation.name();
    let outcome = outcome_name(outcome);
    metrics::counter!(
        "naru_pg_calls_total", "pg" => begun.pg, "operation" => operation, "outcome" => outcome
    )
    .increment(1);
    let took = Duration::from_micros(took_micros.max(0).unsigned_abs());
    metrics::histogram!("naru_pg_call_seconds", "pg" => begun.pg, "operation" => operation)
        .record(took);
}

/// What happened to a payment.
pub(crate) fn payment_event(event: &Event) {
    metrics::counter!("naru_payment_events_total", "event" => event.kind()).increment(1);
}

/// A difference that was found.
pub(crate) fn difference(kind: DifferenceKind) {
    metrics::counter!("naru_differences_found_total", "kind" => kind.name()).increment(1);
}

/// How many differences of a kind are open.
pub(crate) fn open_differences(kind: DifferenceKind, count: u32) {
    metrics::gauge!("naru_differences_open", "kind" => kind.name()).set(f64::from(count));
}

/// One delivery of a webhook.
pub(crate) fn delivery(status: WebhookStatus) {
    let result = match status {
        WebhookStatus::Succeeded => "succeeded",
        WebhookStatus::FailedNotOkResponse => "not_ok",
        WebhookStatus::Pending | WebhookStatus::FailedUnexpectedError => "no_answer",
    };
    metrics::counter!("naru_webhook_deliveries_total", "result" => result).increment(1);
}
