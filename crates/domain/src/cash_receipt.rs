//! The cash-receipt aggregate: a receipt that the PG reports to the tax office for money that did
//! not come by card. It has a payment id, but needs no payment: sales made elsewhere get one too.
//!
//! One per payment id. A receipt that was issued with a payment follows the payment's money; one
//! issued by hand does not. Small enough to have methods instead of commands: they refuse, events
//! are facts.

use serde::{Deserialize, Serialize};

use crate::payment::Failure;
use crate::{Amount, ChannelSnapshot, Currency, MerchantId, PaymentId, Sealed, StoreId, Timestamp};

/// For whom a receipt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReceiptKind {
    /// A person, for income deduction.
    Personal,
    /// A business, as proof of expense.
    Corporate,
}

impl ReceiptKind {
    /// Its name on the V2 wire and in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Personal => "PERSONAL",
            Self::Corporate => "CORPORATE",
        }
    }
}

/// A receipt's status, as lists filter by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptStatus {
    /// It counts.
    Issued,
    /// It was cancelled.
    Cancelled,
    /// There is none: the PG refused, or never saw it.
    Failed,
}

impl ReceiptStatus {
    /// Its name on the V2 wire and in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issued => "ISSUED",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
        }
    }
}

/// What the PG issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedReceipt {
    /// The PG's id of it. A PG that issues one with a transfer may name none: then it can't be
    /// cancelled but with its payment.
    pub pg_receipt_id: Option<String>,
    /// The tax office's number of it; empty where the PG does not tell it.
    pub issue_number: String,
    /// The PG's page.
    pub url: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A cash receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashReceipt {
    /// Its merchant.
    pub merchant_id: MerchantId,
    /// Its store.
    pub store_id: StoreId,
    /// The id of its payment, or one that the merchant made up for it.
    pub payment_id: PaymentId,
    /// Through which channel.
    pub channel: ChannelSnapshot,
    /// What was bought.
    pub order_name: String,
    /// For how much; less once a part of its payment was given back.
    pub amount: Amount,
    /// In which currency.
    pub currency: Currency,
    /// For whom, where it is known.
    pub kind: Option<ReceiptKind>,
    /// Whether the merchant asked for it by hand.
    pub is_manual: bool,
    /// The number that names the customer or the business to the tax office.
    pub identity: Option<Sealed>,
    /// Latest moment, by the process clock, at which the sender of the last request to the PG may
    /// begin to write. It tells one request from the next.
    pub send_by: Timestamp,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When its state last changed.
    pub status_changed_at: Timestamp,
    /// Where it stands.
    pub state: ReceiptState,
    /// How many events made it, those of earlier tries under this payment id included.
    pub event_count: i64,
}

/// Where a receipt stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state")]
pub enum ReceiptState {
    /// The intent is on disk; the PG may or may not have been reached.
    Issuing,
    /// The PG's answer was unclear. PGs have no inquiry for it: a person has to look.
    Unclear,
    /// The PG refused, or never saw it.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// It counts.
    Issued {
        /// What the PG issued.
        issued: IssuedReceipt,
        /// Whether its cancellation is under way.
        cancelling: bool,
    },
    /// It was cancelled.
    Cancelled {
        /// What the PG had issued.
        issued: IssuedReceipt,
        /// When.
        at: Timestamp,
    },
}

/// What happened to a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event")]
pub enum ReceiptEvent {
    /// The intent is on disk, or the PG issued it with a payment.
    Began {
        /// The receipt as it begins.
        receipt: Box<CashReceipt>,
    },
    /// The PG issued it.
    Issued {
        /// What.
        issued: IssuedReceipt,
    },
    /// The PG refused, or never saw it.
    IssueFailed {
        /// Why.
        failure: Failure,
        /// When.
        at: Timestamp,
    },
    /// The PG's answer was unclear.
    IssueUnclear {
        /// When.
        at: Timestamp,
    },
    /// A cancellation's intent is on disk.
    Cancelling {
        /// Latest moment at which its sender may begin to write.
        send_by: Timestamp,
    },
    /// The PG refused the cancellation, or never saw it.
    CancelFailed {
        /// Why.
        failure: Failure,
        /// When.
        at: Timestamp,
    },
    /// It was cancelled.
    Cancelled {
        /// When.
        at: Timestamp,
    },
    /// A part of its payment was given back.
    Reduced {
        /// What is left.
        amount: Amount,
        /// When.
        at: Timestamp,
    },
}

