//! `POST /payments/{paymentId}/schedule`.

use std::collections::HashSet;

use naru_domain::payment::{Command, OrderDetails, SetSchedule, decide};
use naru_domain::schedule::{Schedule, ScheduleState, may_be_due};
use naru_domain::{AttemptId, BillingKeyId, ChannelSnapshot, PaymentId, ScheduleId, Timestamp};
use naru_store::{Commit, CommitError, Versioned};

use super::{TRIES, too_many_changes};
use crate::payments::{CallContext, ChargeKey, charged, order_at};
use crate::records::{BillingKeyRecord, JobKind, JobRecord};
use crate::unit::Cause;
use crate::{Answer, Engine, Fault};

/// A schedule asked for.
#[derive(Debug, Clone)]
pub struct SchedulePayment {
    /// The payment that it will begin.
    pub payment_id: PaymentId,
    /// What is bought.
    pub order: OrderDetails,
    /// Which key is charged, and how.
    pub charge: ChargeKey,
    /// When.
    pub time_to_pay: Timestamp,
}

impl Engine {
    /// `POST /payments/{paymentId}/schedule`.
    pub async fn schedule_payment(
        &self,
        context: CallContext,
        request: SchedulePayment,
    ) -> Result<Answer, Fault> {
        let ids = self.schedule_payments(context, vec![request]).await?;
        let id = ids.into_iter().next();
        let id = id.ok_or_else(|| Fault::internal("a schedule without an id"))?;
        Ok(Answer::Scheduled { id })
    }

    /// Schedules several payments, all of them or none; gives their ids in the same order. No two
    /// may be about the same payment.
    pub async fn schedule_payments(
        &self,
        context: CallContext,
        requests: Vec<SchedulePayment>,
    ) -> Result<Vec<ScheduleId>, Fault> {
        for request in &requests {
            may_be_due(request.time_to_pay, self.now())?;
        }
        for _ in 0..TRIES {
            let tried = self.try_schedule(&context, &requests).await;
            if tried.is_err() {
                // A refusal can be the work of another request with the same idempotency key.
                self.same_key_runs(context.ticket.as_ref()).await?;
            }
            if let Some(ids) = tried? {
                let now = self.now();
                if requests.iter().any(|request| request.time_to_pay <= now) {
                    self.wakers().schedule().notify_one();
                }
                return Ok(ids);
            }
        }
        Err(too_many_changes())
    }

