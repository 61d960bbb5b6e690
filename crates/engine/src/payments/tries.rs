//! Carrying a payment out: intent, PG, result; the first and the last of them are commits.
//!
//! Failover is ours, off by default: where a channel group allows it, a payment that a PG surely
//! never saw ([`Outcome::NotSent`]) goes on through another channel of the group. Never after an
//! answer that is unclear, and never after a decline. The attempt that ends and the one in its
//! place are one commit, so that no crash can leave a payment between the two, and the rules of
//! every beginning hold for it (P3). The number of tries and their time are bounded.

use std::sync::Arc;

use naru_connector::{Operation, Order, Outcome};
use naru_domain::cash_receipt::ReceiptKind;
use naru_domain::payment::{
    AppliedPromotion, Attempt, AttemptState, BeginAttempt, Command, OrderDetails, PreRegistration,
    decide,
};
use naru_domain::{Amount, AttemptId, BillingKeyId, MethodKind, PaymentId, ScheduleId, Timestamp};
use naru_store::CommitError;

use super::begin::{CALLERS_PATIENCE_MS, Intent, Running};
use super::course::Course;
use super::pay::CallContext;
use super::report::{drop_job, resolve_job};
use crate::directory::OpenChannel;
use crate::exchange::Begun;
use crate::promotions::{PaidBy, reprice};
use crate::unit::Cause;
use crate::{Answer, Engine, Fault};

/// How long after a request's start another channel may still be tried, in milliseconds: what the
/// last one answers late must fit into the time that a request has.
const FAILOVER_WINDOW_MS: i64 = 15_000;
/// How often the commit of a failover is tried against concurrent changes.
const COMMIT_TRIES: u32 = 50;

/// Makes what is asked of a PG, once the order has its id.
pub(crate) type MakeOperation = Box<dyn FnOnce(Order) -> Operation + Send>;

/// A payment about to be made: what all tries at it have in common.
pub(crate) struct Plan {
    pub(crate) payment_id: PaymentId,
    pub(crate) order: OrderDetails,
    pub(crate) method: MethodKind,
    /// What of the method a promotion asks about.
    pub(crate) paid_by: PaidBy,
    /// The promotion that the tries are made with, once it has been asked.
    pub(crate) promotion: Option<AppliedPromotion>,
    pub(crate) billing_key: Option<BillingKeyId>,
    pub(crate) cash_receipt: Option<ReceiptKind>,
    /// The schedule that begins it. Nobody waits for the answer then.
    pub(crate) schedule: Option<ScheduleId>,
    pub(crate) skip_webhook: bool,
    pub(crate) course: Course<MakeOperation>,
}

/// One try: an attempt, and the exchange that carries it out.
struct Try {
    running: Running,
    attempt: Attempt,
    operation: Operation,
    exchange: Begun,
}

impl Engine {
    pub(crate) async fn pay(&self, context: CallContext, mut plan: Plan) -> Result<Answer, Fault> {
        let started_at = self.clock().process();
        let mut trying = self
            .next_try(&context, &mut plan, started_at)?
            .ok_or_else(|| Fault::internal("a payment that goes nowhere"))?;
        loop {
            trying.attempt.send_by = self.send_by();
            // Drawn each time: a number that is taken shows at the commit.
            trying.attempt.imp_uid = self.new_imp_uid(context.face, plan.method);
            let asked = self
                .ask_promotion(&context.store, &plan.order, &plan.paid_by)
                .await?;
            if trying.attempt.promotion != asked.applied {
                plan.promotion.clone_from(&asked.applied);
                trying.attempt.promotion = asked.applied;
                reprice(&mut trying.operation, trying.attempt.charged());
                trying.exchange = self.begin(&trying.running.channel, &trying.operation)?;
            }
            let registered = self.registered_for(&context, &plan.payment_id).await?;
            let begin = BeginAttempt {
                promotion_refusal: asked.refusal,
                ..trying.begin(registered)
            };
            let command = Command::Begin(Box::new(begin));
            if self
                .try_begin_with(&trying.running, command, &asked.also)
                .await?
            {
                break;
            }
        }
        loop {
            let Try {
                running,
                attempt,
                exchange,
                operation: _,
            } = trying;
            let outcome = self.drive(exchange, Some(attempt.send_by)).await;
            let next = match &outcome {
                Outcome::NotSent { reason } => {
                    self.fail_over(&context, &mut plan, (&running, reason))
                        .await?
                }
                Outcome::Approved(_)
                | Outcome::AccountIssued(_)
                | Outcome::KeyIssued(_)
                | Outcome::KeyDeleted { .. }
                | Outcome::Identity(_)
                | Outcome::Acted(_)
                | Outcome::Receipt(_)
                | Outcome::Refunded(_)
                | Outcome::AccountClosed { .. }
                | Outcome::Found(_)
                | Outcome::NotFound
                | Outcome::Declined(_)
                | Outcome::Unknown(_) => None,
            };
            match next {
                Some(next) => trying = next,
                None => return self.conclude(&running, outcome).await,
            }
        }
    }

