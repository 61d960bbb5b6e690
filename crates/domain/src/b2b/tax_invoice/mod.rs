//! The tax-invoice aggregate.
//!
//! `decide` refuses or says what happens, `apply` folds it. A call to the provider is an intent
//! on disk before it is sent ([`Call`]), at most one at a time, and ends by a report: done,
//! refused, or surely never received. What the provider and the tax office do by themselves comes
//! in as an observation.
//!
//! Invariants: the signature of an issued invoice never changes; what is in transmission or
//! accepted is never deleted; at most one call is under way.

mod apply;
mod command;
mod decide;
mod document;
mod event;
mod observe;
mod refusal;
mod state;
mod validate;

use serde::{Deserialize, Serialize};

use super::{BusinessNumber, CivilDate, Side};
use crate::{MerchantId, StoreId, TaxInvoiceId, Timestamp};

pub use apply::apply;
pub use command::{CallOutcome, Command, NewInvoice, Seen};
pub use decide::decide;
pub use document::{
    Document, DocumentKeys, ExtraContact, Issuance, Item, Modification, ModificationReason, Party,
    PartyContact, PaymentSplit, Purpose, Taxation, Totals,
};
pub use event::Event;
pub use observe::took_effect;
pub use refusal::Refusal;
pub use state::{Attachment, Call, CallKind, Change, FailedCall, Issued, NtsResult, State};
pub use validate::{
    Flaw, ITEMS_MAX, ItemField, KEY_CHARS_MAX, Part, PartyField, REMARKS_MAX, Rules, check,
    check_key,
};

/// A tax invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxInvoice {
    /// The merchant.
    pub merchant_id: MerchantId,
    /// The store.
    pub store_id: StoreId,
    /// Its id.
    pub id: TaxInvoiceId,
    /// Whether it belongs to test data, which never mixes with live data.
    pub is_test: bool,
    /// The bulk that it was made in, if any.
    #[serde(default)]
    pub bulk_id: Option<String>,
    /// The sides' names for it.
    pub keys: DocumentKeys,
    /// What is written on it.
    pub document: Document,
    /// The merchant's note.
    pub memo: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was drafted.
    pub drafted_at: Option<Timestamp>,
    /// When the supplier was asked to sign.
    pub requested_at: Option<Timestamp>,
    /// When the recipient opened it.
    pub opened_at: Option<Timestamp>,
    /// Where it stands.
    pub state: State,
    /// When its status last changed.
    pub status_changed_at: Timestamp,
    /// The call under way.
    pub call: Option<Call>,
    /// The last call, if it failed.
    pub failed: Option<FailedCall>,
    /// Its files.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// How many calls were made.
    pub call_count: i64,
    /// How many events made it.
    pub event_count: i64,
}

impl TaxInvoice {
    /// The company of a side.
    pub const fn brn(&self, side: Side) -> &BusinessNumber {
        &self.document.party(side).brn
    }

    /// Until when it is issued in time.
    pub fn issuance_due(&self) -> CivilDate {
        self.document.write_date.issuance_due()
    }

    /// Whether it was, or would now be, issued late.
    pub fn is_delayed(&self, now: Timestamp) -> bool {
        let at = self.state.issued().map_or(now, |issued| issued.at);
        CivilDate::in_korea(at) > self.issuance_due()
    }

    /// Whether its document keys are taken. A creation that failed gives them back, as deletion
    /// does.
    pub const fn holds_keys(&self) -> bool {
        match self.state {
            State::Absent => self.call.is_some(),
            State::Deleted { .. } => false,
            State::Drafted
            | State::Requested
            | State::RequestCancelled
            | State::RequestRefused
            | State::Issued { .. }
            | State::BeforeSending { .. }
            | State::WaitingSending { .. }
            | State::Sending { .. }
            | State::SendingCompleted { .. }
            | State::SendingFailed { .. }
            | State::IssuanceCancelled { .. } => true,
        }
    }

    /// Whether the provider may show something of it that is not known yet.
    pub const fn has_news_to_come(&self) -> bool {
        self.state.is_moving()
            || matches!(
                self.state,
                State::IssuanceCancelled {
                    recipient: None,
                    ..
                }
            )
    }

    /// Whether it can still come to something: a company with such an invoice is not deleted.
    pub const fn is_ongoing(&self) -> bool {
        self.call.is_some()
            || match self.state {
                State::Drafted
                | State::Requested
                | State::Issued { .. }
                | State::BeforeSending { .. }
                | State::WaitingSending { .. }
                | State::Sending { .. } => true,
                State::Absent
                | State::Deleted { .. }
                | State::RequestCancelled
                | State::RequestRefused
                | State::SendingCompleted { .. }
                | State::SendingFailed { .. }
                | State::IssuanceCancelled { .. } => false,
            }
    }
}
