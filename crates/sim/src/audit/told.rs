//! P1 and P7: what was answered is so, stays so, and is answered again the same.

use std::collections::{BTreeMap, BTreeSet};

use naru_domain::payment::{AttemptState, CancellationState, Payment, Status};
use naru_engine::records::IdempotencyState;
use naru_engine::{Answer, Fault};

use super::Facts;
use crate::history::{Call, What};

pub fn is_paid(payment: &Payment) -> bool {
    matches!(
        payment.status(),
        Status::Paid | Status::PartialCancelled | Status::Cancelled
    )
}

fn is_payment(call: &Call) -> bool {
    matches!(call.what, What::Card | What::Charge)
}

/// Payments, accounts, closes, schedules.
pub fn promises(facts: &Facts, findings: &mut Vec<String>) {
    for call in &facts.calls {
        let id = &call.subject;
        if let Some(Fault::Internal { .. }) = call.heard.fault() {
            findings.push(format!("`{id}`: {:?} told {:?}", call.what, call.heard));
        }
        let Some(answer) = call.heard.success() else {
            continue;
        };
        let payment = facts.payments.get(id);
        let is_so = match (call.what, answer) {
            (What::Card | What::Charge, Answer::Payment { pg_tx_id, .. }) => {
                payment.is_some_and(|payment| is_paid(payment) && is_captured_as(payment, pg_tx_id))
            }
            (What::Account, Answer::Payment { pg_tx_id, .. }) => {
                payment.is_some_and(|payment| was_issued_as(payment, pg_tx_id))
            }
            (What::Close, _) => payment.is_some_and(|payment| {
                payment.status() == Status::Failed
                    || (is_paid(payment) && facts.deposits.contains(id))
            }),
            (What::Schedule, Answer::Scheduled { id }) => {
                facts.schedules.iter().any(|schedule| schedule.0.id == *id)
            }
            (What::Revoke, Answer::SchedulesRevoked { ids, .. }) => ids.iter().all(|id| {
                let mut schedules = facts.schedules.iter();
                let found = schedules.find(|schedule| schedule.0.id == *id);
                found.is_some_and(|found| {
                    let state = &found.0.state;
                    matches!(state, naru_domain::schedule::ScheduleState::Revoked { .. })
                })
            }),
            (What::Cancel | What::IssueKey, _) => true,
            _ => false,
        };
        if !is_so {
            let status = payment.map(Payment::status);
            findings.push(format!(
                "`{id}`: {:?} was answered {answer:?}, it is {status:?}",
                call.what
            ));
        }
    }
    never_paid(facts, findings);
}

/// Where every caller was told of failure, nothing may be paid.
fn never_paid(facts: &Facts, findings: &mut Vec<String>) {
    for (id, payment) in facts
        .payments
        .iter()
        .filter(|(_, payment)| is_paid(payment))
    {
        let of_schedule = payment
            .shown()
            .is_some_and(|attempt| attempt.schedule.is_some());
        let asked = last_words(facts.about(id).filter(|call| is_payment(call)));
        let may_be = of_schedule
            || facts.deposits.contains(id)
            || asked
                .values()
                .any(|call| call.heard.is_unclear() || is_success(call));
        if !may_be {
            findings.push(format!(
                "`{id}`: paid, though every caller was told of failure"
            ));
        }
    }
}

/// What each key heard last: who was told of failure after hearing nothing believes the failure.
fn last_words<'a>(calls: impl Iterator<Item = &'a Call>) -> BTreeMap<Option<&'a str>, &'a Call> {
    calls.map(|call| (call.key.as_deref(), call)).collect()
}

fn is_success(call: &Call) -> bool {
    call.heard.success().is_some()
}

fn is_captured_as(payment: &Payment, pg_tx_id: &str) -> bool {
    payment.attempts.iter().any(|attempt| {
        matches!(&attempt.state, AttemptState::Captured { capture } if capture.pg_tx_id == pg_tx_id)
    })
}

/// The account is on one of the attempts, whatever became of it.
fn was_issued_as(payment: &Payment, pg_tx_id: &str) -> bool {
    payment.attempts.iter().any(|attempt| match &attempt.state {
        AttemptState::WaitingForDeposit { issued, .. } => issued.pg_tx_id == pg_tx_id,
        AttemptState::Failed { issued, .. } => issued
            .as_ref()
            .is_some_and(|issued| issued.pg_tx_id == pg_tx_id),
        AttemptState::Captured { .. } => true,
        _ => false,
    })
}

