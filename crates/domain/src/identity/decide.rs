//! What is asked of an identity verification, and what it leads to or why not.

use super::{
    IdentityAttempt, IdentityEvent, IdentityLimits, IdentityMethod, IdentityState,
    IdentityVerification, PersonKeys,
};
use crate::payment::Failure;
use crate::{AttemptId, IdentityVerificationId, MerchantId, Sealed, StoreId, Timestamp};

/// Why a command is refused, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdentityRefusal {
    /// There is none of this id.
    NotFound,
    /// A report about something that is over.
    NothingToDo,
    /// The person has been verified.
    AlreadyVerified,
    /// An attempt is open.
    AlreadySent,
    /// No attempt is open.
    NotSent,
    /// Too many attempts.
    MaxAttemptsReached,
    /// Only a message can be sent again.
    NoMessage,
    /// A message is confirmed by what stands in it.
    OtpMissing,
    /// Too many further messages.
    MaxResendsReached,
}

/// A new attempt.
#[derive(Debug, Clone)]
pub struct BeginIdentity {
    /// Merchant.
    pub merchant_id: MerchantId,
    /// Store.
    pub store_id: StoreId,
    /// The merchant's id.
    pub id: IdentityVerificationId,
    /// The attempt, in [`IdentityState::Sending`].
    pub attempt: IdentityAttempt,
}

/// What became of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The person has been asked.
    Sent {
        /// The PG's id of the request.
        pg_tx_id: String,
    },
    /// The PG refused, or its answer was lost, and the message with it: without the PG's id it
    /// can't be confirmed.
    Failed(Failure),
}

/// What became of a confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfirmOutcome {
    /// The PG knows who it is.
    Verified {
        /// The PG's id of the request, where it gives it now.
        pg_tx_id: Option<String>,
        /// Who it is, and the PG's answer.
        person: Sealed,
        /// By what lists find the person.
        keys: PersonKeys,
    },
    /// The PG refused, and the attempt goes on.
    StillOpen(Failure),
    /// The PG ended it.
    Ended(Failure),
    /// Its answer was lost. The attempt goes on: asking again does no harm.
    Lost,
}

/// What became of a further message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResendOutcome {
    /// It was sent.
    Sent {
        /// The PG's id of the request.
        pg_tx_id: String,
    },
    /// It was refused or its answer was lost; the attempt goes on as before.
    NotSent,
    /// The PG ended the attempt.
    Ended(Failure),
}

type Decided = Result<Vec<IdentityEvent>, IdentityRefusal>;

/// The codes of failures that are ours.
const EXPIRED: &str = "NARU_IDENTITY_EXPIRED";
const TOO_MANY_TRIES: &str = "NARU_IDENTITY_TRIES";
const REPLACED: &str = "NARU_WINDOW_REPLACED";

fn expired() -> Failure {
    Failure::own(
        EXPIRED,
        "the request was not confirmed in time; send a new one",
    )
}

fn too_many_tries() -> Failure {
    Failure::own(
        TOO_MANY_TRIES,
        "the request was confirmed wrongly too often; send a new one",
    )
}

fn replaced() -> Failure {
    Failure::own(REPLACED, "a newer request took the place of this window")
}

/// Begins an attempt. One that nobody can confirm any more is ended on the way, and so is a
/// window: whoever asks anew has lost sight of it.
pub fn begin(
    found: Option<&IdentityVerification>,
    command: BeginIdentity,
    limits: &IdentityLimits,
) -> Decided {
    let now = command.attempt.requested_at;
    let mut events = Vec::new();
    if let Some(verification) = found {
        if verification.verified().is_some() {
            return Err(IdentityRefusal::AlreadyVerified);
        }
        if let Some(last) = verification.attempts.last() {
            match &last.state {
                IdentityState::Sending => return Err(IdentityRefusal::AlreadySent),
                IdentityState::Sent {
                    expires_at,
                    confirms,
                    ..
                } => {
                    let failure = if *expires_at <= now {
                        expired()
                    } else if last.method == IdentityMethod::Window {
                        replaced()
                    } else if *confirms >= limits.confirms_max {
                        too_many_tries()
                    } else {
                        return Err(IdentityRefusal::AlreadySent);
                    };
                    events.push(IdentityEvent::Failed {
                        attempt: last.id,
                        failure,
                        at: now,
                    });
                }
                IdentityState::Verified { .. } | IdentityState::Failed { .. } => {}
            }
        }
        if verification.attempts.len() >= limits.attempts_max {
            return Err(IdentityRefusal::MaxAttemptsReached);
        }
    }
    events.push(IdentityEvent::AttemptBegan {
        merchant_id: command.merchant_id,
        store_id: command.store_id,
        id: command.id,
        attempt: Box::new(command.attempt),
    });
    Ok(events)
}