    /// One try. Nothing: somebody else changed what it hangs on, try again.
    async fn try_schedule(
        &self,
        context: &CallContext,
        requests: &[SchedulePayment],
    ) -> Result<Option<Vec<ScheduleId>>, Fault> {
        let mut unit = Commit::new(self.new_uuid());
        let mut ids = Vec::new();
        let mut guarded: HashSet<&BillingKeyId> = HashSet::new();
        for request in requests {
            let schedule = self.wanted(context, request).await?;
            let billing_key = self.schedulable_key(&schedule).await?;
            ids.push(schedule.id.clone());
            self.add_schedule(&mut unit, schedule).await?;
            if guarded.insert(&request.charge.billing_key) {
                super::key::guard(&mut unit, &billing_key)?;
            }
        }
        if let [id] = ids.as_slice() {
            let answer = Answer::Scheduled { id: id.clone() };
            self.done_record(&mut unit, context.ticket.as_ref(), &answer)?;
        }
        match self.commit(unit).await {
            Ok(()) => Ok(Some(ids)),
            Err(CommitError::Conflict("idempotency")) => Err(Fault::IdempotencyOutstandingRequest),
            Err(CommitError::Conflict(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn wanted(
        &self,
        context: &CallContext,
        request: &SchedulePayment,
    ) -> Result<Schedule, Fault> {
        let charge = &request.charge;
        let store = &context.store;
        Ok(Schedule {
            merchant_id: store.merchant_id.clone(),
            store_id: store.id.clone(),
            id: ScheduleId::new(self.new_uuid().to_string()),
            payment_id: request.payment_id.clone(),
            billing_key: charge.billing_key.clone(),
            wanted_channel: charge.channel.clone(),
            installment_months: charge.installment_months,
            is_interest_free: charge.is_interest_free,
            use_card_point: charge.use_card_point,
            order: request.order.clone(),
            origin: context.origin.clone(),
            face: context.face,
            time_to_pay: request.time_to_pay,
            created_at: self.now(),
            state: ScheduleState::Scheduled,
            event_count: 0,
            channel: self.schedulable(context, request).await?,
        })
    }

    async fn schedulable_key(
        &self,
        schedule: &Schedule,
    ) -> Result<Versioned<BillingKeyRecord>, Fault> {
        let key = vec![
            schedule.store_id.as_str().into(),
            schedule.billing_key.as_str().into(),
        ];
        let found = self
            .store()
            .load::<BillingKeyRecord>(key)
            .await?
            .ok_or(Fault::BillingKeyNotFound)?;
        found.value.0.chargeable().map(drop)?;
        if found.value.0.pending_deletions().next().is_some() {
            return Err(Fault::BillingKeyAlreadyDeleted);
        }
        Ok(found)
    }

    /// Has the connector look at the charge as it would be made now: what it refuses, the merchant
    /// hears today and not at night. Gives a channel that would be charged.
    async fn schedulable(
        &self,
        context: &CallContext,
        request: &SchedulePayment,
    ) -> Result<ChannelSnapshot, Fault> {
        let charge = &request.charge;
        // Promotions are asked when it is due.
        let (course, _, method) = self
            .chargeable(&context.store, &charge.billing_key, charge.channel.as_ref())
            .await?;
        let course = course.map(|pg_billing_key| charged(charge, pg_billing_key, method));
        let mut refusal = None;
        for stop in course.stops {
            let id = AttemptId::new(self.new_uuid());
            let operation = (stop.with)(order_at(
                id,
                &request.payment_id,
                (&request.order, request.order.amount),
            ));
            // Prepared and thrown away: nothing is sent.
            let prepared = self
                .begin(&stop.channel, &operation)
                .and_then(|_| self.needs_order_inquiry(&stop.channel));
            match prepared {
                Ok(()) => return Ok(stop.channel.record.snapshot()),
                Err(fault) => refusal = refusal.or(Some(fault)),
            }
        }
        Err(refusal.unwrap_or(Fault::ChannelNotFound))
    }

    /// Adds a payment that waits, its schedule and the schedule's job to a unit.
    async fn add_schedule(&self, unit: &mut Commit, schedule: Schedule) -> Result<(), Fault> {
        let (store_id, payment_id) = (schedule.store_id.clone(), schedule.payment_id.clone());
        let kind = JobKind::Pay {
            store_id: store_id.clone(),
            schedule: schedule.id.clone(),
        };
        let job = JobRecord {
            id: kind.id(),
            queue: kind.queue(),
            lane: lane_of(&schedule.channel),
            due_at: schedule.time_to_pay,
            lease_until: None,
            tries: 0,
            refusals: 0,
            kind,
        };
        let command = Command::Schedule(Box::new(SetSchedule {
            merchant_id: schedule.merchant_id.clone(),
            store_id: store_id.clone(),
            payment_id: payment_id.clone(),
            schedule: schedule.id.clone(),
            order: schedule.order.clone(),
            pre_registration: self.pre_registration(&store_id, &payment_id).await?,
        }));
        let events = schedule.make()?;
        let found = self.load_payment(&store_id, &payment_id).await?;
        let payment = found.as_ref().map(|found| &found.value.0);
        let decision = decide(payment, command, self.config().limits, self.now())?;
        let (of_payment, _) = self.unit_of(found, &decision, &Cause::WORKER).await?;
        unit.writes.extend(of_payment.writes);
        self.add_schedule_events(unit, None, &events)?;
        unit.insert(&job)?;
        Ok(())
    }
}

/// The lane of a schedule's job: its PG, for the bound on what one PG gets at once, then its
/// channel, so that no channel delays another.
fn lane_of(channel: &ChannelSnapshot) -> String {
    format!("{}/{}", channel.pg_provider, channel.key)
}
