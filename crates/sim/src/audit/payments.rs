//! Naru's own rows: nothing open, and each row is what its events make of it.

use naru_domain::payment::{AttemptState, Event, Payment, Status, apply};
use naru_domain::schedule::ScheduleState;
use naru_domain::{PaymentId, StoreId};

use super::Facts;
use crate::Shared;
use crate::setup::STORE;

/// P4: nothing stays unknown.
pub fn at_rest(facts: &Facts, findings: &mut Vec<String>) {
    for (id, payment) in &facts.payments {
        for attempt in &payment.attempts {
            match &attempt.state {
                AttemptState::Sending
                | AttemptState::Unknown { .. }
                | AttemptState::Reversing { .. }
                | AttemptState::WaitingForDeposit { closing: true, .. } => {
                    findings.push(format!("`{id}`: an attempt is open: {:?}", attempt.state));
                }
                _ => {}
            }
        }
        for one in &payment.cancellations {
            if one.state.is_open() {
                findings.push(format!("`{id}`: a cancellation is open: {:?}", one.state));
            }
        }
        let captures = |attempt: &&naru_domain::payment::Attempt| {
            matches!(attempt.state, AttemptState::Captured { .. })
        };
        if payment.attempts.iter().filter(captures).count() > 1 {
            findings.push(format!("`{id}`: captured more than once"));
        }
        if payment.cancelled().total > payment_amount(payment) {
            findings.push(format!("`{id}`: more was given back than taken"));
        }
    }
}

fn payment_amount(payment: &Payment) -> i64 {
    payment
        .shown()
        .map_or(0, |attempt| attempt.order.amount.total)
}

/// Folding a payment's events gives its row.
pub async fn events(world: &Shared, facts: &Facts, findings: &mut Vec<String>) {
    for (id, payment) in &facts.payments {
        let events = world
            .observer
            .payment_events(&StoreId::new(STORE), &PaymentId::new(id))
            .await
            .expect("the observer's store never fails");
        let mut folded: Option<Payment> = None;
        for (index, record) in events.iter().enumerate() {
            if record.sequence != i64::try_from(index).unwrap_or(0) + 1 {
                findings.push(format!("`{id}`: event {} is missing", index + 1));
                break;
            }
            match serde_json::from_value::<Event>(record.event.clone()) {
                Ok(event) => folded = apply(folded, &event),
                Err(error) => findings.push(format!("`{id}`: an event can't be read: {error}")),
            }
        }
        if folded.as_ref() != Some(payment) {
            findings.push(format!("`{id}`: its events do not make its row"));
        }
    }
}

/// One attempt for each schedule, and none stays open.
pub fn schedules(facts: &Facts, findings: &mut Vec<String>) {
    for schedule in &facts.schedules {
        let schedule = &schedule.0;
        let id = schedule.id.to_string();
        let payment = facts.payments.get(schedule.payment_id.as_str());
        let of_schedule: Vec<_> = payment
            .iter()
            .flat_map(|payment| &payment.attempts)
            .filter(|attempt| attempt.schedule.as_ref() == Some(&schedule.id))
            .collect();
        if of_schedule.len() > 1 {
            findings.push(format!(
                "schedule `{id}` has {} attempts",
                of_schedule.len()
            ));
        }
        let status = payment.map(Payment::status);
        let fits = match &schedule.state {
            ScheduleState::Revoked { .. } => of_schedule.is_empty(),
            ScheduleState::Succeeded { .. } => {
                of_schedule.len() == 1
                    && matches!(
                        status,
                        Some(Status::Paid | Status::PartialCancelled | Status::Cancelled)
                    )
            }
            ScheduleState::Failed { .. } => of_schedule.len() == 1,
            ScheduleState::Scheduled
            | ScheduleState::Started { .. }
            | ScheduleState::Pending { .. } => false,
        };
        if !fits {
            findings.push(format!(
                "schedule `{id}` is {:?}, its payment {status:?}",
                schedule.state
            ));
        }
    }
}
