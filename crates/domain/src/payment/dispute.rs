//! Disputes: a customer's objection, which the PG tells of. It changes no status and no amount;
//! money that goes back because of it is a cancellation.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Characters of a customer's reason at most.
pub const DISPUTE_REASON_MAX: usize = 500;
/// Characters of a PG's id of a dispute at most.
pub const DISPUTE_ID_MAX: usize = 128;

/// Disputes of one payment at most.
pub const DISPUTES_MAX: usize = 100;

/// A dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// The PG's id of it.
    pub pg_dispute_id: Option<String>,
    /// The customer's reason, in the PG's words.
    pub reason: String,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it came to an end.
    pub resolved_at: Option<Timestamp>,
}
