//! Identity verifications, and the count of messages by address.

use naru_domain::identity::{IdentityState, IdentityVerification};
use naru_domain::{AttemptId, IdentityVerificationId, StoreId, Timestamp};
use naru_store::{Record, Table, Value, tables};
use serde::{Deserialize, Serialize};

use super::Queue;

/// An identity verification, with the columns that lists filter and sort by.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdentityRecord(pub IdentityVerification);

impl Record for IdentityRecord {
    const TABLE: &'static Table = &tables::IDENTITY_VERIFICATIONS;

    fn key(&self) -> Vec<Value> {
        vec![self.0.store_id.as_str().into(), self.0.id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        // Never without an attempt; were it, the row would hold nulls and show up in no list.
        let Some(attempt) = self.0.shown() else {
            return vec![Value::Null; Self::TABLE.columns.len()];
        };
        let (verified_at, failed_at) = match &attempt.state {
            IdentityState::Verified { at, .. } => (Some(*at), None),
            IdentityState::Failed { at, .. } => (None, Some(*at)),
            IdentityState::Sending | IdentityState::Sent { .. } => (None, None),
        };
        let (channel, keys) = (&attempt.channel, attempt.shown_keys());
        vec![
            self.0.merchant_id.as_str().into(),
            attempt.status().name().into(),
            attempt.requested_at.into(),
            verified_at.into(),
            failed_at.into(),
            attempt.status_changed_at.into(),
            channel.is_test.into(),
            attempt.pg_tx_id().into(),
            channel.pg_merchant_id.as_str().into(),
            channel.pg_provider.as_str().into(),
            naru_domain::pg_company(&channel.pg_provider).into(),
            attempt.carrier.as_str().into(),
            "V2".into(),
            keys.name.clone().into(),
            keys.birth_year.clone().into(),
            keys.birth_month.clone().into(),
            keys.birth_day.clone().into(),
            keys.phone_number.clone().into(),
            keys.gender.clone().into(),
        ]
    }
}

/// How many messages an address has caused.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IdentityRateRecord {
    /// Store.
    pub store_id: StoreId,
    /// Keyed hash of the address.
    pub address_key: String,
    /// Messages since the count began.
    pub count: u32,
    /// When the count begins anew, by the business clock.
    pub expires_at: Timestamp,
}

impl Record for IdentityRateRecord {
    const TABLE: &'static Table = &tables::IDENTITY_RATES;

    fn key(&self) -> Vec<Value> {
        vec![
            self.store_id.as_str().into(),
            self.address_key.as_str().into(),
        ]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.expires_at.into()]
    }
}

/// A job about an identity verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job")]
pub enum IdentityJob {
    /// End a sending whose request died.
    EndSend {
        /// Store.
        store_id: StoreId,
        /// Identity verification.
        verification: IdentityVerificationId,
        /// Attempt.
        attempt: AttemptId,
        /// The request's idempotency record, to complete.
        idempotency: Option<String>,
    },
    /// Answer for a confirmation or a further message whose request died.
    EndCall {
        /// Which call.
        call: String,
        /// The request's idempotency record, to complete.
        idempotency: String,
    },
    /// End an attempt that was not confirmed in time.
    Expire {
        /// Store.
        store_id: StoreId,
        /// Identity verification.
        verification: IdentityVerificationId,
        /// Attempt.
        attempt: AttemptId,
    },
}

impl IdentityJob {
    /// The job's id.
    pub fn id(&self) -> String {
        match self {
            Self::EndSend { attempt, .. } => format!("identity:{attempt}"),
            Self::EndCall { call, .. } => format!("identity-call:{call}"),
            Self::Expire { attempt, .. } => format!("identity-expiry:{attempt}"),
        }
    }

    /// The queue it belongs to.
    pub const fn queue(&self) -> Queue {
        match self {
            Self::EndSend { .. } | Self::EndCall { .. } => Queue::Resolve,
            Self::Expire { .. } => Queue::Deadline,
        }
    }
}
