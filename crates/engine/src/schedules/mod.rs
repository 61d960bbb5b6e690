//! Schedules: charges of billing keys that begin by themselves at a time.
//!
//! A schedule and its payment change in the same commit. Two rows keep everything else away while
//! it waits: the payment's, whose `schedule` lets only the schedule's own attempt begin; and one
//! per billing key, whose version tells a deletion that a schedule was made meanwhile.

mod follow;
mod key;
mod list;
mod make;
mod move_to;
mod revoke;
mod run;

pub use make::SchedulePayment;
pub use revoke::{REVOKED_MAX, RevokeSchedules};

use naru_domain::schedule::{Schedule, ScheduleEvent};
use naru_domain::{PaymentId, ScheduleId, StoreId};
use naru_store::{Commit, Condition, Direction, Query, Versioned, tables};

use crate::records::{EventRecord, ScheduleRecord};
use crate::{Engine, Fault};

/// How often a change of a schedule is tried against concurrent ones.
const TRIES: u32 = 50;

/// Schedules of one payment that are looked at: more than there can be attempts at it.
const OF_PAYMENT_MAX: u32 = 1_000;

/// A schedule as readers see it.
pub type ScheduleView = Schedule;

impl Engine {
    /// `GET /payment-schedules/{paymentScheduleId}`.
    pub async fn schedule(
        &self,
        store_id: &StoreId,
        id: &ScheduleId,
    ) -> Result<ScheduleView, Fault> {
        let found = self.load_schedule(store_id, id).await?;
        Ok(found.ok_or(Fault::PaymentScheduleNotFound)?.value.0)
    }

    /// The schedules that were ever made for a payment, newest first.
    pub async fn schedules_of_payment(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
    ) -> Result<Vec<ScheduleView>, Fault> {
        let query = Query::of(&tables::SCHEDULES, OF_PAYMENT_MAX)
            .and(Condition::Is("store_id", store_id.as_str().into()))
            .and(Condition::Is("payment_id", payment_id.as_str().into()))
            .by("created_at", Direction::Descending);
        let found = self.store().list::<ScheduleRecord>(query).await?;
        Ok(found.into_iter().map(|one| one.value.0).collect())
    }

    pub(crate) async fn load_schedule(
        &self,
        store_id: &StoreId,
        id: &ScheduleId,
    ) -> Result<Option<Versioned<ScheduleRecord>>, Fault> {
        Ok(self
            .store()
            .load(vec![store_id.as_str().into(), id.as_str().into()])
            .await?)
    }

    /// Adds what happened to a schedule to a unit.
    fn add_schedule_events(
        &self,
        unit: &mut Commit,
        before: Option<Versioned<ScheduleRecord>>,
        events: &[ScheduleEvent],
    ) -> Result<(), Fault> {
        let version = before.as_ref().map(|found| found.version);
        let old = before.map(|found| found.value.0);
        let sequence = old.as_ref().map_or(0, |schedule| schedule.event_count);
        let schedule = events
            .iter()
            .fold(old, naru_domain::schedule::apply)
            .ok_or_else(|| Fault::internal("events that lead to no schedule"))?;
        for (index, event) in (1_i64..).zip(events) {
            unit.insert(&EventRecord {
                store_id: schedule.store_id.clone(),
                subject_id: event_subject(&schedule.id),
                sequence: sequence + index,
                at: self.now(),
                kind: event.kind().to_owned(),
                event: serde_json::to_value(event)
                    .map_err(|error| Fault::internal(error.to_string()))?,
            })?;
        }
        let value = ScheduleRecord(schedule);
        match version {
            Some(version) => unit.update(&Versioned { version, value })?,
            None => unit.insert(&value)?,
        }
        Ok(())
    }
}

/// Schedules share the event table with payments and billing keys: a letter tells their ids apart.
pub(crate) fn event_subject(id: &ScheduleId) -> String {
    format!("s:{id}")
}

fn too_many_changes() -> Fault {
    Fault::Unavailable {
        detail: "too many concurrent changes".to_owned(),
    }
}