/// Why a command on a receipt is refused, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptRefusal {
    /// There is no receipt, and none was ever asked for.
    NotFound,
    /// There is none that counts.
    NotIssued,
    /// There is one that counts.
    AlreadyIssued,
    /// Another request on it runs; wait for it.
    InFlight,
    /// What became of its issue is not known.
    Unclear,
    /// The report is about something that is over: nothing to do.
    NothingToDo,
}

/// What became of asking the PG for a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssueEnd {
    /// The PG issued it.
    Issued(IssuedReceipt),
    /// The PG refused, or surely never saw it.
    Failed(Failure),
    /// Unclear.
    Unclear,
}

impl ReceiptEvent {
    /// Its name in the store.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Began { .. } => "CashReceiptBegan",
            Self::Issued { .. } => "CashReceiptIssued",
            Self::IssueFailed { .. } => "CashReceiptIssueFailed",
            Self::IssueUnclear { .. } => "CashReceiptIssueUnclear",
            Self::Cancelling { .. } => "CashReceiptCancelling",
            Self::CancelFailed { .. } => "CashReceiptCancelFailed",
            Self::Cancelled { .. } => "CashReceiptCancelled",
            Self::Reduced { .. } => "CashReceiptReduced",
        }
    }
}

/// Asks for a new receipt in the place of what is there.
pub fn begin(
    before: Option<&CashReceipt>,
    receipt: CashReceipt,
) -> Result<ReceiptEvent, ReceiptRefusal> {
    match before.map(|before| &before.state) {
        None | Some(ReceiptState::Failed { .. } | ReceiptState::Cancelled { .. }) => {
            let receipt = Box::new(CashReceipt {
                event_count: before.map_or(0, |before| before.event_count),
                ..receipt
            });
            Ok(ReceiptEvent::Began { receipt })
        }
        Some(ReceiptState::Issued { .. }) => Err(ReceiptRefusal::AlreadyIssued),
        Some(ReceiptState::Issuing) => Err(ReceiptRefusal::InFlight),
        Some(ReceiptState::Unclear) => Err(ReceiptRefusal::Unclear),
    }
}

impl CashReceipt {
    /// Reports what became of its issue; a person's report ends an unclear one.
    pub fn end_issue(
        &self,
        send_by: Timestamp,
        (end, at): (IssueEnd, Timestamp),
    ) -> Result<ReceiptEvent, ReceiptRefusal> {
        if self.send_by != send_by {
            return Err(ReceiptRefusal::NothingToDo);
        }
        match (&self.state, end) {
            (ReceiptState::Issuing | ReceiptState::Unclear, IssueEnd::Issued(issued)) => {
                Ok(ReceiptEvent::Issued { issued })
            }
            (ReceiptState::Issuing | ReceiptState::Unclear, IssueEnd::Failed(failure)) => {
                Ok(ReceiptEvent::IssueFailed { failure, at })
            }
            (ReceiptState::Issuing, IssueEnd::Unclear) => Ok(ReceiptEvent::IssueUnclear { at }),
            (ReceiptState::Unclear, IssueEnd::Unclear)
            | (
                ReceiptState::Failed { .. }
                | ReceiptState::Issued { .. }
                | ReceiptState::Cancelled { .. },
                IssueEnd::Issued(_) | IssueEnd::Failed(_) | IssueEnd::Unclear,
            ) => Err(ReceiptRefusal::NothingToDo),
        }
    }

    /// Asks for its cancellation.
    pub fn cancel(&self, send_by: Timestamp) -> Result<ReceiptEvent, ReceiptRefusal> {
        match self.state {
            ReceiptState::Issued {
                cancelling: false, ..
            } => Ok(ReceiptEvent::Cancelling { send_by }),
            ReceiptState::Issued {
                cancelling: true, ..
            }
            | ReceiptState::Issuing => Err(ReceiptRefusal::InFlight),
            ReceiptState::Unclear => Err(ReceiptRefusal::Unclear),
            ReceiptState::Failed { .. } | ReceiptState::Cancelled { .. } => {
                Err(ReceiptRefusal::NotIssued)
            }
        }
    }

