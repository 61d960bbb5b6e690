//! What the provider shows, against what we know.

use super::{CallKind, Event, Issued, Seen, State};
use crate::Timestamp;

/// How far along an invoice is. What the provider shows is believed only if it is further on: its
/// notices come late and in any order.
fn rank(state: &State) -> u8 {
    match state {
        State::Absent => 0,
        State::Drafted => 1,
        State::Requested => 2,
        State::RequestCancelled | State::RequestRefused => 3,
        State::Issued { .. } => 4,
        State::BeforeSending { .. } => 5,
        State::WaitingSending { .. } => 6,
        State::Sending { .. } => 7,
        State::SendingCompleted { .. }
        | State::SendingFailed { .. }
        | State::IssuanceCancelled { .. } => 8,
        State::Deleted { .. } => 9,
    }
}

fn state_of(seen: &Seen) -> State {
    match seen.clone() {
        Seen::Drafted => State::Drafted,
        Seen::Requested => State::Requested,
        Seen::RequestCancelled => State::RequestCancelled,
        Seen::RequestRefused => State::RequestRefused,
        Seen::Issued(issued) => State::Issued { issued },
        Seen::BeforeSending(issued) => State::BeforeSending { issued },
        Seen::WaitingSending(issued) => State::WaitingSending { issued },
        Seen::Sending(issued, sent_at) => State::Sending { issued, sent_at },
        Seen::SendingCompleted(issued, sent_at, result) => State::SendingCompleted {
            issued,
            sent_at,
            result,
        },
        Seen::SendingFailed(issued, sent_at, result) => State::SendingFailed {
            issued,
            sent_at,
            result,
        },
        Seen::IssuanceCancelled(issued, recipient) => {
            State::IssuanceCancelled { issued, recipient }
        }
    }
}

/// Whether the provider, the other side or the tax office can have moved it there.
fn may_move(from: &State, to: &State) -> bool {
    let is_further = rank(to) > rank(from);
    match from {
        State::Drafted | State::Requested => is_further,
        // Ended requests stay ended; only the tax office moves what is issued.
        State::Absent
        | State::RequestCancelled
        | State::RequestRefused
        | State::SendingCompleted { .. }
        | State::SendingFailed { .. }
        | State::IssuanceCancelled { .. }
        | State::Deleted { .. } => false,
        State::Issued { issued }
        | State::BeforeSending { issued }
        | State::WaitingSending { issued }
        | State::Sending { issued, .. } => {
            is_further && to.issued().is_some_and(|seen| is_same(seen, issued))
        }
    }
}

/// The signature of an invoice never changes.
fn is_same(seen: &Issued, issued: &Issued) -> bool {
    seen.approval_number == issued.approval_number
}

/// The events that lead from what is known to what is seen.
pub(super) fn observed(state: &State, seen: &Seen, now: Timestamp) -> Vec<Event> {
    let to = state_of(seen);
    if let (
        State::IssuanceCancelled {
            issued,
            recipient: None,
        },
        Seen::IssuanceCancelled(shown, Some(recipient)),
    ) = (state, seen)
        && is_same(shown, issued)
    {
        return vec![Event::RecipientSeen {
            recipient: *recipient,
            at: now,
        }];
    }
    if !may_move(state, &to) {
        return Vec::new();
    }
    let mut events = Vec::new();
    // Steps that were missed are facts too, and each has its webhook.
    if rank(&to) >= 2 && rank(state) < 2 && rank(&to) <= 3 {
        events.push(Event::Requested { at: now });
    }
    if state.issued().is_none()
        && let Some(issued) = to.issued()
    {
        events.push(Event::Issued {
            issued: issued.clone(),
            at: now,
        });
    }
    match to {
        State::RequestCancelled => events.push(Event::RequestCancelled { at: now }),
        State::RequestRefused => events.push(Event::RequestRefused { at: now }),
        State::IssuanceCancelled { recipient, .. } => {
            events.push(Event::IssuanceCancelled { recipient, at: now });
        }
        State::BeforeSending { .. }
        | State::WaitingSending { .. }
        | State::Sending { .. }
        | State::SendingCompleted { .. }
        | State::SendingFailed { .. } => events.push(Event::Transmitted { state: to, at: now }),
        State::Absent
        | State::Drafted
        | State::Requested
        | State::Issued { .. }
        | State::Deleted { .. } => {}
    }
    events
}

/// Whether a call whose answer was lost had its effect, by what the provider shows afterwards:
/// `None` means that it shows no such invoice. `None` as the answer: that can't be told by the
/// state, and the call does no harm if it is made again.
pub fn took_effect(kind: &CallKind, seen: Option<&Seen>) -> Option<bool> {
    let reached = |least: u8| Some(seen.is_some_and(|seen| rank(&state_of(seen)) >= least));
    match kind {
        CallKind::Draft => reached(1),
        CallKind::DraftAndRequest | CallKind::Request => reached(2),
        CallKind::DraftAndIssue | CallKind::Issue => {
            Some(seen.is_some_and(|seen| state_of(seen).issued().is_some()))
        }
        CallKind::CancelRequest => Some(matches!(seen, Some(Seen::RequestCancelled))),
        CallKind::Refuse => Some(matches!(seen, Some(Seen::RequestRefused))),
        CallKind::CancelIssuance => Some(matches!(seen, Some(Seen::IssuanceCancelled(..)))),
        CallKind::SendToNts => reached(6),
        CallKind::Delete => Some(seen.is_none()),
        CallKind::Update { .. } | CallKind::Attach { .. } | CallKind::Detach { .. } => None,
    }
}
