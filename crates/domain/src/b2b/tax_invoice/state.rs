//! Where an invoice stands.

use serde::{Deserialize, Serialize};

use super::super::Closure;
use super::Document;
use crate::Timestamp;
use crate::payment::Failure;

/// Where an invoice stands at the provider, as far as is known for sure. A call that is under way
/// stands beside it ([`Call`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state")]
pub enum State {
    /// The provider does not have it: the call that creates it is under way, or failed.
    Absent,
    /// A draft.
    Drafted,
    /// The recipient asked the supplier to sign.
    Requested,
    /// The recipient took the request back.
    RequestCancelled,
    /// The supplier refused to sign.
    RequestRefused,
    /// Signed and issued.
    Issued {
        /// The signature.
        issued: Issued,
    },
    /// Issued; the provider prepares to send it to the tax office.
    BeforeSending {
        /// The signature.
        issued: Issued,
    },
    /// Waits for its turn to be sent.
    WaitingSending {
        /// The signature.
        issued: Issued,
    },
    /// Sent; the tax office has not answered.
    Sending {
        /// The signature.
        issued: Issued,
        /// When it was sent.
        sent_at: Timestamp,
    },
    /// The tax office accepted it.
    SendingCompleted {
        /// The signature.
        issued: Issued,
        /// When it was sent.
        sent_at: Timestamp,
        /// What the tax office said.
        result: NtsResult,
    },
    /// The tax office refused it.
    SendingFailed {
        /// The signature.
        issued: Issued,
        /// When it was sent.
        sent_at: Timestamp,
        /// What the tax office said.
        result: NtsResult,
    },
    /// The supplier cancelled it before it was sent.
    IssuanceCancelled {
        /// The signature.
        issued: Issued,
        /// How the recipient's business has ended, if it has.
        recipient: Option<Closure>,
    },
    /// It is gone.
    Deleted {
        /// Since when.
        at: Timestamp,
    },
}

/// The supplier's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// When.
    pub at: Timestamp,
    /// The tax office's approval number, 24 characters.
    pub approval_number: String,
}

/// What the tax office said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NtsResult {
    /// Three letters and three digits, such as `SUC001`.
    pub code: String,
    /// In words.
    pub text: String,
    /// When it was received.
    pub at: Timestamp,
}

/// A call to the provider that is under way: its intent is on disk, its outcome is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its number in the invoice's life, so that a late report meets no later call.
    pub number: i64,
    /// What is asked for.
    pub kind: CallKind,
    /// Latest moment, by the process clock, at which the sender may begin to write.
    pub send_by: Timestamp,
    /// When it began.
    pub at: Timestamp,
}

/// What can be asked of the provider about an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call")]
pub enum CallKind {
    /// Keep a draft.
    Draft,
    /// Create it and ask the supplier to sign, in one.
    DraftAndRequest,
    /// Create it and issue it, in one.
    DraftAndIssue,
    /// Change the draft.
    Update {
        /// What it will say.
        change: Box<Change>,
    },
    /// Ask the supplier to sign.
    Request,
    /// Take the request back.
    CancelRequest,
    /// Refuse to sign.
    Refuse,
    /// Sign and issue.
    Issue,
    /// Cancel what was issued.
    CancelIssuance,
    /// Send it to the tax office now.
    SendToNts,
    /// Delete it.
    Delete,
    /// Attach a file to the draft.
    Attach {
        /// The attachment as it will be.
        attachment: Attachment,
    },
    /// Take a file off the draft.
    Detach {
        /// Which attachment.
        attachment_id: String,
    },
}

impl CallKind {
    /// Whether it creates the invoice at the provider.
    pub const fn creates(&self) -> bool {
        match self {
            Self::Draft | Self::DraftAndRequest | Self::DraftAndIssue => true,
            Self::Update { .. }
            | Self::Request
            | Self::CancelRequest
            | Self::Refuse
            | Self::Issue
            | Self::CancelIssuance
            | Self::SendToNts
            | Self::Delete
            | Self::Attach { .. }
            | Self::Detach { .. } => false,
        }
    }
}

/// A new content of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The content.
    pub document: Document,
    /// The merchant's note.
    pub memo: Option<String>,
}

/// The last call, if it failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedCall {
    /// What was asked for.
    pub kind: CallKind,
    /// Why it failed.
    pub failure: Failure,
    /// When.
    pub at: Timestamp,
}