/// Records what became of asking.
pub fn sent(
    verification: &IdentityVerification,
    attempt: AttemptId,
    outcome: SendOutcome,
    (now, limits): (Timestamp, &IdentityLimits),
) -> Decided {
    let state = verification.attempt(attempt).map(|one| &one.state);
    if state != Some(&IdentityState::Sending) {
        return Err(IdentityRefusal::NothingToDo);
    }
    Ok(vec![match outcome {
        SendOutcome::Sent { pg_tx_id } => IdentityEvent::Sent {
            attempt,
            pg_tx_id,
            expires_at: now.plus_seconds(limits.open_s),
            at: now,
        },
        SendOutcome::Failed(failure) => IdentityEvent::Failed {
            attempt,
            failure,
            at: now,
        },
    }])
}

/// The attempt that can be confirmed, with how often that was tried and a message was sent again.
fn open(
    found: Option<&IdentityVerification>,
    now: Timestamp,
) -> Result<(&IdentityAttempt, u32, u32), IdentityRefusal> {
    let verification = found.ok_or(IdentityRefusal::NotFound)?;
    if verification.verified().is_some() {
        return Err(IdentityRefusal::AlreadyVerified);
    }
    let last = verification
        .attempts
        .last()
        .ok_or(IdentityRefusal::NotFound)?;
    match last.state {
        IdentityState::Sent {
            expires_at,
            confirms,
            resends,
            ..
        } if now < expires_at => Ok((last, confirms, resends)),
        IdentityState::Sending
        | IdentityState::Sent { .. }
        | IdentityState::Verified { .. }
        | IdentityState::Failed { .. } => Err(IdentityRefusal::NotSent),
    }
}

/// Takes what a browser brought back from a window: the PG is asked, which is counted first. It is
/// asked once: it tells once, and a second answer would look like a failure.
pub fn returned(
    verification: &IdentityVerification,
    attempt: AttemptId,
    now: Timestamp,
) -> Decided {
    let found = window(verification, attempt)?;
    match found.state {
        IdentityState::Sent {
            expires_at,
            confirms: 0,
            ..
        } if now < expires_at => Ok(vec![IdentityEvent::ConfirmBegan { attempt, at: now }]),
        IdentityState::Sending
        | IdentityState::Sent { .. }
        | IdentityState::Verified { .. }
        | IdentityState::Failed { .. } => Err(IdentityRefusal::NothingToDo),
    }
}

/// Ends a window that its person left, or whose PG says that they failed.
pub fn leave(
    verification: &IdentityVerification,
    attempt: AttemptId,
    (failure, now): (Failure, Timestamp),
) -> Decided {
    let found = window(verification, attempt)?;
    match found.state {
        IdentityState::Sent { .. } => Ok(vec![IdentityEvent::Failed {
            attempt,
            failure,
            at: now,
        }]),
        IdentityState::Sending | IdentityState::Verified { .. } | IdentityState::Failed { .. } => {
            Err(IdentityRefusal::NothingToDo)
        }
    }
}

/// An attempt in a window, of a verification that has not verified the person.
fn window(
    verification: &IdentityVerification,
    attempt: AttemptId,
) -> Result<&IdentityAttempt, IdentityRefusal> {
    if verification.verified().is_some() {
        return Err(IdentityRefusal::AlreadyVerified);
    }
    verification
        .attempt(attempt)
        .filter(|found| found.method == IdentityMethod::Window)
        .ok_or(IdentityRefusal::NothingToDo)
}

/// Begins a confirmation. A window is not confirmed by a call.
pub fn confirm(
    found: Option<&IdentityVerification>,
    has_otp: bool,
    (now, limits): (Timestamp, &IdentityLimits),
) -> Decided {
    let (attempt, confirms, _) = open(found, now)?;
    if confirms >= limits.confirms_max || attempt.method == IdentityMethod::Window {
        return Err(IdentityRefusal::NotSent);
    }
    if attempt.method == IdentityMethod::Sms && !has_otp {
        return Err(IdentityRefusal::OtpMissing);
    }
    Ok(vec![IdentityEvent::ConfirmBegan {
        attempt: attempt.id,
        at: now,
    }])
}

