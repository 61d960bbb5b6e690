//! Our books against what a PG answers to an inquiry (P4): at rest they agree to the won.
//!
//! Only says what differs. Nothing here changes a payment, and an answer that is unclear never
//! gets here.

use serde::{Deserialize, Serialize};

use crate::Currency;
use crate::payment::{Attempt, AttemptState, Payment};

/// What a PG's books say of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PgBooks {
    /// There is no such transaction.
    NotFound,
    /// There is one.
    Found {
        /// Where it stands.
        state: PgState,
        /// What was taken, or waits to be.
        amount: i64,
        /// What of it was given back.
        cancelled: i64,
        /// In which currency, where the PG says it.
        currency: Option<Currency>,
    },
}

/// Where a transaction stands in a PG's books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PgState {
    /// An account waits for its deposit.
    Waiting,
    /// Money was taken; a part may have been given back.
    Approved,
    /// All was given back, or an account was closed.
    Cancelled,
    /// It was refused.
    Declined,
}

/// Kinds of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DifferenceKind {
    /// We hold it for paid or issued; the PG does not have it.
    MissingAtPg,
    /// The PG keeps money that our books do not have.
    TakenAtPg,
    /// Both have it, with different amounts.
    CapturedAmount,
    /// What was given back differs.
    CancelledAmount,
    /// The currency differs.
    Currency,
    /// A virtual account is open on one side and closed on the other.
    AccountState,
    /// It was paid, and none of the PG's settlements has it.
    NotSettled,
    /// The PG could not be asked, again and again.
    NotAnswered,
}

impl DifferenceKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::MissingAtPg,
        Self::TakenAtPg,
        Self::CapturedAmount,
        Self::CancelledAmount,
        Self::Currency,
        Self::AccountState,
        Self::NotSettled,
        Self::NotAnswered,
    ];

    /// Its name in reports and in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MissingAtPg => "MISSING_AT_PG",
            Self::TakenAtPg => "TAKEN_AT_PG",
            Self::CapturedAmount => "CAPTURED_AMOUNT",
            Self::CancelledAmount => "CANCELLED_AMOUNT",
            Self::Currency => "CURRENCY",
            Self::AccountState => "ACCOUNT_STATE",
            Self::NotSettled => "NOT_SETTLED",
            Self::NotAnswered => "NOT_ANSWERED",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A difference between our books and the PG's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What differs.
    pub kind: DifferenceKind,
    /// How much by our books.
    pub ours: i64,
    /// How much by the PG's.
    pub theirs: i64,
}

impl Payment {
    /// Whether nothing of it is under way: only then do the books have to agree.
    pub fn is_at_rest(&self) -> bool {
        let attempts = self.attempts.iter().all(|attempt| match &attempt.state {
            AttemptState::Sending
            | AttemptState::Unknown { .. }
            | AttemptState::Reversing { .. }
            | AttemptState::WaitingForDeposit { closing: true, .. } => false,
            // Nothing is asked of the PG before the approval.
            AttemptState::Ready
            | AttemptState::AwaitingConfirm { .. }
            | AttemptState::WaitingForDeposit { closing: false, .. }
            | AttemptState::Captured { .. }
            | AttemptState::Failed { .. }
            | AttemptState::Reversed { .. } => true,
        });
        attempts && self.cancellations.iter().all(|one| !one.state.is_open())
    }
}

/// What our books expect the PG's to say.
enum Expected {
    /// Money taken, and what of it was given back.
    Captured { amount: i64, cancelled: i64 },
    /// An open account.
    Account,
    /// No money: it was not approved yet, failed, was closed or was undone.
    Nothing,
    /// Not at rest.
    Open,
}

fn expected(payment: &Payment, attempt: &Attempt) -> Expected {
    match &attempt.state {
        AttemptState::Captured { capture } => Expected::Captured {
            amount: capture.amount,
            cancelled: payment.refunded().total,
        },
        AttemptState::WaitingForDeposit { closing: false, .. } => Expected::Account,
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Failed { .. }
        | AttemptState::Reversed { .. } => Expected::Nothing,
        AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::Reversing { .. }
        | AttemptState::WaitingForDeposit { closing: true, .. } => Expected::Open,
    }
}

/// What differs between an attempt and the PG's books.
pub fn compare_books(payment: &Payment, attempt: &Attempt, books: &PgBooks) -> Vec<Difference> {
    let one = |kind, ours, theirs| vec![Difference { kind, ours, theirs }];
    let due = attempt.charged().total;
    let expected = expected(payment, attempt);
    let (state, amount, cancelled, currency) = match (books, &expected) {
        (PgBooks::NotFound, Expected::Nothing | Expected::Open) => return Vec::new(),
        (PgBooks::NotFound, Expected::Captured { amount, cancelled }) => {
            return one(DifferenceKind::MissingAtPg, amount - cancelled, 0);
        }
        (PgBooks::NotFound, Expected::Account) => {
            return one(DifferenceKind::MissingAtPg, due, 0);
        }
        (
            PgBooks::Found {
                state,
                amount,
                cancelled,
                currency,
            },
            _,
        ) => (*state, *amount, *cancelled, currency),
    };
    let kept = match state {
        PgState::Approved | PgState::Cancelled => amount.saturating_sub(cancelled),
        PgState::Waiting | PgState::Declined => 0,
    };
    match (expected, state) {
        (
            Expected::Captured {
                amount: ours,
                cancelled: given,
            },
            PgState::Approved | PgState::Cancelled,
        ) => captured(
            (ours, given),
            (amount, cancelled),
            attempt,
            currency.as_ref(),
        ),
        (Expected::Captured { amount, cancelled }, PgState::Waiting | PgState::Declined) => {
            one(DifferenceKind::MissingAtPg, amount - cancelled, 0)
        }
        (Expected::Account, PgState::Waiting) if amount != due => {
            one(DifferenceKind::CapturedAmount, due, amount)
        }
        (Expected::Account | Expected::Nothing, PgState::Approved) if kept != 0 => {
            one(DifferenceKind::TakenAtPg, 0, kept)
        }
        (Expected::Account, PgState::Approved | PgState::Cancelled | PgState::Declined) => {
            one(DifferenceKind::AccountState, due, 0)
        }
        (Expected::Nothing, PgState::Waiting) => one(DifferenceKind::AccountState, 0, amount),
        (Expected::Account, PgState::Waiting)
        | (Expected::Nothing, PgState::Approved | PgState::Cancelled | PgState::Declined)
        | (Expected::Open, _) => Vec::new(),
    }
}

fn captured(
    (ours, given): (i64, i64),
    (amount, cancelled): (i64, i64),
    attempt: &Attempt,
    currency: Option<&Currency>,
) -> Vec<Difference> {
    let mut found = Vec::new();
    if amount != ours {
        found.push(Difference {
            kind: DifferenceKind::CapturedAmount,
            ours,
            theirs: amount,
        });
    }
    if cancelled != given {
        found.push(Difference {
            kind: DifferenceKind::CancelledAmount,
            ours: given,
            theirs: cancelled,
        });
    }
    if currency.is_some_and(|currency| *currency != attempt.order.currency) {
        found.push(Difference {
            kind: DifferenceKind::Currency,
            ours,
            theirs: amount,
        });
    }
    found
}
