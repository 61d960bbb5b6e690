//! Idempotency records (design 2a.5).

use naru_domain::Timestamp;
use naru_store::{Record, Table, Value, tables};
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::fault::Fault;

/// What became of a request with an idempotency key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IdempotencyRecord {
    /// HMAC of store, method, path, query and key.
    pub record_key: String,
    /// HMAC of the canonical body.
    pub body_hash: String,
    /// Where it stands.
    pub state: IdempotencyState,
    /// Until when it is kept, by the business clock.
    pub expires_at: Timestamp,
}

/// Where a request stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "state", content = "result")]
pub enum IdempotencyState {
    /// Its intent is on disk.
    Running,
    /// It was answered so, 502 included.
    Done(Result<Answer, Fault>),
}

impl Record for IdempotencyRecord {
    const TABLE: &'static Table = &tables::IDEMPOTENCY;

    fn key(&self) -> Vec<Value> {
        vec![self.record_key.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.expires_at.into()]
    }
}