/// Records what became of a confirmation.
///
/// A person whom the PG has verified is verified, also if the attempt was ended meanwhile: the PG
/// tells it only once.
pub fn confirmed(
    verification: &IdentityVerification,
    attempt: AttemptId,
    outcome: ConfirmOutcome,
    (now, limits): (Timestamp, &IdentityLimits),
) -> Decided {
    if verification.verified().is_some() {
        return Err(IdentityRefusal::AlreadyVerified);
    }
    let found = verification
        .attempt(attempt)
        .ok_or(IdentityRefusal::NothingToDo)?;
    let failed = |failure| IdentityEvent::Failed {
        attempt,
        failure,
        at: now,
    };
    let confirms = match (&found.state, outcome) {
        (
            IdentityState::Sent { .. } | IdentityState::Failed { .. },
            ConfirmOutcome::Verified {
                pg_tx_id,
                person,
                keys,
            },
        ) => {
            return Ok(vec![IdentityEvent::Verified {
                attempt,
                pg_tx_id,
                person,
                keys,
                at: now,
            }]);
        }
        (IdentityState::Sent { .. }, ConfirmOutcome::Ended(failure)) => {
            return Ok(vec![failed(failure)]);
        }
        (IdentityState::Sent { confirms, .. }, ConfirmOutcome::StillOpen(failure)) => {
            (*confirms, Some(failure))
        }
        (IdentityState::Sent { confirms, .. }, ConfirmOutcome::Lost) => (*confirms, None),
        (
            IdentityState::Sending | IdentityState::Verified { .. } | IdentityState::Failed { .. },
            _,
        ) => return Err(IdentityRefusal::NothingToDo),
    };
    let (confirms, refusal) = confirms;
    let mut events: Vec<IdentityEvent> = refusal
        .map(|failure| IdentityEvent::ConfirmRefused {
            attempt,
            failure,
            at: now,
        })
        .into_iter()
        .collect();
    if confirms >= limits.confirms_max {
        events.push(failed(too_many_tries()));
    }
    Ok(events)
}

/// Begins a further message.
pub fn resend(
    found: Option<&IdentityVerification>,
    (now, limits): (Timestamp, &IdentityLimits),
) -> Decided {
    let (attempt, _, resends) = open(found, now)?;
    match attempt.method {
        IdentityMethod::App | IdentityMethod::Window => return Err(IdentityRefusal::NoMessage),
        IdentityMethod::Sms => {}
    }
    if resends >= limits.resends_max {
        return Err(IdentityRefusal::MaxResendsReached);
    }
    Ok(vec![IdentityEvent::ResendBegan {
        attempt: attempt.id,
        at: now,
    }])
}

/// Records what became of a further message.
pub fn resent(
    verification: &IdentityVerification,
    attempt: AttemptId,
    outcome: ResendOutcome,
    (now, limits): (Timestamp, &IdentityLimits),
) -> Decided {
    let found = verification.attempt(attempt);
    if !found.is_some_and(|one| matches!(one.state, IdentityState::Sent { .. })) {
        return Err(IdentityRefusal::NothingToDo);
    }
    Ok(match outcome {
        ResendOutcome::Sent { pg_tx_id } => vec![IdentityEvent::Resent {
            attempt,
            pg_tx_id,
            expires_at: now.plus_seconds(limits.open_s),
            at: now,
        }],
        ResendOutcome::NotSent => Vec::new(),
        ResendOutcome::Ended(failure) => vec![IdentityEvent::Failed {
            attempt,
            failure,
            at: now,
        }],
    })
}

/// Ends an attempt that was not confirmed in time.
pub fn expire(verification: &IdentityVerification, attempt: AttemptId, now: Timestamp) -> Decided {
    let state = verification.attempt(attempt).map(|one| &one.state);
    match state {
        Some(IdentityState::Sent { expires_at, .. }) if *expires_at <= now => {
            Ok(vec![IdentityEvent::Failed {
                attempt,
                failure: expired(),
                at: now,
            }])
        }
        Some(
            IdentityState::Sending
            | IdentityState::Sent { .. }
            | IdentityState::Verified { .. }
            | IdentityState::Failed { .. },
        )
        | None => Err(IdentityRefusal::NothingToDo),
    }
}
