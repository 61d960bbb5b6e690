//! The identity-verification aggregate: the attempts to find out who holds a phone, under an id
//! that the merchant chose.
//!
//! An id has any number of attempts, at most one of which is open; once one of them has verified
//! the person, the id takes no more. No money moves, so what was lost is never looked for: an
//! attempt whose answer was lost is over, and the next one may begin. What the person and the PG
//! said is sealed and opaque here, and a one-time password never gets this far (P8).

mod apply;
mod decide;
mod number;

pub use apply::apply;
pub use decide::{
    BeginIdentity, ConfirmOutcome, IdentityRefusal, ResendOutcome, SendOutcome, begin, confirm,
    confirmed, expire, leave, resend, resent, returned, sent,
};
pub use number::{IdentityNumber, NotAnIdentityNumber};

use serde::{Deserialize, Serialize};

use crate::payment::{Failure, Origin};
use crate::{
    AttemptId, ChannelSnapshot, Face, IdentityVerificationId, MerchantId, Opener, Sealed, StoreId,
    Timestamp,
};

/// Limits on one identity verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentityLimits {
    /// Attempts per id.
    pub attempts_max: usize,
    /// Confirmations of one attempt, right or wrong. A PG allows fewer.
    pub confirms_max: u32,
    /// Further messages of one attempt.
    pub resends_max: u32,
    /// How long an attempt waits for its confirmation after a message, in seconds of the business
    /// clock. A PG's password lives for less.
    pub open_s: i64,
}

impl Default for IdentityLimits {
    fn default() -> Self {
        Self {
            attempts_max: 100,
            confirms_max: 10,
            resends_max: 10,
            open_s: 600,
        }
    }
}

/// An identity verification with every attempt at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityVerification {
    /// Its merchant.
    pub merchant_id: MerchantId,
    /// Its store.
    pub store_id: StoreId,
    /// The merchant's id for it.
    pub id: IdentityVerificationId,
    /// When anything last changed.
    pub updated_at: Timestamp,
    /// Every attempt, oldest first. Never empty.
    pub attempts: Vec<IdentityAttempt>,
    /// How many events made it.
    pub event_count: i64,
}

/// How a person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum IdentityMethod {
    /// By a message with a one-time password.
    Sms,
    /// By an app of the carrier.
    App,
    /// In a window of the PG, in the person's browser.
    Window,
}

/// One go at it, through one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityAttempt {
    /// Its id; without dashes the order id that the PG sees.
    pub id: AttemptId,
    /// Through which channel.
    pub channel: ChannelSnapshot,
    /// Where the request came from.
    pub origin: Origin,
    /// How the person is asked.
    pub method: IdentityMethod,
    /// The contract's code of the carrier. Empty in a window, where the person chooses it.
    pub carrier: String,
    /// The window, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<IdentityWindow>,
    /// The merchant's own text.
    pub custom_data: Option<String>,
    /// The merchant's own id for it on the V1 face, where ids are Naru's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merchant_uid: Option<String>,
    /// Who is asked, as the merchant said.
    pub person: Sealed,
    /// By what lists find the person that the merchant named.
    pub keys: PersonKeys,
    /// Keyed hash of the customer's address on the network, by which messages are counted, where
    /// the merchant named it.
    #[serde(default)]
    pub address_key: Option<String>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When its status last changed.
    pub status_changed_at: Timestamp,
    /// Where it stands.
    pub state: IdentityState,
}

/// A window in which a person is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityWindow {
    /// On which face it was opened.
    pub face: Face,
    /// The page that opened it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opener: Option<Opener>,
    /// The PG's own parameters, as that page gave them: JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bypass: Option<String>,
}

/// Keyed hashes of what is known of a person, by which lists find them without opening anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonKeys {
    /// Of the name.
    pub name: Option<String>,
    /// Of the year of birth.
    pub birth_year: Option<String>,
    /// Of the month of birth.
    pub birth_month: Option<String>,
    /// Of the day of birth.
    pub birth_day: Option<String>,
    /// Of the phone number.
    pub phone_number: Option<String>,
    /// Of the gender.
    pub gender: Option<String>,
}

/// Where an attempt stands. Each state carries exactly its facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state")]
pub enum IdentityState {
    /// The intent is on disk; the PG may or may not have been reached.
    Sending,
    /// The person has been asked, or can be: their window is open.
    Sent {
        /// The PG's id of the request. Empty where it gives one at the end only.
        pg_tx_id: String,
        /// Until when it waits, by the business clock.
        expires_at: Timestamp,
        /// Confirmations begun.
        confirms: u32,
        /// Further messages begun.
        resends: u32,
    },
    /// The PG knows who it is.
    Verified {
        /// The PG's id of the request.
        pg_tx_id: String,
        /// Who it is, and the PG's answer.
        person: Sealed,
        /// By what lists find the person that the PG named.
        keys: PersonKeys,
        /// When.
        at: Timestamp,
    },
    /// It came to nothing.
    Failed {
        /// The PG's id of the request, where there was one.
        pg_tx_id: Option<String>,
        /// Why.
        failure: Failure,
        /// When.
        at: Timestamp,
    },
}