    /// Reports what became of a request to cancel it. What the PG has cancelled is cancelled, also
    /// after a request that was given up as never sent; a failure ends that request only.
    pub fn end_cancel(
        &self,
        send_by: Timestamp,
        (outcome, at): (Result<Timestamp, Failure>, Timestamp),
    ) -> Result<ReceiptEvent, ReceiptRefusal> {
        match (&self.state, outcome) {
            (ReceiptState::Issued { .. }, Ok(at)) => Ok(ReceiptEvent::Cancelled { at }),
            (
                ReceiptState::Issued {
                    cancelling: true, ..
                },
                Err(failure),
            ) if self.send_by == send_by => Ok(ReceiptEvent::CancelFailed { failure, at }),
            (
                ReceiptState::Issued { .. }
                | ReceiptState::Issuing
                | ReceiptState::Unclear
                | ReceiptState::Failed { .. }
                | ReceiptState::Cancelled { .. },
                Ok(_) | Err(_),
            ) => Err(ReceiptRefusal::NothingToDo),
        }
    }

    /// Follows its payment: `rest` is what was not given back. By hand issued ones don't.
    pub fn follow(&self, rest: Amount, at: Timestamp) -> Result<ReceiptEvent, ReceiptRefusal> {
        match self.state {
            ReceiptState::Issued { .. } if !self.is_manual => Ok(if rest.total == 0 {
                ReceiptEvent::Cancelled { at }
            } else {
                ReceiptEvent::Reduced { amount: rest, at }
            }),
            ReceiptState::Issued { .. }
            | ReceiptState::Issuing
            | ReceiptState::Unclear
            | ReceiptState::Failed { .. }
            | ReceiptState::Cancelled { .. } => Err(ReceiptRefusal::NothingToDo),
        }
    }

    /// Its status; nothing while nobody knows whether there is a receipt.
    pub const fn status(&self) -> Option<ReceiptStatus> {
        match self.state {
            ReceiptState::Issuing | ReceiptState::Unclear => None,
            ReceiptState::Failed { .. } => Some(ReceiptStatus::Failed),
            ReceiptState::Issued { .. } => Some(ReceiptStatus::Issued),
            ReceiptState::Cancelled { .. } => Some(ReceiptStatus::Cancelled),
        }
    }

    /// What the PG issued, if it did.
    pub fn issued(&self) -> Option<&IssuedReceipt> {
        match &self.state {
            ReceiptState::Issued { issued, .. } | ReceiptState::Cancelled { issued, .. } => {
                Some(issued)
            }
            ReceiptState::Issuing | ReceiptState::Unclear | ReceiptState::Failed { .. } => None,
        }
    }
}

/// Folds an event into a receipt. Total: an event is a fact.
pub fn apply(receipt: Option<CashReceipt>, event: &ReceiptEvent) -> Option<CashReceipt> {
    let mut receipt = match (receipt, event) {
        (_, ReceiptEvent::Began { receipt }) => CashReceipt::clone(receipt),
        (Some(receipt), _) => receipt,
        (None, _) => return None,
    };
    receipt.event_count += 1;
    match event {
        ReceiptEvent::Began { .. } => {}
        ReceiptEvent::Issued { issued } => {
            receipt.status_changed_at = issued.at;
            receipt.state = ReceiptState::Issued {
                issued: issued.clone(),
                cancelling: false,
            };
        }
        ReceiptEvent::IssueFailed { failure, at } => {
            receipt.status_changed_at = *at;
            receipt.state = ReceiptState::Failed {
                failure: failure.clone(),
            };
        }
        ReceiptEvent::IssueUnclear { at } => {
            receipt.status_changed_at = *at;
            receipt.state = ReceiptState::Unclear;
        }
        ReceiptEvent::Cancelling { send_by } => {
            receipt.send_by = *send_by;
            set_cancelling(&mut receipt, true);
        }
        ReceiptEvent::CancelFailed { .. } => set_cancelling(&mut receipt, false),
        ReceiptEvent::Cancelled { at } => {
            if let ReceiptState::Issued { issued, .. } = &receipt.state {
                receipt.status_changed_at = *at;
                receipt.state = ReceiptState::Cancelled {
                    issued: issued.clone(),
                    at: *at,
                };
            }
        }
        ReceiptEvent::Reduced { amount, .. } => receipt.amount = *amount,
    }
    Some(receipt)
}

fn set_cancelling(receipt: &mut CashReceipt, now: bool) {
    if let ReceiptState::Issued { cancelling, .. } = &mut receipt.state {
        *cancelling = now;
    }
}
