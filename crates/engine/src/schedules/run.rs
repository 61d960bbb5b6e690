//! Beginning the payment of a schedule that is due: what a worker calls.
//!
//! The charge is made as `payWithBillingKey` makes it; only its intent carries the schedule, and
//! there is nobody to tell that an outcome is unclear. What can't be begun at all ends as a failed
//! attempt, so that the merchant hears of it and reads why.

use std::sync::Arc;

use naru_domain::payment::{
    Attempt, AttemptState, BeginAttempt, Command, Failure, OrderDetails, decide,
};
use naru_domain::schedule::{Schedule, ScheduleState};
use naru_domain::{AttemptId, MethodKind, ScheduleId, StoreId};
use naru_store::CommitError;

use super::{TRIES, too_many_changes};
use crate::jobs::JobDone;
use crate::payments::{CallContext, ChargeKey, PayRequest};
use crate::records::JobKind;
use crate::unit::Cause;
use crate::{Engine, Fault};

/// How often a schedule is tried while another attempt at its payment is being undone: about a
/// quarter of an hour.
const BLOCKED_TRIES_MAX: u32 = 20;

impl Engine {
    pub(crate) async fn run_schedule(
        &self,
        store_id: &StoreId,
        id: &ScheduleId,
        tries: u32,
    ) -> Result<JobDone, Fault> {
        let Some(schedule) = self.waiting_schedule(store_id, id).await? else {
            return self.end_schedule_job(store_id, id).await;
        };
        let now = self.now();
        if schedule.is_early(now) {
            let pause_ms = schedule.time_to_pay.as_millis() - now.as_millis();
            return Ok(JobDone::Later { pause_ms });
        }
        let store = self.store_record(store_id).await?;
        let store = store.ok_or_else(|| Fault::internal("a schedule of no store"))?;
        let context = CallContext {
            store: Arc::clone(&store),
            ticket: None,
            face: schedule.face,
            origin: schedule.origin.clone(),
        };
        let request = PayRequest {
            payment_id: schedule.payment_id.clone(),
            order: schedule.order.clone(),
            skip_webhook: false,
            method: ChargeKey {
                billing_key: schedule.billing_key.clone(),
                channel: schedule.wanted_channel.clone(),
                installment_months: schedule.installment_months,
                is_interest_free: schedule.is_interest_free,
                use_card_point: schedule.use_card_point,
            },
        };
        let Err(fault) = self.charge_key(context, request, Some(id.clone())).await else {
            return Ok(JobDone::Finished);
        };
        if let Fault::Unavailable { .. } | Fault::Internal { .. } = fault {
            return Err(fault);
        }
        // What the attempt ended as is on the payment. Did it begin?
        let Some(schedule) = self.waiting_schedule(store_id, id).await? else {
            return Ok(JobDone::Finished);
        };
        let is_blocked = matches!(fault, Fault::PgProvider { .. });
        if is_blocked && tries < BLOCKED_TRIES_MAX {
            return Ok(JobDone::Again);
        }
        tracing::warn!(schedule.id = %id, %fault, "a schedule can't be carried out");
        self.refuse_schedule(schedule, &fault).await?;
        Ok(JobDone::Finished)
    }

    /// The schedule, if it still waits.
    async fn waiting_schedule(
        &self,
        store_id: &StoreId,
        id: &ScheduleId,
    ) -> Result<Option<Schedule>, Fault> {
        let found = self.load_schedule(store_id, id).await?;
        Ok(found
            .map(|found| found.value.0)
            .filter(|schedule| schedule.state == ScheduleState::Scheduled))
    }

    async fn end_schedule_job(
        &self,
        store_id: &StoreId,
        schedule: &ScheduleId,
    ) -> Result<JobDone, Fault> {
        let kind = JobKind::Pay {
            store_id: store_id.clone(),
            schedule: schedule.clone(),
        };
        self.commit_job_end(&kind).await?;
        Ok(JobDone::Finished)
    }

    /// Records an attempt that failed before it was sent.
    async fn refuse_schedule(&self, schedule: Schedule, fault: &Fault) -> Result<(), Fault> {
        let failure = Failure::own(
            Failure::SCHEDULE_REFUSED,
            &format!("the schedule came due and could not be carried out: {fault}"),
        );
        let face = schedule.face;
        let mut begin = BeginAttempt {
            merchant_id: schedule.merchant_id.clone(),
            store_id: schedule.store_id.clone(),
            payment_id: schedule.payment_id.clone(),
            attempt: self.unsent_attempt(schedule),
            pre_registration: None,
            promotion_refusal: None,
        };
        for _ in 0..TRIES {
            begin.attempt.imp_uid = self.new_imp_uid(face, MethodKind::Card);
            let command = Command::Refuse(Box::new(begin.clone()), failure.clone());
            let found = self
                .load_payment(&begin.store_id, &begin.payment_id)
                .await?;
            let payment = found.as_ref().map(|found| &found.value.0);
            let decided = decide(payment, command, self.config().limits, self.now());
            let Ok(decision) = decided else {
                // Revoked, or begun by another node, meanwhile.
                return Ok(());
            };
            let (unit, payment) = self.unit_of(found, &decision, &Cause::WORKER).await?;
            match self.commit(unit).await {
                Ok(()) => {
                    self.wake(&payment, &decision);
                    return Ok(());
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(too_many_changes())
    }

    fn unsent_attempt(&self, schedule: Schedule) -> Attempt {
        let order: OrderDetails = schedule.order;
        Attempt {
            id: AttemptId::new(self.new_uuid()),
            imp_uid: None,
            order,
            channel: schedule.channel,
            channel_group: None,
            takes_over_from: None,
            promotion: None,
            method: MethodKind::Card,
            origin: schedule.origin,
            billing_key: Some(schedule.billing_key),
            cash_receipt: None,
            schedule: Some(schedule.id),
            window: None,
            skip_webhook: false,
            send_by: self.clock().process(),
            requested_at: self.now(),
            status_changed_at: self.now(),
            state: AttemptState::Sending,
        }
    }
}