    /// The first of the stops left whose rules allow the payment. Refusals leave no trace; where
    /// every stop refuses, the first one's words are the answer. Nothing if none is left.
    fn next_try(
        &self,
        context: &CallContext,
        plan: &mut Plan,
        started_at: Timestamp,
    ) -> Result<Option<Try>, Fault> {
        let mut refusal = None;
        while let Some(stop) = plan.course.stops.pop_front() {
            let id = AttemptId::new(self.new_uuid());
            let attempt = self.attempt_of(context, plan, (id, &stop.channel));
            let operation = (stop.with)(wire_order(&attempt, &plan.payment_id));
            let begun = self
                .begin(&stop.channel, &operation)
                .and_then(|begun| self.needs_order_inquiry(&stop.channel).map(|()| begun));
            match begun {
                Ok(exchange) => {
                    return Ok(Some(Try {
                        attempt,
                        operation,
                        running: Running {
                            store: Arc::clone(&context.store),
                            payment_id: plan.payment_id.clone(),
                            attempt: id,
                            channel: stop.channel,
                            ticket: context.ticket.clone(),
                            started_at,
                            patience_ms: match plan.schedule {
                                Some(_) => 0,
                                None => CALLERS_PATIENCE_MS,
                            },
                            intent: Intent::default(),
                        },
                        exchange,
                    }));
                }
                Err(fault) => refusal = refusal.or(Some(fault)),
            }
        }
        refusal.map_or(Ok(None), Err)
    }

    fn attempt_of(
        &self,
        context: &CallContext,
        plan: &Plan,
        (id, channel): (AttemptId, &OpenChannel),
    ) -> Attempt {
        Attempt {
            id,
            imp_uid: None,
            order: plan.order.clone(),
            channel: channel.record.snapshot(),
            channel_group: plan.course.group.clone(),
            takes_over_from: None,
            method: plan.method,
            origin: context.origin.clone(),
            promotion: plan.promotion.clone(),
            billing_key: plan.billing_key.clone(),
            cash_receipt: plan.cash_receipt,
            schedule: plan.schedule.clone(),
            window: None,
            skip_webhook: plan.skip_webhook,
            send_by: self.send_by(),
            requested_at: self.now(),
            status_changed_at: self.now(),
            state: AttemptState::Sending,
        }
    }

    /// Puts another attempt in the place of one that the PG surely never saw. Nothing where there
    /// is no further channel, no time, or the attempt has ended otherwise meanwhile.
    async fn fail_over(
        &self,
        context: &CallContext,
        plan: &mut Plan,
        (running, reason): (&Running, &str),
    ) -> Result<Option<Try>, Fault> {
        let until = running.started_at.plus_millis(FAILOVER_WINDOW_MS);
        if self.clock().process() > until {
            return Ok(None);
        }
        let Ok(Some(mut next)) = self.next_try(context, plan, running.started_at) else {
            return Ok(None);
        };
        next.attempt.takes_over_from = Some(running.attempt);
        for _ in 0..COMMIT_TRIES {
            next.attempt.send_by = self.send_by();
            next.attempt.imp_uid = self.new_imp_uid(context.face, plan.method);
            let found = self
                .load_payment(&running.store.id, &running.payment_id)
                .await?;
            let command = Command::FailOver {
                failed: running.attempt,
                next: Box::new(next.begin(None)),
            };
            let payment = found.as_ref().map(|found| &found.value.0);
            let Ok(decision) = decide(payment, command, self.config().limits, self.now()) else {
                return Ok(None);
            };
            let cause = Cause {
                idempotency: running.record_key(),
                lease_until: Some(self.lease_until()),
            };
            let (mut unit, payment) = self.unit_of(found, &decision, &cause).await?;
            unit.writes.push(drop_job(&resolve_job(&running.subject())));
            match self.commit(unit).await {
                Ok(()) => {
                    self.wake(&payment, &decision);
                    tracing::warn!(
                        payment.id = %running.payment_id, attempt.id = %running.attempt, reason,
                        next.attempt = %next.attempt.id, next.channel = %next.attempt.channel.key,
                        "the payment gateway never saw an attempt, going on through another channel"
                    );
                    return Ok(Some(next));
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }
}

impl Try {
    fn begin(&self, pre_registration: Option<PreRegistration>) -> BeginAttempt {
        BeginAttempt {
            merchant_id: self.running.store.merchant_id.clone(),
            store_id: self.running.store.id.clone(),
            payment_id: self.running.payment_id.clone(),
            attempt: self.attempt.clone(),
            pre_registration,
            promotion_refusal: None,
        }
    }
}

/// The order as a connector sees it: at the price that is charged.
fn wire_order(attempt: &Attempt, payment_id: &PaymentId) -> Order {
    order_at(attempt.id, payment_id, (&attempt.order, attempt.charged()))
}

/// The order as a connector sees it, at a price.
pub(crate) fn order_at(
    attempt: AttemptId,
    payment_id: &PaymentId,
    (order, amount): (&OrderDetails, Amount),
) -> Order {
    Order {
        order_id: attempt.order_id(),
        payment_id: payment_id.as_str().to_owned(),
        name: order.name.clone(),
        amount,
        currency: order.currency.clone(),
        customer: order.customer.clone(),
        is_escrow: order.is_escrow,
    }
}
