//! Checkout profiles and payment sessions.

use naru_domain::checkout::{CheckoutProfile, PaymentSession};
use naru_store::{Record, Table, Value, tables};
use serde::{Deserialize, Serialize};

/// A checkout profile.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CheckoutProfileRecord(pub CheckoutProfile);

impl Record for CheckoutProfileRecord {
    const TABLE: &'static Table = &tables::CHECKOUT_PROFILES;

    fn key(&self) -> Vec<Value> {
        vec![self.0.key.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.0.store_id.as_str().into(), self.0.created_at.into()]
    }
}

/// A payment session.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PaymentSessionRecord(pub PaymentSession);

impl Record for PaymentSessionRecord {
    const TABLE: &'static Table = &tables::PAYMENT_SESSIONS;

    fn key(&self) -> Vec<Value> {
        vec![self.0.id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.0.store_id.as_str().into(), self.0.ends_at().into()]
    }
}
