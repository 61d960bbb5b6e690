//! Escrow: where the PG holds money until the customer has the goods, and what it tells of that.
//!
//! Pure, like the rest of the ledger. Each step is news for the merchant, kept with the step, so
//! that a notice can leave only after what it tells is on disk. Invariant: news are in the order
//! of the steps, and a refused step leaves none.

use serde::{Deserialize, Serialize};

use super::{State, Transaction};
use crate::inicis::codes::Reason;

/// How long a customer may say nothing. Ours: the PG publishes no number.
const SILENCE_MS: i64 = 8 * 24 * 3_600_000;

/// Where an escrow stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum EscrowState {
    /// Paid, nothing sent.
    BeforeRegistered,
    /// Sent.
    Registered,
    /// The customer keeps the goods; the money is the merchant's.
    Confirmed,
    /// The customer does not want the goods.
    Rejected,
    /// The merchant accepted that.
    RejectConfirmed,
    /// Undone.
    Cancelled,
}

impl EscrowState {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::BeforeRegistered => "BEFORE_REGISTERED",
            Self::Registered => "REGISTERED",
            Self::Confirmed => "CONFIRMED",
            Self::Rejected => "REJECTED",
            Self::RejectConfirmed => "REJECT_CONFIRMED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// Who says that a customer keeps the goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConfirmedBy {
    /// The customer.
    Customer,
    /// Nobody, for too long.
    Deadline,
    /// The PG, whatever the customer says.
    Pg,
}

/// What the merchant is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum NewsKind {
    Registered,
    Confirmed,
    ConfirmedByDeadline,
    ConfirmedByPg,
    Rejected,
    RejectConfirmed,
    Cancelled,
}

impl NewsKind {
    /// `cl_status` of the notice.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Registered => "2",
            Self::Confirmed => "3",
            Self::ConfirmedByDeadline => "31",
            Self::ConfirmedByPg => "32",
            Self::Rejected => "4",
            Self::RejectConfirmed => "10",
            Self::Cancelled => "8",
        }
    }
}

/// One thing that the merchant is told of an escrow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct News {
    pub(crate) kind: NewsKind,
    pub(crate) at_ms: i64,
    /// The customer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// Whether the merchant acknowledged its notice.
    pub(crate) notified: bool,
}

impl Transaction {
    fn step(&mut self, state: EscrowState, kind: NewsKind, (at_ms, reason): (i64, Option<String>)) {
        self.escrow = Some(state);
        self.escrow_news.push(News {
            kind,
            at_ms,
            reason,
            notified: false,
        });
    }

    fn held(&self) -> Result<EscrowState, Reason> {
        match (self.state, self.escrow) {
            (State::Approved, Some(escrow)) => Ok(escrow),
            (State::Approved, None) => Err(Reason::EscrowState),
            (State::Issued | State::Declined | State::Cancelled | State::Waiting, _) => {
                Err(Reason::NoTransaction)
            }
        }
    }

    /// Tells of a shipment, once, or corrects it.
    pub(crate) fn ship(&mut self, is_change: bool, now_ms: i64) -> Result<(), Reason> {
        match (self.held()?, is_change) {
            (EscrowState::BeforeRegistered, false) => {
                self.step(
                    EscrowState::Registered,
                    NewsKind::Registered,
                    (now_ms, None),
                );
                Ok(())
            }
            (EscrowState::Registered | EscrowState::Rejected, true) => Ok(()),
            _ => Err(Reason::EscrowState),
        }
    }

    /// The customer keeps what was sent. Only the PG can say so of what was rejected.
    pub(crate) fn confirm(&mut self, by: ConfirmedBy, now_ms: i64) -> Result<(), Reason> {
        let kind = match (self.held()?, by) {
            (EscrowState::Registered, ConfirmedBy::Customer) => NewsKind::Confirmed,
            (EscrowState::Registered, ConfirmedBy::Deadline) => NewsKind::ConfirmedByDeadline,
            (EscrowState::Registered | EscrowState::Rejected, ConfirmedBy::Pg) => {
                NewsKind::ConfirmedByPg
            }
            _ => return Err(Reason::EscrowState),
        };
        self.step(EscrowState::Confirmed, kind, (now_ms, None));
        Ok(())
    }

    /// Whether the customer has said nothing for too long.
    pub(crate) fn is_overdue(&self, now_ms: i64) -> bool {
        let sent = self
            .escrow_news
            .iter()
            .find(|news| news.kind == NewsKind::Registered);
        self.held() == Ok(EscrowState::Registered)
            && sent.is_some_and(|sent| now_ms >= sent.at_ms.saturating_add(SILENCE_MS))
    }

    /// The customer does not want what was sent.
    pub(crate) fn reject(&mut self, reason: String, now_ms: i64) -> Result<(), Reason> {
        if self.held()? != EscrowState::Registered {
            return Err(Reason::EscrowState);
        }
        self.step(
            EscrowState::Rejected,
            NewsKind::Rejected,
            (now_ms, Some(reason)),
        );
        Ok(())
    }

    /// The merchant accepts a rejection.
    pub(crate) fn accept_rejection(&mut self, now_ms: i64) -> Result<(), Reason> {
        if self.state != State::Approved || self.escrow != Some(EscrowState::Rejected) {
            return Err(Reason::EscrowState);
        }
        self.step(
            EscrowState::RejectConfirmed,
            NewsKind::RejectConfirmed,
            (now_ms, None),
        );
        Ok(())
    }

    /// What was sent, and perhaps rejected, is undone only once the rejection was accepted.
    pub(super) fn escrow_allows_refund(&self) -> Result<(), Reason> {
        match self.escrow {
            Some(EscrowState::Registered | EscrowState::Rejected) => Err(Reason::EscrowModule),
            _ => Ok(()),
        }
    }

    pub(super) fn end_escrow(&mut self, now_ms: i64) {
        if self.state == State::Cancelled && self.escrow.is_some() {
            self.step(EscrowState::Cancelled, NewsKind::Cancelled, (now_ms, None));
        }
    }
}
