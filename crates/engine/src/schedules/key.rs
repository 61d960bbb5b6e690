//! Billing keys and the schedules on them: a key is not deleted while one lives, and none is made
//! on a key that is deleted, whoever commits first.
//!
//! A schedule raises the version of the key's row in `scheduled_keys`, without naming one, so that
//! schedules on one key do not wait for each other; and it expects the key itself as it was read. A
//! deletion names the version of both.

use naru_domain::schedule::ScheduleState;
use naru_domain::{BillingKeyId, StoreId};
use naru_store::{Commit, Condition, Query, Versioned, tables};

use crate::records::{BillingKeyRecord, ScheduledKeyRecord};
use crate::{Engine, Fault};

/// A look at the schedules of a key, to be held against what is so at the commit.
pub(crate) struct NoSchedules {
    record: ScheduledKeyRecord,
    version: Option<i64>,
}

impl Engine {
    /// Refuses if a schedule lives on the key.
    pub(crate) async fn no_schedules_on(
        &self,
        store_id: &StoreId,
        billing_key: &BillingKeyId,
    ) -> Result<NoSchedules, Fault> {
        let record = ScheduledKeyRecord {
            store_id: store_id.clone(),
            billing_key: billing_key.clone(),
        };
        // Before the schedules themselves: one that comes in between changes this version.
        let key = vec![store_id.as_str().into(), billing_key.as_str().into()];
        let found = self.store().load::<ScheduledKeyRecord>(key).await?;
        if found.is_some() {
            let live = ScheduleState::LIVE.into_iter().map(Into::into).collect();
            let query = Query::of(&tables::SCHEDULES, 1)
                .and(Condition::Is("store_id", store_id.as_str().into()))
                .and(Condition::Is("billing_key", billing_key.as_str().into()))
                .and(Condition::In("status", live));
            if self.store().count(query, 1).await? > 0 {
                return Err(Fault::PaymentScheduleAlreadyExists);
            }
        }
        Ok(NoSchedules {
            record,
            version: found.map(|found| found.version),
        })
    }
}

impl NoSchedules {
    /// Adds to the unit that it is still so.
    pub(crate) fn hold(self, unit: &mut Commit) -> Result<(), Fault> {
        match self.version {
            Some(version) => unit.update(&Versioned {
                version,
                value: self.record,
            })?,
            None => unit.insert(&self.record)?,
        }
        Ok(())
    }
}

/// Adds to the unit of a schedule that its key can be charged, and that there is one more.
pub(super) fn guard(unit: &mut Commit, key: &Versioned<BillingKeyRecord>) -> Result<(), Fault> {
    unit.expect(key);
    unit.upsert(&ScheduledKeyRecord {
        store_id: key.value.0.store_id.clone(),
        billing_key: key.value.0.id.clone(),
    })?;
    Ok(())
}
