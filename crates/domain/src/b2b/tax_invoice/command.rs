//! What can be asked of an invoice.

use super::super::Closure;
use super::{CallKind, Document, DocumentKeys, Issued, NtsResult};
use crate::payment::Failure;
use crate::{MerchantId, StoreId, TaxInvoiceId, Timestamp};

/// A command to the aggregate. New ids and times come in with it.
#[derive(Debug, Clone)]
pub enum Command {
    /// Write an invoice.
    Create(Box<NewInvoice>),
    /// Ask the provider for something about it.
    Call {
        /// For what; none of those that create it.
        kind: CallKind,
        /// Latest moment, by the process clock, at which the sender may begin to write.
        send_by: Timestamp,
    },
    /// Report what became of a call.
    Report {
        /// Which: [`super::Call::number`].
        number: i64,
        /// What.
        outcome: CallOutcome,
    },
    /// Report what the provider shows.
    Observe(Seen),
}

/// An invoice to write.
#[derive(Debug, Clone)]
pub struct NewInvoice {
    /// The merchant.
    pub merchant_id: MerchantId,
    /// The store.
    pub store_id: StoreId,
    /// Its id.
    pub id: TaxInvoiceId,
    /// Whether it belongs to test data.
    pub is_test: bool,
    /// The bulk that it is made in, if any.
    pub bulk_id: Option<String>,
    /// The sides' names for it; the writer's is needed.
    pub keys: DocumentKeys,
    /// What is written on it, checked.
    pub document: Document,
    /// The merchant's note.
    pub memo: Option<String>,
    /// Which of the calls that create an invoice.
    pub kind: CallKind,
    /// Latest moment, by the process clock, at which the sender may begin to write.
    pub send_by: Timestamp,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallOutcome {
    /// The provider did it.
    Done {
        /// The signature, where it was issued.
        issued: Option<Issued>,
        /// How the recipient's business has ended, where an issuance was cancelled and it has.
        recipient: Option<Closure>,
    },
    /// The provider refused, or surely never received it.
    Failed(Failure),
}

/// What the provider shows of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// A draft.
    Drafted,
    /// The recipient asked the supplier to sign.
    Requested,
    /// The recipient took the request back.
    RequestCancelled,
    /// The supplier refused to sign.
    RequestRefused,
    /// Signed and issued.
    Issued(Issued),
    /// Issued, not yet queued for the tax office.
    BeforeSending(Issued),
    /// Queued.
    WaitingSending(Issued),
    /// Sent.
    Sending(Issued, Timestamp),
    /// Accepted by the tax office.
    SendingCompleted(Issued, Timestamp, NtsResult),
    /// Refused by the tax office.
    SendingFailed(Issued, Timestamp, NtsResult),
    /// Cancelled by the supplier.
    IssuanceCancelled(Issued, Option<Closure>),
}

impl Seen {
    /// The signature, where there is one.
    pub const fn issued(&self) -> Option<&Issued> {
        match self {
            Self::Issued(issued)
            | Self::BeforeSending(issued)
            | Self::WaitingSending(issued)
            | Self::Sending(issued, _)
            | Self::SendingCompleted(issued, ..)
            | Self::SendingFailed(issued, ..)
            | Self::IssuanceCancelled(issued, _) => Some(issued),
            Self::Drafted | Self::Requested | Self::RequestCancelled | Self::RequestRefused => None,
        }
    }

    /// How the recipient's business has ended, where an issuance was cancelled and it has.
    pub const fn recipient(&self) -> Option<Closure> {
        match self {
            Self::IssuanceCancelled(_, recipient) => *recipient,
            Self::Drafted
            | Self::Requested
            | Self::RequestCancelled
            | Self::RequestRefused
            | Self::Issued(_)
            | Self::BeforeSending(_)
            | Self::WaitingSending(_)
            | Self::Sending(..)
            | Self::SendingCompleted(..)
            | Self::SendingFailed(..) => None,
        }
    }
}
