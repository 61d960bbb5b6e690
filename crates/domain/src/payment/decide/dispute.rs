//! Disputes of a payment whose money was taken.

use super::super::dispute::DISPUTES_MAX;
use super::super::{Dispute, Event, Payment, Refusal};
use super::{Announcement, Decision, Trigger};
use crate::Timestamp;

pub(super) fn open(
    payment: &Payment,
    dispute: Dispute,
    at: Timestamp,
) -> Result<Decision, Refusal> {
    let (attempt, _) = payment.captured().ok_or(Refusal::PaymentNotPaid)?;
    let is_known = dispute.pg_dispute_id.is_some()
        && payment
            .disputes
            .iter()
            .any(|known| known.pg_dispute_id == dispute.pg_dispute_id);
    if is_known {
        return Err(Refusal::NothingToDo);
    }
    if payment.disputes.len() >= DISPUTES_MAX {
        return Err(Refusal::MaxDisputeCountReached);
    }
    let (what, trigger) = (Announcement::DisputeCreated, Trigger::DisputeCreated);
    Ok(Decision::default()
        .event(Event::DisputeOpened { dispute, at })
        .announce(attempt.id, what, Some(trigger)))
}

/// Ends the dispute of that id; without one, the only dispute that is open.
pub(super) fn resolve(
    payment: &Payment,
    pg_dispute_id: Option<&str>,
    (resolved_at, at): (Timestamp, Timestamp),
) -> Result<Decision, Refusal> {
    let (attempt, _) = payment.captured().ok_or(Refusal::PaymentNotPaid)?;
    let is_meant =
        |one: &Dispute| pg_dispute_id.is_none_or(|id| one.pg_dispute_id.as_deref() == Some(id));
    let mut open = payment
        .disputes
        .iter()
        .enumerate()
        .filter(|(_, one)| is_meant(one) && one.resolved_at.is_none());
    let (Some((index, meant)), None) = (open.next(), open.next()) else {
        // The same report again is no news.
        let is_over = pg_dispute_id.is_some() && payment.disputes.iter().any(is_meant);
        return Err(if is_over {
            Refusal::NothingToDo
        } else {
            Refusal::DisputeNotFound
        });
    };
    if resolved_at < meant.created_at {
        return Err(Refusal::DisputeEndsBeforeItBegan);
    }
    let (what, trigger) = (Announcement::DisputeResolved, Trigger::DisputeResolved);
    Ok(Decision::default()
        .event(Event::DisputeResolved {
            index,
            resolved_at,
            at,
        })
        .announce(attempt.id, what, Some(trigger)))
}