/// What a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityStatus {
    /// Asked for.
    Ready,
    /// The person is known.
    Verified,
    /// The latest attempt came to nothing.
    Failed,
}

impl IdentityStatus {
    /// Its name in the contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::Verified => "VERIFIED",
            Self::Failed => "FAILED",
        }
    }
}

impl IdentityAttempt {
    /// What a reader sees of it.
    pub const fn status(&self) -> IdentityStatus {
        match self.state {
            IdentityState::Sending | IdentityState::Sent { .. } => IdentityStatus::Ready,
            IdentityState::Verified { .. } => IdentityStatus::Verified,
            IdentityState::Failed { .. } => IdentityStatus::Failed,
        }
    }

    /// The PG's id of the request, once there is one.
    pub fn pg_tx_id(&self) -> Option<&str> {
        match &self.state {
            IdentityState::Sending => None,
            IdentityState::Sent { pg_tx_id, .. } | IdentityState::Verified { pg_tx_id, .. } => {
                Some(pg_tx_id.as_str()).filter(|id| !id.is_empty())
            }
            IdentityState::Failed { pg_tx_id, .. } => pg_tx_id.as_deref(),
        }
    }

    /// By what lists find it: the verified person, else the one that the merchant named.
    pub const fn shown_keys(&self) -> &PersonKeys {
        match &self.state {
            IdentityState::Verified { keys, .. } => keys,
            IdentityState::Sending | IdentityState::Sent { .. } | IdentityState::Failed { .. } => {
                &self.keys
            }
        }
    }
}

impl IdentityVerification {
    /// The attempt of that id.
    pub fn attempt(&self, id: AttemptId) -> Option<&IdentityAttempt> {
        self.attempts.iter().find(|attempt| attempt.id == id)
    }

    /// The attempt that has verified the person, if there is one.
    pub fn verified(&self) -> Option<&IdentityAttempt> {
        self.attempts
            .iter()
            .find(|attempt| attempt.status() == IdentityStatus::Verified)
    }

    /// The attempt that a reader is shown: the successful one, else the latest.
    pub fn shown(&self) -> Option<&IdentityAttempt> {
        self.verified().or_else(|| self.attempts.last())
    }
}

/// What happened to an identity verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event")]
pub enum IdentityEvent {
    /// The intent of an attempt is on disk.
    AttemptBegan {
        /// Merchant.
        merchant_id: MerchantId,
        /// Store.
        store_id: StoreId,
        /// The merchant's id.
        id: IdentityVerificationId,
        /// The attempt as it begins.
        attempt: Box<IdentityAttempt>,
    },
    /// The person has been asked.
    Sent {
        /// Which attempt.
        attempt: AttemptId,
        /// The PG's id of the request.
        pg_tx_id: String,
        /// Until when it waits.
        expires_at: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// The PG is asked who it is: counted before it is asked.
    ConfirmBegan {
        /// Which attempt.
        attempt: AttemptId,
        /// When.
        at: Timestamp,
    },
    /// The PG refused, and the attempt goes on.
    ConfirmRefused {
        /// Which attempt.
        attempt: AttemptId,
        /// Why.
        failure: Failure,
        /// When.
        at: Timestamp,
    },
    /// A further message is asked for: counted before it is asked for.
    ResendBegan {
        /// Which attempt.
        attempt: AttemptId,
        /// When.
        at: Timestamp,
    },
    /// A further message was sent.
    Resent {
        /// Which attempt.
        attempt: AttemptId,
        /// The PG's id of the request.
        pg_tx_id: String,
        /// Until when it waits.
        expires_at: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// The PG knows who it is.
    Verified {
        /// Which attempt.
        attempt: AttemptId,
        /// The PG's id of the request, where it gives it now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pg_tx_id: Option<String>,
        /// Who it is, and the PG's answer.
        person: Sealed,
        /// By what lists find the person.
        keys: PersonKeys,
        /// When.
        at: Timestamp,
    },
    /// The attempt came to nothing.
    Failed {
        /// Which attempt.
        attempt: AttemptId,
        /// Why.
        failure: Failure,
        /// When.
        at: Timestamp,
    },
}

impl IdentityEvent {
    /// Its name in the store.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::AttemptBegan { .. } => "IdentityAttemptBegan",
            Self::Sent { .. } => "IdentitySent",
            Self::ConfirmBegan { .. } => "IdentityConfirmBegan",
            Self::ConfirmRefused { .. } => "IdentityConfirmRefused",
            Self::ResendBegan { .. } => "IdentityResendBegan",
            Self::Resent { .. } => "IdentityResent",
            Self::Verified { .. } => "IdentityVerified",
            Self::Failed { .. } => "IdentityFailed",
        }
    }
}