/// Each cancellation that was answered is there, and there are no others but lost ones.
pub fn cancellations(facts: &Facts, findings: &mut Vec<String>) {
    for (id, payment) in &facts.payments {
        let mut answered = BTreeSet::new();
        let asked = last_words(facts.about(id).filter(|call| call.what == What::Cancel));
        let lost = asked.values().filter(|call| call.heard.is_unclear());
        let lost = lost.count();
        for call in facts.about(id).filter(|call| call.what == What::Cancel) {
            match call.heard.success() {
                Some(Answer::Cancellation { cancellation }) => {
                    answered.insert(cancellation.id.to_string());
                    let mut all = payment.cancellations.iter();
                    let reads = all.find(|one| one.id == cancellation.id);
                    let was_done =
                        matches!(cancellation.state, CancellationState::Succeeded { .. });
                    let is_kept = reads.is_some_and(|reads| {
                        let is_done = matches!(reads.state, CancellationState::Succeeded { .. });
                        reads.amount == cancellation.amount && (is_done || !was_done)
                    });
                    if !is_kept {
                        findings.push(format!(
                            "`{id}`: answered {cancellation:?}, reads {reads:?}"
                        ));
                    }
                }
                Some(other) => findings.push(format!("`{id}`: a cancel was answered {other:?}")),
                None => {}
            }
        }
        let unasked = payment.cancellations.iter().filter(|one| {
            matches!(one.state, CancellationState::Succeeded { .. })
                && !answered.contains(&one.id.to_string())
        });
        let unasked = unasked.count();
        if unasked > lost {
            findings.push(format!(
                "`{id}`: {unasked} cancellations that nobody was told of, {lost} calls lost"
            ));
        }
    }
}

/// Where one key alone asked for a payment, it is never told that somebody else has paid.
pub fn own_key(facts: &Facts, findings: &mut Vec<String>) {
    let mut keys: BTreeMap<&str, BTreeSet<Option<&str>>> = BTreeMap::new();
    for call in facts.calls.iter().filter(|call| is_payment(call)) {
        let of_payment = keys.entry(&call.subject).or_default();
        of_payment.insert(call.key.as_deref());
    }
    for call in facts.calls.iter().filter(|call| is_payment(call)) {
        let is_alone = keys[call.subject.as_str()].len() == 1;
        if is_alone && call.heard.fault() == Some(&Fault::AlreadyPaid) {
            findings.push(format!(
                "`{}`: its own key was told that it is already paid",
                call.subject
            ));
        }
    }
}

/// A key gives money back once, however often it asks.
pub fn one_cancellation_each(facts: &Facts, findings: &mut Vec<String>) {
    for (id, payment) in &facts.payments {
        let keys: BTreeSet<_> = facts
            .about(id)
            .filter(|call| call.what == What::Cancel)
            .map(|call| call.key.as_deref())
            .collect();
        let done = payment
            .cancellations
            .iter()
            .filter(|one| matches!(one.state, CancellationState::Succeeded { .. }))
            .count();
        if done > keys.len() {
            findings.push(format!(
                "`{id}`: {} keys asked for cancellations, and {done} were done",
                keys.len()
            ));
        }
    }
}

/// No key waits for its answer when all that was asked for is over.
pub fn every_key_is_done(facts: &Facts, findings: &mut Vec<String>) {
    for record in &facts.keys {
        if matches!(record.state, IdempotencyState::Running) {
            findings.push(format!("key `{}` never got its answer", record.record_key));
        }
    }
}

/// The same key is answered the same.
pub fn repeats(facts: &Facts, findings: &mut Vec<String>) {
    let mut first: BTreeMap<&str, &Call> = BTreeMap::new();
    for call in &facts.calls {
        let Some(key) = call.key.as_deref() else {
            continue;
        };
        let is_final = call.heard.success().is_some()
            || matches!(call.heard.fault(), Some(Fault::PgProvider { .. }));
        if !is_final {
            continue;
        }
        let before = first.entry(key).or_insert(call);
        if before.heard != call.heard {
            findings.push(format!(
                "`{}`: key `{key}` was answered {:?}, then {:?}",
                call.subject, before.heard, call.heard
            ));
        }
    }
}
