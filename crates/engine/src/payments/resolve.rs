//! The resolver: jobs of requests that died, or that gave up (design 2a.1, 2a.2, 2a.9).

use naru_domain::payment::{
    Attempt, AttemptOutcome, AttemptState, Failure, RefundOutcome, Reporter,
};
use naru_domain::{AttemptId, CancellationId, PaymentId, StoreId, Timestamp};

use super::cancel::CancelSubject;
use super::close::{CloseSubject, Closed};
use super::inquire::SECOND_LOOK_MS;
use super::report::Subject;
use crate::jobs::JobDone;
use crate::{Answer, Engine, Fault};

impl Engine {
    pub(crate) async fn run_resolve_attempt(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
        id: AttemptId,
        idempotency: Option<&str>,
    ) -> Result<JobDone, Fault> {
        let Some(found) = self.load_payment(store_id, payment_id).await? else {
            return Ok(JobDone::Finished);
        };
        let payment = found.value.0;
        let Some(attempt) = payment.attempt(id) else {
            return Ok(JobDone::Finished);
        };
        let subject = Subject {
            store_id,
            payment_id,
            attempt: id,
            idempotency,
            answer_by: None,
            issued: None,
            intent: None,
        };
        if !is_open(attempt) {
            // Somebody else found out, a notice for instance; the request's key still waits.
            let nothing = AttemptOutcome::Unclear;
            return finished(self.report(&subject, nothing, Reporter::Resolver).await);
        }
        let channel = self.attempt_channel(&attempt.channel.key).await?;
        let Some(outcome) = self.inquire_attempt(&channel, &subject).await? else {
            return Ok(JobDone::Again);
        };
        tracing::info!(payment.id = %payment_id, attempt.id = %id, "resolved an unclear attempt");
        finished(self.report(&subject, outcome, Reporter::Resolver).await)
    }

    pub(crate) async fn run_resolve_cancellation(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
        id: CancellationId,
        idempotency: Option<&str>,
    ) -> Result<JobDone, Fault> {
        let Some(found) = self.load_payment(store_id, payment_id).await? else {
            return Ok(JobDone::Finished);
        };
        let payment = found.value.0;
        let (Some((attempt, _)), Some(cancellation)) =
            (payment.captured(), payment.cancellation(id))
        else {
            return Ok(JobDone::Finished);
        };
        let subject = CancelSubject {
            store_id,
            payment_id,
            id,
            idempotency,
            intent: None,
        };
        if !cancellation.state.is_open() {
            let nothing = RefundOutcome::Unclear;
            let by = Reporter::Resolver;
            return finished(self.report_cancel(&subject, nothing, by).await);
        }
        let channel = self.attempt_channel(&attempt.channel.key).await?;
        let Some(outcome) = self.inquire_cancellation(&channel, &subject).await? else {
            return Ok(JobDone::Again);
        };
        tracing::info!(
            payment.id = %payment_id, cancellation.id = %id, "resolved an unclear cancellation"
        );
        let by = Reporter::Resolver;
        finished(self.report_cancel(&subject, outcome, by).await)
    }

    pub(crate) async fn run_resolve_close(
        &self,
        (store_id, payment_id): (&StoreId, &PaymentId),
        id: AttemptId,
        send_by: Timestamp,
        idempotency: Option<&str>,
    ) -> Result<JobDone, Fault> {
        let Some(found) = self.load_payment(store_id, payment_id).await? else {
            return Ok(JobDone::Finished);
        };
        let payment = found.value.0;
        let Some(attempt) = payment.attempt(id) else {
            return Ok(JobDone::Finished);
        };
        let subject = CloseSubject {
            store_id,
            payment_id,
            attempt: id,
            send_by,
            idempotency,
        };
        let AttemptState::WaitingForDeposit { issued, .. } = &attempt.state else {
            return finished(self.report_ended_close(&subject).await);
        };
        let pg_tx_id = &issued.pg_tx_id;
        let channel = self.attempt_channel(&attempt.channel.key).await?;
        let mut found = self.inquire_close(&channel, pg_tx_id).await?;
        if matches!(found, Some(None)) && self.is_final(&channel, send_by).await? {
            self.clock().sleep_ms(SECOND_LOOK_MS).await;
            found = self.inquire_close(&channel, pg_tx_id).await?;
        } else if matches!(found, Some(None)) {
            return Ok(JobDone::Again);
        }
        let closed = match found {
            Some(Some(closed)) => closed,
            Some(None) => Closed::Refused(Failure::own(
                Failure::NOT_SENT,
                "the payment gateway never saw the request; the account is still open",
            )),
            None => return Ok(JobDone::Again),
        };
        finished(self.report_close(&subject, closed).await)
    }
}

/// A fault here is what the request ended as, and is stored with it.
fn finished(reported: Result<Answer, Fault>) -> Result<JobDone, Fault> {
    match reported {
        Err(fault @ (Fault::Unavailable { .. } | Fault::Internal { .. })) => Err(fault),
        Ok(_) | Err(_) => Ok(JobDone::Finished),
    }
}

fn is_open(attempt: &Attempt) -> bool {
    match attempt.state {
        AttemptState::Sending | AttemptState::Unknown { .. } => true,
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::WaitingForDeposit { .. }
        | AttemptState::Captured { .. }
        | AttemptState::Failed { .. }
        | AttemptState::Reversing { .. }
        | AttemptState::Reversed { .. } => false,
    }
}