/// A file on an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its id.
    pub id: String,
    /// The uploaded file.
    pub file_id: String,
    /// Its name.
    pub name: String,
    /// When it was attached.
    pub at: Timestamp,
}

impl State {
    /// The signature, from the issue on.
    pub const fn issued(&self) -> Option<&Issued> {
        match self {
            Self::Issued { issued }
            | Self::BeforeSending { issued }
            | Self::WaitingSending { issued }
            | Self::Sending { issued, .. }
            | Self::SendingCompleted { issued, .. }
            | Self::SendingFailed { issued, .. }
            | Self::IssuanceCancelled { issued, .. } => Some(issued),
            Self::Absent
            | Self::Drafted
            | Self::Requested
            | Self::RequestCancelled
            | Self::RequestRefused
            | Self::Deleted { .. } => None,
        }
    }

    /// When it was sent to the tax office, from then on.
    pub const fn sent_at(&self) -> Option<Timestamp> {
        match self {
            Self::Sending { sent_at, .. }
            | Self::SendingCompleted { sent_at, .. }
            | Self::SendingFailed { sent_at, .. } => Some(*sent_at),
            Self::Absent
            | Self::Drafted
            | Self::Requested
            | Self::RequestCancelled
            | Self::RequestRefused
            | Self::Issued { .. }
            | Self::BeforeSending { .. }
            | Self::WaitingSending { .. }
            | Self::IssuanceCancelled { .. }
            | Self::Deleted { .. } => None,
        }
    }

    /// What the tax office said.
    pub const fn result(&self) -> Option<&NtsResult> {
        match self {
            Self::SendingCompleted { result, .. } | Self::SendingFailed { result, .. } => {
                Some(result)
            }
            Self::Absent
            | Self::Drafted
            | Self::Requested
            | Self::RequestCancelled
            | Self::RequestRefused
            | Self::Issued { .. }
            | Self::BeforeSending { .. }
            | Self::WaitingSending { .. }
            | Self::Sending { .. }
            | Self::IssuanceCancelled { .. }
            | Self::Deleted { .. } => None,
        }
    }

    /// How the recipient's business had ended when the issuance was cancelled, if it had.
    pub const fn recipient(&self) -> Option<Closure> {
        match self {
            Self::IssuanceCancelled { recipient, .. } => *recipient,
            Self::Absent
            | Self::Drafted
            | Self::Requested
            | Self::RequestCancelled
            | Self::RequestRefused
            | Self::Issued { .. }
            | Self::BeforeSending { .. }
            | Self::WaitingSending { .. }
            | Self::Sending { .. }
            | Self::SendingCompleted { .. }
            | Self::SendingFailed { .. }
            | Self::Deleted { .. } => None,
        }
    }

    /// Adds to a cancelled issuance how the recipient's business has ended.
    pub(super) const fn recipient_is(&mut self, closure: Closure) {
        if let Self::IssuanceCancelled { recipient, .. } = self {
            *recipient = Some(closure);
        }
    }

    /// Whether it is gone.
    pub const fn is_deleted(&self) -> bool {
        matches!(self, Self::Deleted { .. })
    }

    /// Whether it has ended without an effect, so that it may be deleted.
    pub const fn is_deletable(&self) -> bool {
        match self {
            Self::Absent
            | Self::Drafted
            | Self::RequestCancelled
            | Self::RequestRefused
            | Self::SendingFailed { .. }
            | Self::IssuanceCancelled { .. } => true,
            Self::Requested
            | Self::Issued { .. }
            | Self::BeforeSending { .. }
            | Self::WaitingSending { .. }
            | Self::Sending { .. }
            | Self::SendingCompleted { .. }
            | Self::Deleted { .. } => false,
        }
    }

    /// Whether the provider or the tax office may still move it by themselves.
    pub const fn is_moving(&self) -> bool {
        match self {
            Self::Requested
            | Self::Issued { .. }
            | Self::BeforeSending { .. }
            | Self::WaitingSending { .. }
            | Self::Sending { .. } => true,
            Self::Absent
            | Self::Drafted
            | Self::RequestCancelled
            | Self::RequestRefused
            | Self::SendingCompleted { .. }
            | Self::SendingFailed { .. }
            | Self::IssuanceCancelled { .. }
            | Self::Deleted { .. } => false,
        }
    }
}
