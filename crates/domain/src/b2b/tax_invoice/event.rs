//! What happened to an invoice. Events are facts; folding them gives the invoice.

use serde::{Deserialize, Serialize};

use super::super::Closure;
use super::{Attachment, Call, Change, Issued, State, TaxInvoice};
use crate::Timestamp;
use crate::payment::Failure;

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event")]
pub enum Event {
    /// The intent to write it is on disk.
    Created {
        /// The invoice as it begins, with its first call.
        invoice: Box<TaxInvoice>,
    },
    /// The intent of a further call is on disk.
    CallBegan {
        /// The call.
        call: Box<Call>,
    },
    /// A call failed.
    CallFailed {
        /// Why.
        failure: Failure,
        /// When.
        at: Timestamp,
    },
    /// The call is over and had its effect.
    CallDone {
        /// When.
        at: Timestamp,
    },
    /// The provider keeps a draft.
    Drafted {
        /// When.
        at: Timestamp,
    },
    /// The draft says something else now.
    Updated {
        /// What.
        change: Box<Change>,
        /// When.
        at: Timestamp,
    },
    /// The recipient asked the supplier to sign.
    Requested {
        /// When.
        at: Timestamp,
    },
    /// The recipient took the request back.
    RequestCancelled {
        /// When.
        at: Timestamp,
    },
    /// The supplier refused to sign.
    RequestRefused {
        /// When.
        at: Timestamp,
    },
    /// The supplier signed.
    Issued {
        /// The signature.
        issued: Issued,
        /// When it was recorded.
        at: Timestamp,
    },
    /// The supplier cancelled it.
    IssuanceCancelled {
        /// How the recipient's business has ended, if it has.
        recipient: Option<Closure>,
        /// When.
        at: Timestamp,
    },
    /// The recipient's business has ended: known only after the supplier had cancelled it.
    RecipientSeen {
        /// How.
        recipient: Closure,
        /// When it was recorded.
        at: Timestamp,
    },
    /// Its transmission to the tax office went on.
    Transmitted {
        /// Where it stands: one of the states from `BeforeSending` to `SendingFailed`.
        state: State,
        /// When it was recorded.
        at: Timestamp,
    },
    /// A file was attached.
    Attached {
        /// The file.
        attachment: Attachment,
    },
    /// A file was taken off.
    Detached {
        /// Which.
        attachment_id: String,
        /// When.
        at: Timestamp,
    },
    /// It was deleted.
    Deleted {
        /// When.
        at: Timestamp,
    },
}

impl Event {
    /// Its name in the store.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Created { .. } => "TaxInvoiceCreated",
            Self::CallBegan { .. } => "TaxInvoiceCallBegan",
            Self::CallFailed { .. } => "TaxInvoiceCallFailed",
            Self::CallDone { .. } => "TaxInvoiceCallDone",
            Self::Drafted { .. } => "TaxInvoiceDrafted",
            Self::Updated { .. } => "TaxInvoiceUpdated",
            Self::Requested { .. } => "TaxInvoiceRequested",
            Self::RequestCancelled { .. } => "TaxInvoiceRequestCancelled",
            Self::RequestRefused { .. } => "TaxInvoiceRequestRefused",
            Self::Issued { .. } => "TaxInvoiceIssued",
            Self::IssuanceCancelled { .. } => "TaxInvoiceIssuanceCancelled",
            Self::RecipientSeen { .. } => "TaxInvoiceRecipientSeen",
            Self::Transmitted { .. } => "TaxInvoiceTransmitted",
            Self::Attached { .. } => "TaxInvoiceAttached",
            Self::Detached { .. } => "TaxInvoiceDetached",
            Self::Deleted { .. } => "TaxInvoiceDeleted",
        }
    }
}
