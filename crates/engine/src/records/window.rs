//! What customers authenticated in payment windows.

use naru_domain::{AttemptId, Sealed, StoreId, Timestamp};
use naru_store::{Record, Table, Value, Write, tables};
use serde::{Deserialize, Serialize};

/// What a customer authenticated, sealed to the attempt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuthenticationRecord {
    /// The attempt.
    pub attempt: AttemptId,
    /// Its store.
    pub store_id: StoreId,
    /// What the connector needs to have it approved, or undone.
    pub sealed: Sealed,
    /// When the customer came back.
    pub at: Timestamp,
}

impl AuthenticationRecord {
    /// Forgets it, whether or not it is there.
    pub(crate) fn delete(attempt: AttemptId) -> Write {
        Write::Delete {
            table: &tables::AUTHENTICATIONS,
            key: vec![attempt.order_id().into()],
            expected: None,
        }
    }
}

impl Record for AuthenticationRecord {
    const TABLE: &'static Table = &tables::AUTHENTICATIONS;

    fn key(&self) -> Vec<Value> {
        vec![self.attempt.order_id().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.store_id.as_str().into()]
    }
}
