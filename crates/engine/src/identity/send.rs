//! `POST /identity-verifications/{identityVerificationId}/send`.

use naru_connector::{IdentityOperation, IdentityPerson, Operation, Secret, SendIdentity};
use naru_domain::identity::{
    BeginIdentity, IdentityAttempt, IdentityMethod, IdentityState, IdentityVerification,
    PersonKeys, SendOutcome, begin, sent,
};
use naru_domain::payment::Failure;
use naru_domain::{AttemptId, ChannelKey, IdentityVerificationId, MerchantId};
use naru_store::{Commit, CommitError};

use super::heard::Heard;
use super::{ANSWER_MS, Ending, Place, RequestedPerson, TRIES, too_many_changes};
use crate::directory::OpenChannel;
use crate::jobs::JobDone;
use crate::payments::CallContext;
use crate::records::{IdentityJob, JobKind};
use crate::{Answer, Engine, Fault, IdempotencyTicket};

/// A request to identify a person.
#[derive(Debug, Clone)]
pub struct SendIdentityRequest {
    /// The merchant's id for it.
    pub id: IdentityVerificationId,
    /// Through which channel.
    pub channel: ChannelKey,
    /// Who.
    pub person: RequestedPerson,
    /// Seven digits, for a message. Lives only in memory (P8).
    pub identity_number: Option<Secret>,
    /// The contract's code of the carrier.
    pub carrier: String,
    /// By message or by app.
    pub method: IdentityMethod,
    /// The customer's address, where the merchant names it.
    pub ip_address: Option<String>,
    /// The merchant's own text.
    pub custom_data: Option<String>,
    /// The merchant's own id for it on the V1 face.
    pub merchant_uid: Option<String>,
    /// The PG's own parameters.
    pub bypass: serde_json::Value,
}

impl Engine {
    /// An id for a verification on the V1 face, which shares its numbers with payments.
    pub fn new_certification_uid(&self) -> IdentityVerificationId {
        IdentityVerificationId::new(self.window_imp_uid().as_str())
    }

    /// Asks the person.
    pub async fn send_identity(
        &self,
        context: CallContext,
        request: SendIdentityRequest,
    ) -> Result<Answer, Fault> {
        let channel = self.live_channel(&context.store, &request.channel).await?;
        let attempt = AttemptId::new(self.new_uuid());
        let operation = Operation::Identity(IdentityOperation::Send(SendIdentity {
            order_id: attempt.order_id(),
            person: IdentityPerson {
                id: request.person.id.clone(),
                name: request.person.name.clone().unwrap_or_default(),
                phone_number: request.person.phone_number.clone().unwrap_or_default(),
                identity_number: request.identity_number.clone(),
            },
            carrier: request.carrier.clone(),
            method: request.method,
            ip_address: request
                .ip_address
                .clone()
                .unwrap_or_else(|| context.origin.ip_address.clone()),
            bypass: request.bypass.clone(),
        }));
        let mut exchange = self.begin(&channel, &operation)?;
        let id = request.id.clone();
        let job = JobKind::Identity(IdentityJob::EndSend {
            store_id: context.store.id.clone(),
            verification: id.clone(),
            attempt,
            idempotency: context
                .ticket
                .as_ref()
                .map(|ticket| ticket.record_key().to_owned()),
        });
        let attempt = self.message_attempt(&context, request, (attempt, &channel))?;
        self.commit_send_intent(&context, &id, (&attempt, &job))
            .await?;
        exchange.answer_by = Some(self.clock().process().plus_millis(ANSWER_MS));
        let outcome = self.drive(exchange, None).await;
        let ending = Ending {
            record: context.ticket.as_ref().map(IdempotencyTicket::record_key),
            job: Some(&job),
        };
        self.report_send(
            (&context.store.id, &id),
            attempt.id,
            send_outcome(outcome.into()),
            ending,
        )
        .await
    }

