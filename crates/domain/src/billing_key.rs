//! The billing-key aggregate: a customer's card at one or more PGs, charged by Naru's own id.
//!
//! Small enough to have methods instead of commands; the rules are the same: `decide` refuses,
//! events are facts.

use serde::{Deserialize, Serialize};

use crate::payment::{Failure, Origin};
use crate::{
    AttemptId, BillingKeyId, Card, ChannelSnapshot, Customer, MerchantId, Sealed, StoreId,
    Timestamp,
};

/// A billing key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillingKey {
    /// Its merchant.
    pub merchant_id: MerchantId,
    /// Its store.
    pub store_id: StoreId,
    /// Its id.
    pub id: BillingKeyId,
    /// Whose card it is.
    pub customer: Customer,
    /// The merchant's own text.
    pub custom_data: Option<String>,
    /// Webhook addresses that replace the store's.
    #[serde(default)]
    pub notice_urls: Vec<String>,
    /// Where the request came from.
    pub origin: Origin,
    /// Whether the caller wants no webhook of the issue's success.
    pub skip_webhook: bool,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// One entry for each channel that was asked.
    pub channels: Vec<ChannelIssue>,
    /// Where it stands.
    pub state: BillingKeyState,
    /// How many events made it.
    pub event_count: i64,
}

/// The issue at one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelIssue {
    /// Which channel.
    pub channel: ChannelSnapshot,
    /// The attempt; without dashes the order id that the PG sees.
    pub attempt: AttemptId,
    /// What became of it.
    pub outcome: IssueOutcome,
}

/// What became of an issue at one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome")]
pub enum IssueOutcome {
    /// Not known yet.
    Pending,
    /// The PG issued its key.
    Issued {
        /// The PG's key.
        pg_billing_key: Sealed,
        /// The PG's id of the issue.
        pg_tx_id: Option<String>,
        /// The card.
        card: Card,
        /// When.
        at: Timestamp,
    },
    /// The PG refused, or its answer was lost. No money moves at an issue, so an answer that was
    /// lost is a failure, and the PG's orphaned key can never be charged.
    Failed {
        /// Why.
        failure: Failure,
    },
}

/// Where a billing key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state")]
pub enum BillingKeyState {
    /// The issue runs.
    Issuing,
    /// It can be charged.
    Issued {
        /// Since when.
        at: Timestamp,
    },
    /// No channel issued it.
    Failed {
        /// Since when.
        at: Timestamp,
    },
    /// It was deleted.
    Deleted {
        /// When it had been issued.
        issued_at: Timestamp,
        /// When it was deleted.
        at: Timestamp,
    },
}

/// What happened to a billing key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event")]
#[expect(
    clippy::large_enum_variant,
    reason = "events live as long as one decision, in twos"
)]
pub enum BillingKeyEvent {
    /// The intent is on disk.
    Requested {
        /// The key as it begins.
        key: Box<BillingKey>,
    },
    /// A channel answered.
    ChannelAnswered {
        /// Which attempt.
        attempt: AttemptId,
        /// What.
        outcome: IssueOutcome,
    },
    /// At least one channel issued it.
    Issued {
        /// When.
        at: Timestamp,
    },
    /// No channel did.
    Failed {
        /// When.
        at: Timestamp,
    },
    /// The merchant deleted it.
    Deleted {
        /// Why.
        reason: Option<String>,
        /// CUSTOMER or ADMIN.
        requester: Option<String>,
        /// When.
        at: Timestamp,
    },
}

/// Why a command on a billing key is refused, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillingKeyRefusal {
    /// There is no such key, or its issue never succeeded.
    NotFound,
    /// Its issue has not come to an end.
    NotIssued,
    /// It was deleted.
    AlreadyDeleted,
    /// The named channel holds no key of it.
    ChannelNotFound,
}

impl BillingKeyEvent {
    /// Its name in the store.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Requested { .. } => "BillingKeyRequested",
            Self::ChannelAnswered { .. } => "BillingKeyChannelAnswered",
            Self::Issued { .. } => "BillingKeyIssued",
            Self::Failed { .. } => "BillingKeyFailed",
            Self::Deleted { .. } => "BillingKeyDeleted",
        }
    }
}

