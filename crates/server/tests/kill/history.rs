//! What clients asked for and what they were told: the evidence of the audit.

use serde_json::Value;

use crate::api::Heard;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A payment by card.
    Card,
    /// A virtual account.
    Account,
    /// A cancellation.
    Cancel,
    /// A deposit that the simulated bank took.
    Deposit,
    /// A payment by schedule.
    Schedule,
    /// A schedule's revocation.
    Revoke,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    /// Which payment.
    pub payment: String,
    /// What was asked for.
    pub what: What,
    /// Path of the call.
    pub path: String,
    /// Its body.
    pub body: Value,
    /// Its idempotency key.
    pub key: Option<String>,
    /// What was heard.
    pub heard: Heard,
}

/// Everything that one client knows.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Calls, oldest first.
    pub calls: Vec<Call>,
    /// What was wrong at once.
    pub wrongs: Vec<String>,
}

impl History {
    /// Takes in what another client knows.
    pub fn add(&mut self, other: Self) {
        self.calls.extend(other.calls);
        self.wrongs.extend(other.wrongs);
    }
}
