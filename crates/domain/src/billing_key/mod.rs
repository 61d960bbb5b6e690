//! The billing-key aggregate: a customer's card at one or more PGs, or phone bill at one, charged
//! by Naru's own id.
//!
//! Small enough to have methods instead of commands; the rules are the same: `decide` refuses,
//! events are facts.

mod rules;

pub use rules::apply;

use serde::{Deserialize, Serialize};

use crate::payment::{Failure, Origin};
use crate::{
    AttemptId, BillingKeyId, Card, ChannelGroupSnapshot, ChannelSnapshot, Customer, Face, ImpUid,
    MerchantId, Opener, Sealed, StoreId, Timestamp, WindowWishes,
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
    /// The window that it is asked for in, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<KeyWindow>,
    /// Whether the caller wants no webhook of the issue's success.
    pub skip_webhook: bool,
    /// On which face it was made.
    #[serde(default, skip_serializing_if = "Face::is_v2")]
    pub face: Face,
    /// The key that it will be once it is issued: on the V1 face the merchant names a key and may
    /// name it again, and the one that stands must serve until the new one does. Readers do not
    /// see it under its own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saves_as: Option<BillingKeyId>,
    /// When a key of this id was issued first, if it was saved again since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_issued_at: Option<Timestamp>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// The group at whose channels it was asked for: then it is charged by the group's weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_group: Option<ChannelGroupSnapshot>,
    /// One entry for each channel that was asked.
    pub channels: Vec<ChannelIssue>,
    /// The deletion that was asked for last, if the PGs had to be told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
    /// Where it stands.
    pub state: BillingKeyState,
    /// How many events made it.
    pub event_count: i64,
}

/// A PG's window that an issue begins in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyWindow {
    /// What the PG shows.
    pub name: String,
    /// The price that the PG shows. None is taken.
    pub shown: i64,
    /// Until when the customer may come back from it, by the process clock.
    pub expires_at: Timestamp,
    /// Whether the merchant has to confirm.
    pub by_merchant: bool,
    /// What the V1 face names the issue by, if it was opened there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imp_uid: Option<ImpUid>,
    /// The page that opened it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opener: Option<Opener>,
    /// What that page wishes of it.
    #[serde(default)]
    pub wishes: WindowWishes,
}

/// An issue as the V1 face names it: by ids of a payment, though none is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedIssue<'a> {
    /// The issue's own.
    pub imp_uid: &'a ImpUid,
    /// The merchant's, of which there may be many issues.
    pub merchant_uid: &'a str,
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
    /// Where deleting it there stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<ChannelDeletion>,
}

/// Where deleting the key at one channel stands. Deleting moves no money and may be repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deletion")]
pub enum ChannelDeletion {
    /// The intent is on disk; the PG may or may not have been told.
    Pending,
    /// The PG refused, or its answer was lost: it can be asked for again.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// It is gone there.
    Deleted {
        /// Since when.
        at: Timestamp,
    },
}

/// A deletion that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// Why.
    pub reason: Option<String>,
    /// CUSTOMER or ADMIN.
    pub requester: Option<String>,
    /// Whether the caller wants no webhook of success.
    pub skip_webhook: bool,
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
        /// The card; none where it is a phone bill.
        card: Option<Box<Card>>,
        /// The phone whose bill it is, masked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phone_number: Option<String>,
        /// When.
        at: Timestamp,
    },
    /// The PG refused, or its answer was lost. No money moves at an issue, so an answer that was
    /// lost is a failure, and the PG's orphaned key can never be charged.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// The PG's rules do not allow the request. Nothing was sent.
    Refused {
        /// Which rule, for the caller.
        message: String,
    },
}

/// Where a billing key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state")]
pub enum BillingKeyState {
    /// A window is open; the PG is asked for nothing.
    Ready,
    /// The customer has authenticated; the merchant has to confirm.
    AwaitingConfirm {
        /// Until when, by the process clock.
        until: Timestamp,
    },
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
pub enum BillingKeyEvent {
    /// The intent is on disk.
    Requested {
        /// The key as it begins.
        key: Box<BillingKey>,
    },
    /// The customer has authenticated in the window.
    Authenticated {
        /// Until when the merchant may confirm, by the process clock.
        until: Timestamp,
    },
    /// The intent to have the PG issue what was authenticated is on disk.
    IssueBegan {
        /// Whether the caller wants no webhook of success.
        skip_webhook: bool,
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
    /// An issue under another id became this key, in place of what it was before.
    Saved {
        /// The key as it stands now.
        key: Box<BillingKey>,
    },
    /// The merchant asked to delete it, and PGs have to be told. At every other channel that holds
    /// it, it is gone.
    DeletionBegan {
        /// What was asked for.
        deletion: Deletion,
        /// The attempts of the channels whose PGs have to be told.
        told: Vec<AttemptId>,
        /// When.
        at: Timestamp,
    },
    /// A channel answered that it deleted it, or did not.
    ChannelDeletionAnswered {
        /// Which attempt.
        attempt: AttemptId,
        /// What.
        deletion: ChannelDeletion,
    },
    /// The merchant deleted it, and it is gone at every channel.
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
    /// The report is about something that is over: nothing to do.
    NothingToDo,
    /// It was issued.
    AlreadyIssued,
    /// Its issue runs; wait for it.
    IssueInFlight,
    /// The named part differs from what the customer authenticated.
    InformationMismatch(&'static str),
    /// Its issue has not come to an end.
    NotIssued,
    /// It was deleted.
    AlreadyDeleted,
    /// A deletion runs; wait for it.
    DeletionInFlight,
    /// The named channel holds no key of it.
    ChannelNotFound,
}

impl BillingKeyEvent {
    /// Its name in the store.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Requested { .. } => "BillingKeyRequested",
            Self::Authenticated { .. } => "BillingKeyAuthenticated",
            Self::IssueBegan { .. } => "BillingKeyIssueBegan",
            Self::ChannelAnswered { .. } => "BillingKeyChannelAnswered",
            Self::Issued { .. } => "BillingKeyIssued",
            Self::Failed { .. } => "BillingKeyFailed",
            Self::Saved { .. } => "BillingKeySaved",
            Self::DeletionBegan { .. } => "BillingKeyDeletionBegan",
            Self::ChannelDeletionAnswered { .. } => "BillingKeyChannelDeletionAnswered",
            Self::Deleted { .. } => "BillingKeyDeleted",
        }
    }
}
