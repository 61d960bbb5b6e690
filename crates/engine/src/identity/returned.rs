//! A browser that came back from a window in which a person is identified.
//!
//! Invariant: what it brought proves nothing; the PG is asked, and its word counts.

use naru_connector::{
    IdentityOperation, InboundRequest, Operation, Returned, ReturnedIdentityWindow, Secret,
};
use naru_domain::AttemptId;
use naru_domain::identity::{
    ConfirmOutcome, IdentityAttempt, IdentityEvent, IdentityRefusal, IdentityState,
    IdentityVerification, confirmed, leave, returned,
};
use naru_domain::payment::Failure;
use naru_store::{Commit, CommitError};

use super::heard::Heard;
use super::{ANSWER_MS, Ending, Place, TRIES, too_many_changes};
use crate::{Answer, Engine, Fault};

impl Engine {
    /// Takes what a browser brought. Brought again, it changes nothing.
    pub(crate) async fn identity_window_returned(
        &self,
        id: AttemptId,
        request: &InboundRequest,
    ) -> Result<(), Fault> {
        let found = self.identity_in_window(id).await?;
        let Some(attempt) = found.attempt(id) else {
            return Err(Fault::IdentityVerificationNotFound);
        };
        if !matches!(attempt.state, IdentityState::Sent { .. }) {
            return Ok(());
        }
        let channel = self.attempt_channel(&attempt.channel.key).await?;
        // What can't be read changes nothing: the right one may still come.
        let brought = self
            .connector_of(&channel)?
            .read_return(request, &self.call_at(&channel))
            .map_err(|rejected| Fault::invalid(rejected.reason))?;
        match brought {
            Returned::Refused(decline) => {
                let failure = Failure {
                    pg_code: decline.code,
                    pg_message: decline.message,
                };
                self.end_identity_window(id, failure).await
            }
            Returned::Authenticated {
                order_id: Some(order_id),
                ..
            } if order_id != id.order_id() => Err(Fault::invalid(
                "what the browser brought back is about another request",
            )),
            Returned::Authenticated { authentication, .. } => {
                self.finish_identity(&found, attempt, authentication).await
            }
        }
    }

    /// The person leaves the window. Once the PG has told who they are that changes nothing.
    pub(crate) async fn leave_identity_window(&self, id: AttemptId) -> Result<(), Fault> {
        let left = Failure::own(Failure::WINDOW_LEFT, "사용자가 본인인증을 취소하였습니다");
        self.end_identity_window(id, left).await
    }

    async fn end_identity_window(&self, id: AttemptId, failure: Failure) -> Result<(), Fault> {
        let found = self.identity_in_window(id).await?;
        self.step_identity_window((&found.store_id, &found.id), |before| {
            leave(before, id, (failure.clone(), self.now()))
        })
        .await
        .map(drop)
    }

    /// Asks the PG who it was. A window has one end: what is not a person is a failure, and the
    /// person may begin anew.
    async fn finish_identity(
        &self,
        verification: &IdentityVerification,
        attempt: &IdentityAttempt,
        authentication: Secret,
    ) -> Result<(), Fault> {
        let place = (&verification.store_id, &verification.id);
        let finish = ReturnedIdentityWindow {
            window: self.connector_window(place, attempt)?,
            pg_tx_id: attempt.pg_tx_id().unwrap_or_default().to_owned(),
            authentication,
        };
        let operation = Operation::Identity(IdentityOperation::Finish(finish));
        let mut exchange = self.begin_at_channel(attempt, &operation).await?;
        // Counted before the PG is asked.
        let counted = self
            .step_identity_window(place, |before| returned(before, attempt.id, self.now()))
            .await?;
        if !counted {
            return Ok(());
        }
        exchange.answer_by = Some(self.clock().process().plus_millis(ANSWER_MS));
        let heard = Heard::from(self.drive(exchange, None).await);
        let outcome = match heard {
            Heard::Verified(person) => {
                let whose = (&verification.merchant_id, attempt);
                self.seal_verified(place, whose, *person)?
            }
            Heard::StillOpen(failure) | Heard::Refused(failure) | Heard::NotSent(failure) => {
                ConfirmOutcome::Ended(failure)
            }
            Heard::Sent { .. } | Heard::Lost => ConfirmOutcome::Ended(Failure::own(
                Failure::OUTCOME_UNKNOWN,
                "the payment gateway's answer was lost; please verify again",
            )),
        };
        let limits = &self.config().identity;
        let decide = |found: &IdentityVerification| {
            confirmed(found, attempt.id, outcome.clone(), (self.now(), limits))
        };
        let ending = Ending {
            record: None,
            job: None,
        };
        let told = self
            .report_identity(place, decide, |_| Ok(Answer::Empty), ending)
            .await;
        match told {
            // Another window, or the same one brought twice, was first: the page says so.
            Err(Fault::IdentityVerificationAlreadyVerified) | Ok(_) => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    /// Commits a step of a window. Whether there was one: somebody else may have been first.
    async fn step_identity_window(
        &self,
        place: Place<'_>,
        decide: impl Fn(&IdentityVerification) -> Result<Vec<IdentityEvent>, IdentityRefusal>,
    ) -> Result<bool, Fault> {
        for _ in 0..TRIES {
            let found = self.load_identity(place).await?;
            let before = found.as_ref().map(|found| &found.value.0);
            let before = before.ok_or(Fault::IdentityVerificationNotFound)?;
            let Ok(events) = decide(before) else {
                return Ok(false);
            };
            let mut unit = Commit::new(self.new_uuid());
            self.add_identity_events(&mut unit, found, &events)?;
            match self.commit(unit).await {
                Ok(()) => return Ok(true),
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(too_many_changes())
    }
}
