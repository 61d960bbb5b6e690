//! `POST /identity-verifications/{identityVerificationId}/confirm`.

use naru_connector::{ConfirmIdentity, IdentityOperation, Operation, Secret};
use naru_domain::IdentityVerificationId;
use naru_domain::identity::{
    ConfirmOutcome, IdentityAttempt, IdentityVerification, confirm, confirmed,
};
use naru_store::{Commit, CommitError};

use super::heard::Heard;
use super::{ANSWER_MS, Ending, TRIES, too_many_changes};
use crate::exchange::Begun;
use crate::payments::CallContext;
use crate::records::JobKind;
use crate::{Answer, Engine, Fault, IdempotencyTicket};

impl Engine {
    /// Asks the PG who it was. The password is handed on and kept nowhere.
    pub async fn confirm_identity(
        &self,
        context: CallContext,
        id: IdentityVerificationId,
        otp: Option<Secret>,
    ) -> Result<Answer, Fault> {
        let record = context.ticket.as_ref().map(IdempotencyTicket::record_key);
        let job = self.identity_call_job(record);
        let (before, attempt, mut exchange) = self
            .commit_confirm_intent(&context, &id, (otp, job.as_ref()))
            .await?;
        exchange.answer_by = Some(self.clock().process().plus_millis(ANSWER_MS));
        let heard = Heard::from(self.drive(exchange, None).await);
        let place = (&context.store.id, &id);
        let (outcome, fault) = match heard {
            Heard::Verified(person) => {
                let whose = (&before.merchant_id, &attempt);
                (self.seal_verified(place, whose, *person)?, None)
            }
            Heard::StillOpen(failure) => {
                let fault = Some(failure.clone().into());
                (ConfirmOutcome::StillOpen(failure), fault)
            }
            Heard::Refused(failure) => {
                let fault = Some(failure.clone().into());
                (ConfirmOutcome::Ended(failure), fault)
            }
            Heard::NotSent(failure) => (ConfirmOutcome::Lost, Some(failure.into())),
            Heard::Sent { .. } | Heard::Lost => {
                (ConfirmOutcome::Lost, Some(Fault::identity_lost()))
            }
        };
        let limits = &self.config().identity;
        let decide = |found: &IdentityVerification| {
            confirmed(found, attempt.id, outcome.clone(), (self.now(), limits))
        };
        let answer = |found: &IdentityVerification| match &fault {
            Some(fault) => Err(fault.clone()),
            None => Ok(Answer::IdentityVerified {
                verification: Box::new(found.clone()),
            }),
        };
        let ending = Ending {
            record,
            job: job.as_ref(),
        };
        self.report_identity(place, decide, answer, ending).await
    }

    /// Counts the try, before the PG is asked.
    async fn commit_confirm_intent(
        &self,
        context: &CallContext,
        id: &IdentityVerificationId,
        (otp, job): (Option<Secret>, Option<&JobKind>),
    ) -> Result<(IdentityVerification, IdentityAttempt, Begun), Fault> {
        for _ in 0..TRIES {
            let found = self.load_identity((&context.store.id, id)).await?;
            let before = found.as_ref().map(|found| found.value.0.clone());
            let now = (self.now(), &self.config().identity);
            let events = confirm(before.as_ref(), otp.is_some(), now)?;
            let attempt = before.as_ref().and_then(|found| found.attempts.last());
            let (Some(before), Some(attempt)) = (&before, attempt) else {
                return Err(Fault::IdentityVerificationNotFound);
            };
            let operation = Operation::Identity(IdentityOperation::Confirm(ConfirmIdentity {
                order_id: attempt.id.order_id(),
                pg_tx_id: attempt.pg_tx_id().unwrap_or_default().to_owned(),
                method: attempt.method,
                otp: otp.clone(),
            }));
            let exchange = self.begin_at_channel(attempt, &operation).await?;
            let mut unit = Commit::new(self.new_uuid());
            self.add_identity_events(&mut unit, found, &events)?;
            if let Some(job) = job {
                self.leave_identity_job(&mut unit, job.clone(), attempt)?;
            }
            self.open_record(&mut unit, context.ticket.as_ref())?;
            match self.commit(unit).await {
                Ok(()) => return Ok((before.clone(), attempt.clone(), exchange)),
                Err(CommitError::Conflict("idempotency")) => {
                    return Err(Fault::IdempotencyOutstandingRequest);
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(too_many_changes())
    }

    /// Prepares a step at the channel that an attempt went through, also if it takes no new ones.
    pub(super) async fn begin_at_channel(
        &self,
        attempt: &IdentityAttempt,
        operation: &Operation,
    ) -> Result<Begun, Fault> {
        let channel = self
            .any_channel(&attempt.channel.key)
            .await?
            .ok_or_else(|| Fault::internal("the channel of an identity verification is gone"))?;
        self.begin(&channel, operation)
    }
}
