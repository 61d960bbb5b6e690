//! Bulk tax invoices: those of one sheet, drafted together, and requested or issued together.
//!
//! A bulk says what is being done with its invoices; where each of them stands is its own state.
//! Invariants: a bulk never takes a step that nobody asked for, and what was cancelled takes none.

use serde::{Deserialize, Serialize};

use super::tax_invoice::{CallKind, Issuance};
use crate::{MerchantId, StoreId, Timestamp};

/// A bulk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkInvoice {
    /// The merchant.
    pub merchant_id: MerchantId,
    /// The store.
    pub store_id: StoreId,
    /// Its id, the operator's or ours; unique in the store.
    pub id: String,
    /// Whether it belongs to test data.
    pub is_test: bool,
    /// What the operator calls it.
    pub name: Option<String>,
    /// Who writes its invoices.
    pub issuance: Issuance,
    /// Of what sheet it was made: the same sheet again is the same bulk.
    pub digest: String,
    /// Its invoices.
    pub count: u32,
    /// Their sums, in won.
    pub total: i64,
    /// Where it stands.
    pub state: BulkState,
    /// What follows once its invoices are drafted; nothing if somebody is to look first.
    pub follows: Option<Start>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its invoices were asked to be requested or issued.
    pub requested_at: Option<Timestamp>,
    /// From when on that is done, where it was not to be done at once.
    pub scheduled_at: Option<Timestamp>,
    /// When its state last changed.
    pub state_changed_at: Timestamp,
}

/// When a bulk's invoices are to be requested or issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Not before then.
    pub at: Option<Timestamp>,
}

/// Where a bulk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BulkState {
    /// Its rows are being stored. The same import again goes on.
    Importing,
    /// Its invoices are being drafted.
    Drafting,
    /// They are drafts.
    Drafted,
    /// They are to be requested or issued.
    Waiting,
    /// They are being requested or issued.
    Running,
    /// That is over, and some came through.
    Completed,
    /// None came through.
    Failed,
    /// It takes no further step. Its drafts stay.
    Cancelled,
}

/// Why a bulk does not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BulkRefusal {
    /// Its invoices are not drafted yet.
    #[error("the invoices are not drafted yet; wait until the bulk is `DRAFTED`")]
    NotDrafted,
    /// It is at it already.
    #[error("the invoices are being requested or issued already")]
    AlreadyStarted,
    /// It was cancelled.
    #[error("the bulk was cancelled; its drafts can be requested or issued one by one")]
    Cancelled,
    /// None of its invoices is a draft.
    #[error("none of the invoices is a draft any more")]
    NoDrafts,
    /// It can't be stopped any more.
    #[error("the bulk is being carried out or is over; cancel its invoices one by one")]
    TooLate,
}

/// How the invoices of a bulk stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BulkTally {
    /// Came as far as the bulk was to bring them.
    pub succeeded: u32,
    /// Are still drafts.
    pub drafts: u32,
}

impl BulkInvoice {
    /// What is asked of the provider about a draft of it.
    pub const fn step(&self) -> CallKind {
        match self.issuance {
            Issuance::Forward => CallKind::Issue,
            Issuance::Reverse => CallKind::Request,
        }
    }

    const fn enter(&mut self, state: BulkState, now: Timestamp) {
        self.state = state;
        self.state_changed_at = now;
    }

    /// All rows are stored.
    pub const fn imported(&mut self, now: Timestamp) {
        if let BulkState::Importing = self.state {
            self.enter(BulkState::Drafting, now);
        }
    }

    /// Asks for its drafts to be requested or issued. Those that failed are tried once more.
    pub fn start(
        &mut self,
        start: Start,
        tally: BulkTally,
        now: Timestamp,
    ) -> Result<(), BulkRefusal> {
        match self.state {
            BulkState::Importing | BulkState::Drafting => return Err(BulkRefusal::NotDrafted),
            BulkState::Waiting | BulkState::Running => return Err(BulkRefusal::AlreadyStarted),
            BulkState::Cancelled => return Err(BulkRefusal::Cancelled),
            BulkState::Drafted | BulkState::Completed | BulkState::Failed => {}
        }
        if tally.drafts == 0 {
            return Err(BulkRefusal::NoDrafts);
        }
        self.await_start(start, now);
        Ok(())
    }

    const fn await_start(&mut self, start: Start, now: Timestamp) {
        self.follows = None;
        self.requested_at = Some(now);
        self.scheduled_at = start.at;
        self.enter(BulkState::Waiting, now);
    }

    /// Its time has come.
    pub const fn begin(&mut self, now: Timestamp) {
        if let BulkState::Waiting = self.state {
            self.enter(BulkState::Running, now);
        }
    }

    /// Every row has been dealt with.
    pub fn rows_are_over(&mut self, tally: BulkTally, now: Timestamp) {
        let came_through = tally.succeeded > 0;
        match (self.state, self.follows) {
            (BulkState::Drafting | BulkState::Running, _) if !came_through => {
                self.enter(BulkState::Failed, now);
            }
            (BulkState::Drafting, Some(start)) => self.await_start(start, now),
            (BulkState::Drafting, None) => self.enter(BulkState::Drafted, now),
            (BulkState::Running, _) => self.enter(BulkState::Completed, now),
            (
                BulkState::Importing
                | BulkState::Drafted
                | BulkState::Waiting
                | BulkState::Completed
                | BulkState::Failed
                | BulkState::Cancelled,
                _,
            ) => {}
        }
    }

    /// Takes no further step. What is drafted stays a draft.
    pub const fn cancel(&mut self, now: Timestamp) -> Result<(), BulkRefusal> {
        match self.state {
            BulkState::Importing
            | BulkState::Drafting
            | BulkState::Drafted
            | BulkState::Waiting => {
                self.follows = None;
                self.enter(BulkState::Cancelled, now);
                Ok(())
            }
            BulkState::Cancelled => Ok(()),
            BulkState::Running | BulkState::Completed | BulkState::Failed => {
                Err(BulkRefusal::TooLate)
            }
        }
    }
}
