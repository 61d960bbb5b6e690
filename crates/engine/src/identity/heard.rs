//! What was heard of the PG, in the terms of identity verification.

use naru_connector::{Decline, IdentityOutcome, Outcome, VerifiedIdentity};
use naru_domain::payment::Failure;

/// What was heard.
pub(super) enum Heard {
    /// The person has been asked.
    Sent {
        /// The PG's id of the request.
        pg_tx_id: String,
    },
    /// The PG knows who it is.
    Verified(Box<VerifiedIdentity>),
    /// A refusal that leaves the request open.
    StillOpen(Failure),
    /// A refusal that ends it.
    Refused(Failure),
    /// Nothing was sent.
    NotSent(Failure),
    /// The answer was lost, or says something that was not asked.
    Lost,
}

fn refusal(decline: Decline) -> Failure {
    Failure {
        pg_code: decline.code,
        pg_message: decline.message,
    }
}

impl From<Outcome> for Heard {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Identity(IdentityOutcome::Sent { pg_tx_id }) => Self::Sent { pg_tx_id },
            Outcome::Identity(IdentityOutcome::Verified(person)) => Self::Verified(person),
            Outcome::Identity(IdentityOutcome::StillOpen(decline)) => {
                Self::StillOpen(refusal(decline))
            }
            Outcome::Declined(decline) => Self::Refused(refusal(decline)),
            Outcome::NotSent { reason } => Self::NotSent(Failure::own(Failure::NOT_SENT, &reason)),
            Outcome::Unknown(_)
            | Outcome::Approved(_)
            | Outcome::AccountIssued(_)
            | Outcome::KeyIssued(_)
            | Outcome::KeyDeleted { .. }
            | Outcome::Refunded(_)
            | Outcome::AccountClosed { .. }
            | Outcome::Acted(_)
            | Outcome::Receipt(_)
            | Outcome::Found(_)
            | Outcome::NotFound => Self::Lost,
        }
    }
}
