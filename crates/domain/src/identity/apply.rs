//! Folding events into an identity verification. Total: an event is a fact.

use super::{IdentityAttempt, IdentityEvent, IdentityState, IdentityVerification};
use crate::{AttemptId, Timestamp};

/// Folds an event.
pub fn apply(
    verification: Option<IdentityVerification>,
    event: &IdentityEvent,
) -> Option<IdentityVerification> {
    let mut verification = match (verification, event) {
        (Some(verification), _) => verification,
        (
            None,
            IdentityEvent::AttemptBegan {
                merchant_id,
                store_id,
                id,
                attempt,
            },
        ) => IdentityVerification {
            merchant_id: merchant_id.clone(),
            store_id: store_id.clone(),
            id: id.clone(),
            updated_at: attempt.requested_at,
            attempts: Vec::new(),
            event_count: 0,
        },
        (None, _) => return None,
    };
    verification.event_count += 1;
    let at = match event {
        IdentityEvent::AttemptBegan { attempt, .. } => {
            verification
                .attempts
                .push(IdentityAttempt::clone(attempt.as_ref()));
            attempt.requested_at
        }
        IdentityEvent::Sent { attempt, at, .. }
        | IdentityEvent::ConfirmBegan { attempt, at }
        | IdentityEvent::ConfirmRefused { attempt, at, .. }
        | IdentityEvent::ResendBegan { attempt, at }
        | IdentityEvent::Resent { attempt, at, .. }
        | IdentityEvent::Verified { attempt, at, .. }
        | IdentityEvent::Failed { attempt, at, .. } => {
            change(&mut verification, *attempt, event, *at);
            *at
        }
    };
    verification.updated_at = verification.updated_at.max(at);
    Some(verification)
}

fn change(
    verification: &mut IdentityVerification,
    id: AttemptId,
    event: &IdentityEvent,
    at: Timestamp,
) {
    let Some(attempt) = verification.attempts.iter_mut().find(|one| one.id == id) else {
        return;
    };
    let before = attempt.status();
    apply_to(&mut attempt.state, event);
    if attempt.status() != before {
        attempt.status_changed_at = at;
    }
}

fn apply_to(state: &mut IdentityState, event: &IdentityEvent) {
    match event {
        IdentityEvent::AttemptBegan { .. } | IdentityEvent::ConfirmRefused { .. } => {}
        IdentityEvent::Sent {
            pg_tx_id,
            expires_at,
            ..
        } => {
            *state = IdentityState::Sent {
                pg_tx_id: pg_tx_id.clone(),
                expires_at: *expires_at,
                confirms: 0,
                resends: 0,
            };
        }
        IdentityEvent::ConfirmBegan { .. } => {
            if let IdentityState::Sent { confirms, .. } = state {
                *confirms += 1;
            }
        }
        IdentityEvent::ResendBegan { .. } => {
            if let IdentityState::Sent { resends, .. } = state {
                *resends += 1;
            }
        }
        IdentityEvent::Resent {
            pg_tx_id: new_id,
            expires_at: new_end,
            ..
        } => {
            if let IdentityState::Sent {
                pg_tx_id,
                expires_at,
                ..
            } = state
            {
                pg_tx_id.clone_from(new_id);
                *expires_at = *new_end;
            }
        }
        IdentityEvent::Verified {
            pg_tx_id,
            person,
            keys,
            at,
            ..
        } => {
            let pg_tx_id = pg_tx_id.clone().or_else(|| known_id(state));
            *state = IdentityState::Verified {
                pg_tx_id: pg_tx_id.unwrap_or_default(),
                person: person.clone(),
                keys: keys.clone(),
                at: *at,
            };
        }
        IdentityEvent::Failed { failure, at, .. } => {
            *state = IdentityState::Failed {
                pg_tx_id: known_id(state),
                failure: failure.clone(),
                at: *at,
            };
        }
    }
}

fn known_id(state: &IdentityState) -> Option<String> {
    match state {
        IdentityState::Sending => None,
        IdentityState::Sent { pg_tx_id, .. } | IdentityState::Verified { pg_tx_id, .. } => {
            Some(pg_tx_id.clone()).filter(|id| !id.is_empty())
        }
        IdentityState::Failed { pg_tx_id, .. } => pg_tx_id.clone(),
    }
}
