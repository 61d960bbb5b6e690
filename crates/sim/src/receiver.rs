//! The merchant's receiver of webhooks: remembers all that it took.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use naru_connector::Request;
use serde_json::Value;

/// What arrived, by webhook id.
#[derive(Debug, Default)]
pub struct Receiver(Mutex<BTreeMap<String, Value>>);

impl Receiver {
    /// Takes one in. The same id again must be the same body: that is checked by the audit's
    /// reading of rows, so here the last one stays.
    pub fn take(&self, request: &Request) {
        let id = request
            .headers
            .iter()
            .find(|(name, _)| *name == "webhook-id")
            .map(|(_, id)| id.clone())
            .unwrap_or_default();
        let body = serde_json::from_slice(&request.body).unwrap_or_default();
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, body);
    }

    /// All that arrived.
    pub fn taken(&self) -> BTreeMap<String, Value> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
