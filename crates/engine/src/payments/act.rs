//! Actions: the common path of what is asked of a PG about a captured payment besides taking and
//! giving back money. Intent, request, end; each kind brings its task, the request made of it, and
//! the answer that follows from its end.
//!
//! A request is made before its intent and sent once. No PG has an inquiry for actions, so what a
//! crash or a lost answer leaves behind ends as unclear, once no answer can come any more.

use std::sync::Arc;

use naru_connector::{Operation, Outcome};
use naru_domain::payment::{ActionEnd, Command, Failure, Payment, Refusal, Task, decide};
use naru_domain::{PaymentId, StoreId, Timestamp};

use super::begin::{CALLERS_PATIENCE_MS, Intent, Running};
use super::pay::CallContext;
use super::report::{End, Report};
use crate::jobs::JobDone;
use crate::records::JobKind;
use crate::{Answer, Engine, Fault};

/// The longest that a sender can wait for an answer, in milliseconds, with room to record it.
const ANSWERED_BY_MS: i64 = 61_000;

/// Which action a report is about.
struct Subject<'a> {
    store_id: &'a StoreId,
    payment_id: &'a PaymentId,
    send_by: Timestamp,
    idempotency: Option<&'a str>,
}

impl Engine {
    /// Carries out an action. `operation` makes the request of the payment as it stands before it.
    pub(crate) async fn act(
        &self,
        context: CallContext,
        payment_id: PaymentId,
        task: Task,
        operation: impl Fn(&Payment) -> Result<Operation, Fault>,
    ) -> Result<Answer, Fault> {
        let started_at = self.clock().process();
        loop {
            let found = self.load_payment(&context.store.id, &payment_id).await?;
            let found = found.filter(|found| found.value.0.has_begun());
            let payment = found.ok_or(Fault::PaymentNotFound)?.value.0;
            let send_by = self.send_by();
            let command = Command::Act {
                task: task.clone(),
                send_by,
            };
            // The rules come first: what they refuse needs no channel.
            let limits = self.config().limits;
            let decided = decide(Some(&payment), command.clone(), limits, self.now());
            match decided {
                Ok(_) | Err(Refusal::ActionInFlight) => {}
                Err(refusal) => {
                    self.same_key_runs(context.ticket.as_ref()).await?;
                    return Err(refusal.into());
                }
            }
            let (attempt, _) = payment.captured().ok_or(Fault::PaymentNotPaid)?;
            let channel = self.attempt_channel(&attempt.channel.key).await?;
            let exchange = self.begin(&channel, &operation(&payment)?)?;
            let running = Running {
                store: Arc::clone(&context.store),
                payment_id: payment_id.clone(),
                attempt: attempt.id,
                channel,
                ticket: context.ticket.clone(),
                started_at,
                patience_ms: CALLERS_PATIENCE_MS,
                intent: Intent::default(),
            };
            if self.try_begin(&running, command).await? {
                let end = action_end(self.drive(exchange, Some(send_by)).await);
                let subject = Subject {
                    store_id: &running.store.id,
                    payment_id: &payment_id,
                    send_by,
                    idempotency: running.record_key(),
                };
                return self.report_action(&subject, &task, end).await;
            }
        }
    }

    /// Commits how an action ended, and answers.
    async fn report_action(
        &self,
        subject: &Subject<'_>,
        task: &Task,
        end: ActionEnd,
    ) -> Result<Answer, Fault> {
        let report = Report {
            issued: None,
            intent: None,
            store_id: subject.store_id,
            payment_id: subject.payment_id,
            idempotency: subject.idempotency,
            job: JobKind::ResolveAction {
                store_id: subject.store_id.clone(),
                payment_id: subject.payment_id.clone(),
                send_by: subject.send_by,
                idempotency: None,
            },
        };
        let command = || Command::EndAction {
            send_by: subject.send_by,
            end: end.clone(),
        };
        let over = |_: &Payment| End {
            answer: answer(task, &end),
            is_over: true,
            is_the_requests: true,
        };
        self.commit_report(&report, command, over).await
    }

    /// Ends an action whose request died.
    pub(crate) async fn run_resolve_action(
        &self,
        (store_id, payment_id): (&StoreId, &PaymentId),
        send_by: Timestamp,
        idempotency: Option<&str>,
    ) -> Result<JobDone, Fault> {
        let Some(found) = self.load_payment(store_id, payment_id).await? else {
            return Ok(JobDone::Finished);
        };
        let Some(action) = found.value.0.action.filter(|it| it.send_by == send_by) else {
            return Ok(JobDone::Finished);
        };
        // The store's clock: nodes that share a database agree on it.
        if self.store().now().await? <= send_by.plus_millis(ANSWERED_BY_MS) {
            return Ok(JobDone::Again);
        }
        tracing::warn!(payment.id = %payment_id, "the end of an action stays unknown");
        let subject = Subject {
            store_id,
            payment_id,
            send_by,
            idempotency,
        };
        match self
            .report_action(&subject, &action.task, ActionEnd::Unclear)
            .await
        {
            Err(fault @ (Fault::Unavailable { .. } | Fault::Internal { .. })) => Err(fault),
            Ok(_) | Err(_) => Ok(JobDone::Finished),
        }
    }
}

/// What an outcome of an action's exchange means.
fn action_end(outcome: Outcome) -> ActionEnd {
    match outcome {
        Outcome::Acted(acted) => ActionEnd::Done {
            at: acted.at,
            receipt_url: acted.receipt_url,
        },
        Outcome::Declined(decline) => ActionEnd::Refused {
            failure: Failure {
                pg_code: decline.code,
                pg_message: decline.message,
            },
        },
        Outcome::NotSent { .. } => ActionEnd::Refused {
            failure: Failure::own(
                Failure::NOT_SENT,
                "the payment gateway could not be reached; nothing was done",
            ),
        },
        Outcome::Approved(_)
        | Outcome::AccountIssued(_)
        | Outcome::KeyIssued(_)
        | Outcome::Receipt(_)
        | Outcome::Identity(_)
        | Outcome::KeyDeleted { .. }
        | Outcome::Refunded(_)
        | Outcome::AccountClosed { .. }
        | Outcome::Found(_)
        | Outcome::NotFound
        | Outcome::Unknown(_) => ActionEnd::Unclear,
    }
}

/// What the caller is told.
fn answer(task: &Task, end: &ActionEnd) -> Result<Answer, Fault> {
    let (at, receipt_url) = match end {
        ActionEnd::Done { at, receipt_url } => (*at, receipt_url.clone()),
        ActionEnd::Refused { failure } => return Err(failure.clone().into()),
        ActionEnd::Unclear => return Err(Fault::action_unknown()),
    };
    Ok(match task {
        Task::CapturePayment => Answer::Empty,
        Task::RegisterShipment { shipment } => Answer::ShipmentRegistered {
            invoice_number: shipment.invoice_number.clone(),
            sent_at: shipment.sent_at,
            at,
        },
        Task::ChangeShipment { shipment } => Answer::ShipmentChanged {
            invoice_number: shipment.invoice_number.clone(),
            sent_at: shipment.sent_at,
            at,
        },
        Task::AcceptRejection => Answer::RejectionAccepted { at },
        Task::RegisterStoreSales { .. } => Answer::StoreSalesRegistered { receipt_url },
    })
}
