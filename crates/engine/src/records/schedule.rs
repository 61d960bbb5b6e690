//! Schedules, and the billing keys that they were made on.

use naru_domain::schedule::{Schedule, ScheduleState};
use naru_domain::{BillingKeyId, StoreId};
use naru_store::{Record, Table, Value, tables};
use serde::{Deserialize, Serialize};

/// A schedule, with the columns that lists filter and sort by.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScheduleRecord(pub Schedule);

impl Record for ScheduleRecord {
    const TABLE: &'static Table = &tables::SCHEDULES;

    fn key(&self) -> Vec<Value> {
        vec![self.0.store_id.as_str().into(), self.0.id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        let schedule = &self.0;
        let (completed_at, status_at) = match schedule.state {
            ScheduleState::Scheduled => (None, schedule.created_at),
            ScheduleState::Started { at, .. } | ScheduleState::Revoked { at } => (None, at),
            ScheduleState::Pending { at, .. }
            | ScheduleState::Succeeded { at, .. }
            | ScheduleState::Failed { at, .. } => (Some(at), at),
        };
        vec![
            schedule.payment_id.as_str().into(),
            schedule.billing_key.as_str().into(),
            schedule.state.name().into(),
            schedule.channel.is_test.into(),
            schedule.time_to_pay.into(),
            schedule.created_at.into(),
            completed_at.into(),
            status_at.into(),
        ]
    }
}

/// A billing key on which a schedule was made. Its row's version rises with each schedule.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ScheduledKeyRecord {
    /// Store.
    pub store_id: StoreId,
    /// Billing key.
    pub billing_key: BillingKeyId,
}

impl Record for ScheduledKeyRecord {
    const TABLE: &'static Table = &tables::SCHEDULED_KEYS;

    fn key(&self) -> Vec<Value> {
        vec![
            self.store_id.as_str().into(),
            self.billing_key.as_str().into(),
        ]
    }

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }
}
