//! The audit of schedules: what was answered is there; each was charged once at most, whatever
//! crashed (design 2a.9); at rest schedule, payment and the PG's books say the same.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::api::text;
use crate::audit::PAID;
use crate::facts::Facts;
use crate::history::{Call, What};

/// Schedules of payments that nobody scheduled.
pub fn unknown_schedules(calls: &BTreeMap<&str, Vec<&Call>>, facts: &Facts) -> Vec<String> {
    let is_asked_for = |schedule: &&Value| {
        let calls = calls.get(text(schedule, "/paymentId"));
        calls.is_some_and(|calls| calls.iter().any(|call| call.what == What::Schedule))
    };
    let unknown = facts.schedules.iter().filter(|one| !is_asked_for(one));
    unknown
        .map(|schedule| format!("nobody asked for this schedule: {schedule}"))
        .collect()
}

/// Everything that does not fit about the schedules of a payment.
pub fn schedules(
    (id, calls): (&str, &[&Call]),
    payment: Option<&Value>,
    facts: &Facts,
    found: &mut Vec<String>,
) {
    let asked: Vec<&Call> = calls
        .iter()
        .copied()
        .filter(|call| call.what == What::Schedule)
        .collect();
    if asked.is_empty() {
        return;
    }
    let is_its = |schedule: &&Value| text(schedule, "/paymentId") == id;
    let schedules: Vec<&Value> = facts.schedules.iter().filter(is_its).collect();
    for call in &asked {
        let answered = call.heard.success().map(|body| text(body, "/schedule/id"));
        let Some(answered) = answered else { continue };
        if !schedules.iter().any(|one| text(one, "/id") == answered) {
            found.push(format!("the schedule `{answered}` was answered"));
        }
    }
    // Each id is scheduled by one client, once.
    if schedules.len() > 1 {
        found.push(format!("made {} times", schedules.len()));
    }
    let is_refused = |call: &&Call| call.heard.success().is_none() && !call.heard.is_unclear();
    if !schedules.is_empty() && asked.iter().all(is_refused) {
        found.push("made, though every caller was refused".to_owned());
    }
    let is_revoked = |one: &&&Value| text(one, "/status") == "REVOKED";
    let charged = schedules.len() - schedules.iter().filter(is_revoked).count();
    let sales = facts.sales_of(id).count();
    if sales > charged {
        found.push(format!("{charged} schedules, sold {sales} times"));
    }
    for schedule in schedules {
        of_one(schedule, payment, calls, found);
    }
}

fn of_one(schedule: &Value, payment: Option<&Value>, calls: &[&Call], found: &mut Vec<String>) {
    let (id, status) = (text(schedule, "/id"), text(schedule, "/status"));
    let revocations = || calls.iter().filter(|call| call.what == What::Revoke);
    let is_told = revocations().any(|call| call.heard.success().is_some());
    if is_told && status != "REVOKED" {
        found.push(format!(
            "`{id}` was answered as revoked, it reads `{status}`"
        ));
    }
    match (status, payment) {
        ("SUCCEEDED" | "FAILED", Some(payment)) => {
            let is_paid = PAID.contains(&text(payment, "/status"));
            if is_paid != (status == "SUCCEEDED") {
                let reads = text(payment, "/status");
                found.push(format!(
                    "`{id}` is {status}, but the payment reads `{reads}`"
                ));
            }
            let of = text(payment, "/scheduleId");
            if of != id {
                found.push(format!("`{id}` is {status}, but the payment is of `{of}`"));
            }
        }
        ("SUCCEEDED" | "FAILED", None) => {
            found.push(format!("`{id}` is {status}, but there is no payment"));
        }
        ("REVOKED", Some(_)) => {
            found.push(format!("`{id}` is REVOKED, but there is a payment"));
        }
        ("REVOKED", None) => {
            if !(is_told || revocations().any(|call| call.heard.is_unclear())) {
                found.push(format!("`{id}` is REVOKED, but nobody revoked it"));
            }
        }
        _ => found.push(format!("the schedule `{id}` reads `{status}` at rest")),
    }
}
