//! `DELETE /payment-schedules`: all of those asked for, or none.

use std::collections::HashSet;

use naru_domain::billing_key::BillingKeyState;
use naru_domain::payment::{Command, Refusal, decide};
use naru_domain::{BillingKeyId, ScheduleId, StoreId, Timestamp};
use naru_store::{Commit, CommitError, Condition, Query, Versioned, tables};

use super::{ScheduleView, TRIES, too_many_changes};
use crate::payments::CallContext;
use crate::records::{BillingKeyRecord, JobKind, ScheduleRecord};
use crate::unit::Cause;
use crate::{Answer, Engine, Fault};

/// Schedules that one call revokes at most: they are one unit.
pub const REVOKED_MAX: u32 = 1_000;

/// Which schedules to revoke.
#[derive(Debug, Clone, Default)]
pub struct RevokeSchedules {
    /// Those on this key; with ids, they must be on it.
    pub billing_key: Option<BillingKeyId>,
    /// These. None: all that wait on the key.
    pub ids: Vec<ScheduleId>,
}

impl Engine {
    /// `DELETE /payment-schedules`.
    pub async fn revoke_schedules(
        &self,
        context: CallContext,
        request: RevokeSchedules,
    ) -> Result<Answer, Fault> {
        for _ in 0..TRIES {
            let tried = self.try_revoke(&context, &request).await;
            if tried.is_err() {
                self.same_key_runs(context.ticket.as_ref()).await?;
            }
            if let Some(answer) = tried? {
                return Ok(answer);
            }
        }
        Err(too_many_changes())
    }

    /// One try. Nothing: somebody else changed one of them, try again.
    async fn try_revoke(
        &self,
        context: &CallContext,
        request: &RevokeSchedules,
    ) -> Result<Option<Answer>, Fault> {
        let store_id = &context.store.id;
        if let Some(key) = &request.billing_key {
            self.known_key(store_id, key).await?;
        }
        let mut found = if request.ids.is_empty() {
            self.schedules_waiting_on(store_id, request.billing_key.as_ref())
                .await?
        } else {
            self.schedules_named(store_id, request).await?
        };
        let now = self.now();
        for one in &found {
            one.value.0.revoke(now)?;
        }
        let ids = found.iter().map(|one| one.value.0.id.clone()).collect();
        let answer = Answer::SchedulesRevoked {
            ids,
            at: (!found.is_empty()).then_some(now),
        };
        // In an order that does not hang on the caller's, so that two calls do not wait for each
        // other.
        found.sort_by(|a, b| a.value.0.payment_id.cmp(&b.value.0.payment_id));
        let mut unit = Commit::new(self.new_uuid());
        for one in found {
            if !self.add_revocation(&mut unit, one, now).await? {
                return Ok(None);
            }
        }
        self.done_record(&mut unit, context.ticket.as_ref(), &answer)?;
        match self.commit(unit).await {
            Ok(()) => Ok(Some(answer)),
            Err(CommitError::Conflict("idempotency")) => Err(Fault::IdempotencyOutstandingRequest),
            Err(CommitError::Conflict(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// `false`: the payment does not wait for the schedule any more, so this was read too early.
    async fn add_revocation(
        &self,
        unit: &mut Commit,
        found: Versioned<ScheduleRecord>,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let schedule = &found.value.0;
        let kind = JobKind::Pay {
            store_id: schedule.store_id.clone(),
            schedule: schedule.id.clone(),
        };
        let command = Command::ReleaseSchedule {
            schedule: schedule.id.clone(),
        };
        let payment = self
            .load_payment(&schedule.store_id, &schedule.payment_id)
            .await?;
        let before = payment.as_ref().map(|found| &found.value.0);
        let decision = match decide(before, command, self.config().limits, at) {
            Ok(decision) => decision,
            Err(Refusal::NothingToDo) => return Ok(false),
            Err(refusal) => return Err(refusal.into()),
        };
        let (of_payment, _) = self.unit_of(payment, &decision, &Cause::WORKER).await?;
        unit.writes.extend(of_payment.writes);
        let events = schedule.revoke(at)?;
        self.add_schedule_events(unit, Some(found), &events)?;
        unit.writes.push(crate::payments::drop_job(&kind));
        Ok(true)
    }

    async fn known_key(&self, store_id: &StoreId, id: &BillingKeyId) -> Result<(), Fault> {
        let key = vec![store_id.as_str().into(), id.as_str().into()];
        let found = self.store().load::<BillingKeyRecord>(key).await?;
        match found.map(|found| found.value.0.state) {
            Some(BillingKeyState::Issued { .. }) => Ok(()),
            Some(BillingKeyState::Deleted { .. }) => Err(Fault::BillingKeyAlreadyDeleted),
            None
            | Some(
                BillingKeyState::Ready
                | BillingKeyState::AwaitingConfirm { .. }
                | BillingKeyState::Issuing
                | BillingKeyState::Failed { .. },
            ) => Err(Fault::BillingKeyNotFound),
        }
    }

    /// Schedules that wait on a key: as many as one call revokes.
    pub async fn waiting_schedules(
        &self,
        store_id: &StoreId,
        key: &BillingKeyId,
    ) -> Result<Vec<ScheduleView>, Fault> {
        let found = self
            .store()
            .list::<ScheduleRecord>(waiting(store_id, key, REVOKED_MAX));
        Ok(found.await?.into_iter().map(|one| one.value.0).collect())
    }

    async fn schedules_waiting_on(
        &self,
        store_id: &StoreId,
        key: Option<&BillingKeyId>,
    ) -> Result<Vec<Versioned<ScheduleRecord>>, Fault> {
        let Some(key) = key else {
            return Err(Fault::invalid(
                "`scheduleIds`: expected ids, or a `billingKey` beside it",
            ));
        };
        let query = waiting(store_id, key, REVOKED_MAX + 1);
        let found = self.store().list::<ScheduleRecord>(query).await?;
        if found.len() > REVOKED_MAX as usize {
            return Err(Fault::invalid(format!(
                "`billingKey`: expected a key with at most {REVOKED_MAX} schedules; name \
                 `scheduleIds` in several calls"
            )));
        }
        Ok(found)
    }

    async fn schedules_named(
        &self,
        store_id: &StoreId,
        request: &RevokeSchedules,
    ) -> Result<Vec<Versioned<ScheduleRecord>>, Fault> {
        let mut seen = HashSet::new();
        let mut all = Vec::new();
        for id in request.ids.iter().filter(|id| seen.insert(*id)) {
            let found = self
                .load_schedule(store_id, id)
                .await?
                .ok_or(Fault::PaymentScheduleNotFound)?;
            let key = &found.value.0.billing_key;
            if request.billing_key.as_ref().is_some_and(|of| of != key) {
                return Err(Fault::PaymentScheduleNotFound);
            }
            all.push(found);
        }
        Ok(all)
    }
}

fn waiting(store_id: &StoreId, key: &BillingKeyId, limit: u32) -> Query {
    Query::of(&tables::SCHEDULES, limit)
        .and(Condition::Is("store_id", store_id.as_str().into()))
        .and(Condition::Is("billing_key", key.as_str().into()))
        .and(Condition::Is("status", "SCHEDULED".into()))
}
