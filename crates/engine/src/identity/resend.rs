//! `POST /identity-verifications/{identityVerificationId}/resend`.

use naru_connector::{IdentityOperation, Operation, ResendIdentity};
use naru_domain::identity::{IdentityVerification, ResendOutcome, resend, resent};
use naru_domain::{AttemptId, IdentityVerificationId};
use naru_store::{Commit, CommitError};

use super::heard::Heard;
use super::{ANSWER_MS, Ending, TRIES, too_many_changes};
use crate::exchange::Begun;
use crate::payments::CallContext;
use crate::records::JobKind;
use crate::{Answer, Engine, Fault, IdempotencyTicket};

impl Engine {
    /// Sends the message again.
    pub async fn resend_identity(
        &self,
        context: CallContext,
        id: IdentityVerificationId,
    ) -> Result<Answer, Fault> {
        let record = context.ticket.as_ref().map(IdempotencyTicket::record_key);
        let job = self.identity_call_job(record);
        let (attempt, mut exchange) = self
            .commit_resend_intent(&context, &id, job.as_ref())
            .await?;
        exchange.answer_by = Some(self.clock().process().plus_millis(ANSWER_MS));
        let (outcome, fault) = resend_outcome(self.drive(exchange, None).await.into());
        let limits = &self.config().identity;
        let decide = |found: &IdentityVerification| {
            resent(found, attempt, outcome.clone(), (self.now(), limits))
        };
        let answer = |_: &IdentityVerification| match &fault {
            Some(fault) => Err(fault.clone()),
            None => Ok(Answer::Empty),
        };
        let ending = Ending {
            record,
            job: job.as_ref(),
        };
        self.report_identity((&context.store.id, &id), decide, answer, ending)
            .await
    }

    /// Counts the message, before the PG is asked for it.
    async fn commit_resend_intent(
        &self,
        context: &CallContext,
        id: &IdentityVerificationId,
        job: Option<&JobKind>,
    ) -> Result<(AttemptId, Begun), Fault> {
        let store_id = &context.store.id;
        for _ in 0..TRIES {
            let found = self.load_identity((store_id, id)).await?;
            let before = found.as_ref().map(|found| found.value.0.clone());
            let now = (self.now(), &self.config().identity);
            let events = resend(before.as_ref(), now)?;
            let attempt = before.as_ref().and_then(|found| found.attempts.last());
            let attempt = attempt.ok_or(Fault::IdentityVerificationNotFound)?;
            let operation = Operation::Identity(IdentityOperation::Resend(ResendIdentity {
                order_id: attempt.id.order_id(),
                pg_tx_id: attempt.pg_tx_id().unwrap_or_default().to_owned(),
            }));
            let exchange = self.begin_at_channel(attempt, &operation).await?;
            let mut unit = Commit::new(self.new_uuid());
            self.count_message(&mut unit, store_id, attempt.address_key.as_deref())
                .await?;
            self.add_identity_events(&mut unit, found, &events)?;
            if let Some(job) = job {
                self.leave_identity_job(&mut unit, job.clone(), attempt)?;
            }
            self.open_record(&mut unit, context.ticket.as_ref())?;
            match self.commit(unit).await {
                Ok(()) => return Ok((attempt.id, exchange)),
                Err(CommitError::Conflict("idempotency")) => {
                    return Err(Fault::IdempotencyOutstandingRequest);
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(too_many_changes())
    }
}

fn resend_outcome(heard: Heard) -> (ResendOutcome, Option<Fault>) {
    match heard {
        Heard::Sent { pg_tx_id } => (ResendOutcome::Sent { pg_tx_id }, None),
        Heard::StillOpen(failure) | Heard::NotSent(failure) => {
            (ResendOutcome::NotSent, Some(failure.into()))
        }
        Heard::Refused(failure) => {
            let fault = Some(failure.clone().into());
            (ResendOutcome::Ended(failure), fault)
        }
        Heard::Verified(_) | Heard::Lost => (ResendOutcome::NotSent, Some(Fault::identity_lost())),
    }
}