impl BillingKey {
    /// Records a channel's answer; ends the issue when every channel has answered.
    pub fn answered(
        &self,
        attempt: AttemptId,
        outcome: IssueOutcome,
        at: Timestamp,
    ) -> Result<Vec<BillingKeyEvent>, BillingKeyRefusal> {
        if outcome == IssueOutcome::Pending {
            return Err(BillingKeyRefusal::NotIssued);
        }
        let pending = |issue: &ChannelIssue| issue.outcome == IssueOutcome::Pending;
        if !self
            .channels
            .iter()
            .any(|issue| issue.attempt == attempt && pending(issue))
        {
            return Err(BillingKeyRefusal::NotFound);
        }
        let is_last = !self
            .channels
            .iter()
            .any(|one| one.attempt != attempt && pending(one));
        let is_issued = |outcome: &IssueOutcome| matches!(outcome, IssueOutcome::Issued { .. });
        let succeeded =
            is_issued(&outcome) || self.channels.iter().any(|issue| is_issued(&issue.outcome));
        let mut events = vec![BillingKeyEvent::ChannelAnswered { attempt, outcome }];
        if is_last {
            events.push(if succeeded {
                BillingKeyEvent::Issued { at }
            } else {
                BillingKeyEvent::Failed { at }
            });
        }
        Ok(events)
    }

    /// Deletes the key.
    pub fn delete(
        &self,
        reason: Option<String>,
        requester: Option<String>,
        at: Timestamp,
    ) -> Result<Vec<BillingKeyEvent>, BillingKeyRefusal> {
        match self.state {
            BillingKeyState::Issuing | BillingKeyState::Failed { .. } => {
                Err(BillingKeyRefusal::NotIssued)
            }
            BillingKeyState::Deleted { .. } => Err(BillingKeyRefusal::AlreadyDeleted),
            BillingKeyState::Issued { .. } => Ok(vec![BillingKeyEvent::Deleted {
                reason,
                requester,
                at,
            }]),
        }
    }

    /// The channels at which it can be charged.
    pub fn chargeable(
        &self,
    ) -> Result<impl Iterator<Item = (&ChannelSnapshot, &Sealed)>, BillingKeyRefusal> {
        match self.state {
            BillingKeyState::Issuing | BillingKeyState::Failed { .. } => {
                return Err(BillingKeyRefusal::NotFound);
            }
            BillingKeyState::Deleted { .. } => return Err(BillingKeyRefusal::AlreadyDeleted),
            BillingKeyState::Issued { .. } => {}
        }
        Ok(self
            .channels
            .iter()
            .filter_map(|issue| match &issue.outcome {
                IssueOutcome::Issued { pg_billing_key, .. } => {
                    Some((&issue.channel, pg_billing_key))
                }
                IssueOutcome::Pending | IssueOutcome::Failed { .. } => None,
            }))
    }
}

/// Folds an event into a billing key. Total: an event is a fact.
pub fn apply(key: Option<BillingKey>, event: &BillingKeyEvent) -> Option<BillingKey> {
    let mut key = match (key, event) {
        (Some(key), _) => key,
        (None, BillingKeyEvent::Requested { key }) => BillingKey::clone(key),
        (None, _) => return None,
    };
    key.event_count += 1;
    match event {
        BillingKeyEvent::Requested { .. } => {}
        BillingKeyEvent::ChannelAnswered { attempt, outcome } => {
            if let Some(issue) = key.channels.iter_mut().find(|one| one.attempt == *attempt) {
                issue.outcome = outcome.clone();
            }
        }
        BillingKeyEvent::Issued { at } => key.state = BillingKeyState::Issued { at: *at },
        BillingKeyEvent::Failed { at } => key.state = BillingKeyState::Failed { at: *at },
        BillingKeyEvent::Deleted { at, .. } => {
            if let BillingKeyState::Issued { at: issued_at } = key.state {
                key.state = BillingKeyState::Deleted { issued_at, at: *at };
            }
        }
    }
    Some(key)
}