    fn message_attempt(
        &self,
        context: &CallContext,
        request: SendIdentityRequest,
        (id, channel): (AttemptId, &OpenChannel),
    ) -> Result<IdentityAttempt, Fault> {
        let address = request.ip_address.as_deref();
        let address_key = address.map(|one| self.address_key(&context.store.id, one));
        let now = self.now();
        Ok(IdentityAttempt {
            id,
            channel: channel.record.snapshot(),
            origin: context.origin.clone(),
            method: request.method,
            carrier: request.carrier,
            window: None,
            custom_data: request.custom_data,
            merchant_uid: request.merchant_uid,
            person: self.seal_person((&context.store.id, &request.id), &request.person)?,
            keys: self.requested_keys(&context.store.merchant_id, &request.person),
            address_key,
            requested_at: now,
            status_changed_at: now,
            state: IdentityState::Sending,
        })
    }

    /// By what lists find the person that a merchant names.
    pub(super) fn requested_keys(
        &self,
        merchant_id: &MerchantId,
        person: &RequestedPerson,
    ) -> PersonKeys {
        self.person_keys(merchant_id, person.findable())
    }

    pub(super) async fn commit_send_intent(
        &self,
        context: &CallContext,
        id: &IdentityVerificationId,
        (attempt, job): (&IdentityAttempt, &JobKind),
    ) -> Result<(), Fault> {
        let place = (&context.store.id, id);
        for _ in 0..TRIES {
            let found = self.load_identity(place).await?;
            let command = BeginIdentity {
                merchant_id: context.store.merchant_id.clone(),
                store_id: context.store.id.clone(),
                id: id.clone(),
                attempt: attempt.clone(),
            };
            let before = found.as_ref().map(|found| &found.value.0);
            let events = begin(before, command, &self.config().identity)?;
            let mut unit = Commit::new(self.new_uuid());
            self.count_message(&mut unit, &context.store.id, attempt.address_key.as_deref())
                .await?;
            self.add_identity_events(&mut unit, found, &events)?;
            self.leave_identity_job(&mut unit, job.clone(), attempt)?;
            self.open_record(&mut unit, context.ticket.as_ref())?;
            match self.commit(unit).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict("idempotency")) => {
                    return Err(Fault::IdempotencyOutstandingRequest);
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(too_many_changes())
    }

    pub(super) async fn report_send(
        &self,
        place: Place<'_>,
        attempt: AttemptId,
        outcome: SendOutcome,
        ending: Ending<'_>,
    ) -> Result<Answer, Fault> {
        let limits = &self.config().identity;
        let decide = |found: &IdentityVerification| {
            sent(found, attempt, outcome.clone(), (self.now(), limits))
        };
        let answer = |found: &IdentityVerification| send_answer(found, attempt);
        self.report_identity(place, decide, answer, ending).await
    }

    /// Ends a sending whose request died. Its message may have come through, and can't be
    /// confirmed without the PG's id.
    pub(super) async fn end_identity_send(
        &self,
        place: Place<'_>,
        attempt: AttemptId,
        record: Option<&str>,
    ) -> Result<JobDone, Fault> {
        let lost = Failure::own(
            Failure::OUTCOME_UNKNOWN,
            "the server stopped during the request; send a new one",
        );
        let ending = Ending { record, job: None };
        let reported = self
            .report_send(place, attempt, SendOutcome::Failed(lost), ending)
            .await;
        match reported {
            Err(fault @ (Fault::Unavailable { .. } | Fault::Internal { .. })) => Err(fault),
            Ok(_) | Err(_) => Ok(JobDone::Finished),
        }
    }
}

fn send_answer(found: &IdentityVerification, attempt: AttemptId) -> Result<Answer, Fault> {
    match found.attempt(attempt).map(|one| &one.state) {
        Some(IdentityState::Sent { .. } | IdentityState::Verified { .. }) => Ok(Answer::Empty),
        Some(IdentityState::Failed { failure, .. }) => Err(failure.clone().into()),
        Some(IdentityState::Sending) | None => Err(Fault::identity_lost()),
    }
}

pub(super) fn send_outcome(heard: Heard) -> SendOutcome {
    SendOutcome::Failed(match heard {
        Heard::Sent { pg_tx_id } => return SendOutcome::Sent { pg_tx_id },
        Heard::Refused(failure) | Heard::StillOpen(failure) | Heard::NotSent(failure) => failure,
        Heard::Verified(_) | Heard::Lost => Failure::own(
            Failure::OUTCOME_UNKNOWN,
            "the payment gateway's answer was lost, and with it what confirms the message; send \
             a new one",
        ),
    })
}
