//! `POST /payments/{paymentId}/cancellations/{cancellationId}/stop`.
//!
//! A cancellation goes to the PG at once, and what is on its way can't be called back. What can be
//! stopped is one whose request surely never arrived: its sender's deadline and the settle time
//! have passed, and the PG's books, asked twice, show no refund (design 2a.2). It ends as failed,
//! and its amounts are free again.

use naru_domain::payment::{Command, RefundOutcome, Reporter, decide};
use naru_domain::{CancellationId, PaymentId};
use naru_store::CommitError;

use super::cancel::{CancelSubject, cancel_answer};
use super::pay::CallContext;
use super::report::drop_job;
use crate::records::{JobKind, JobRecord};
use crate::unit::{Cause, Found};
use crate::{Answer, Engine, Fault};

/// How often the commit is tried against concurrent changes.
const COMMIT_TRIES: u32 = 50;

impl Engine {
    /// Stops a cancellation that the PG has not carried out.
    pub async fn stop_cancellation(
        &self,
        context: CallContext,
        payment_id: PaymentId,
        id: Option<CancellationId>,
    ) -> Result<Answer, Fault> {
        let store_id = &context.store.id;
        let found = self.load_payment(store_id, &payment_id).await?;
        let found = found.filter(|found| found.value.0.has_begun());
        let payment = found.ok_or(Fault::PaymentNotFound)?.value.0;
        let id = id.ok_or(Fault::PaymentCancellationNotFound)?;
        let command = Command::StopCancellation { id };
        // The rules come first: what they refuse needs no PG.
        if let Err(refusal) = decide(Some(&payment), command, self.config().limits, self.now()) {
            self.same_key_runs(context.ticket.as_ref()).await?;
            return Err(refusal.into());
        }
        let (attempt, _) = payment.captured().ok_or(Fault::PaymentNotPaid)?;
        let channel = self.attempt_channel(&attempt.channel.key).await?;
        let job = self.cancellation_job((&context, &payment_id), id).await?;
        let subject = CancelSubject {
            store_id,
            payment_id: &payment_id,
            id,
            idempotency: job.1.as_deref(),
            intent: None,
        };
        match self.inquire_cancellation(&channel, &subject).await? {
            Some(RefundOutcome::Refused(_)) => {
                self.commit_stop(&context, (&payment_id, id), &job).await
            }
            Some(done @ RefundOutcome::Refunded { .. }) => {
                self.report_cancel(&subject, done, Reporter::Resolver)
                    .await?;
                Err(Fault::PaymentCancellationNotPending)
            }
            Some(RefundOutcome::Unclear) | None => Err(Fault::may_still_refund()),
        }
    }

    /// The job that would find out about a cancellation, and the idempotency record of the request
    /// that asked for it.
    async fn cancellation_job(
        &self,
        (context, payment_id): (&CallContext, &PaymentId),
        id: CancellationId,
    ) -> Result<(JobKind, Option<String>), Fault> {
        let kind = JobKind::ResolveCancellation {
            store_id: context.store.id.clone(),
            payment_id: payment_id.clone(),
            id,
            idempotency: None,
        };
        let key = vec![kind.id().into()];
        let found = self.store().load::<JobRecord>(key).await?;
        let mut record = None;
        if let Some(found) = found
            && let JobKind::ResolveCancellation { idempotency, .. } = found.value.kind
        {
            record = idempotency;
        }
        Ok((kind, record))
    }

    async fn commit_stop(
        &self,
        context: &CallContext,
        (payment_id, id): (&PaymentId, CancellationId),
        (job, record): &(JobKind, Option<String>),
    ) -> Result<Answer, Fault> {
        for _ in 0..COMMIT_TRIES {
            let found: Found = self.load_payment(&context.store.id, payment_id).await?;
            let payment = found.as_ref().map(|found| &found.value.0);
            let command = Command::StopCancellation { id };
            let at = self.now();
            let decision = decide(payment, command, self.config().limits, at)?;
            let (mut unit, payment) = self.unit_of(found, &decision, &Cause::WORKER).await?;
            let answer = Answer::CancellationStopped { at };
            self.done_record(&mut unit, context.ticket.as_ref(), &answer)?;
            // What the request that asked for the cancellation is told, if it died before.
            if let Some(cancellation) = payment.cancellation(id) {
                let told = cancel_answer(cancellation);
                self.complete_record(&mut unit, record.as_deref(), &told)
                    .await?;
            }
            unit.writes.push(drop_job(job));
            match self.commit(unit).await {
                Ok(()) => {
                    self.wake(&payment, &decision);
                    return Ok(answer);
                }
                Err(CommitError::Conflict(_)) => {
                    self.same_key_runs(context.ticket.as_ref()).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Fault::Unavailable {
            detail: "too many concurrent changes".to_owned(),
        })
    }
}
