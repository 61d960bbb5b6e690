//! What each merchant asked for and was told: their own record, apart from Naru's.

use std::sync::{Mutex, PoisonError};

use naru_engine::{Answer, Fault};

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Card,
    Account,
    Charge,
    Cancel,
    Close,
    IssueKey,
    Schedule,
    Revoke,
}

/// What the merchant heard.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// An answer.
    Told(Box<Result<Answer, Fault>>),
    /// Nothing: the process died, or it took too long.
    Lost,
}

impl Heard {
    /// The answer of a success.
    pub fn success(&self) -> Option<&Answer> {
        match self {
            Self::Told(told) => told.as_ref().as_ref().ok(),
            Self::Lost => None,
        }
    }

    /// The fault that was told.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Told(told) => told.as_ref().as_ref().err(),
            Self::Lost => None,
        }
    }

    /// Whether it leaves open what happened.
    pub fn is_unclear(&self) -> bool {
        match self {
            Self::Lost => true,
            Self::Told(told) => matches!(
                told.as_ref(),
                Err(Fault::Unavailable { .. } | Fault::IdempotencyOutstandingRequest)
            ),
        }
    }
}

/// A call.
#[derive(Debug, Clone)]
pub struct Call {
    pub what: What,
    /// The payment, or the billing key for an issue that succeeded.
    pub subject: String,
    /// The idempotency key.
    pub key: Option<String>,
    pub heard: Heard,
}

/// All calls, in the order in which they were answered.
#[derive(Debug, Default)]
pub struct History {
    calls: Mutex<Vec<Call>>,
    /// Accounts that customers paid into, by payment.
    deposits: Mutex<Vec<String>>,
}

impl History {
    pub fn add(&self, call: Call) {
        self.calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(call);
    }

    pub fn add_deposit(&self, payment: &str) {
        self.deposits
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(payment.to_owned());
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub fn deposits(&self) -> Vec<String> {
        self.deposits
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub fn len(&self) -> usize {
        self.calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }
}
