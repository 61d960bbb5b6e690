//! `POST /payments/{paymentId}/pre-register`: pinning an amount before the payment begins.

use naru_domain::payment::{PreRegistration, Status};
use naru_domain::{Face, PaymentId, StoreId};
use naru_store::{Commit, CommitError};

use super::pay::CallContext;
use crate::records::PreRegistrationRecord;
use crate::{Answer, Engine, Fault};

impl Engine {
    /// Registers an amount. Registering again overwrites.
    pub async fn pre_register(
        &self,
        context: CallContext,
        payment_id: PaymentId,
        registered: PreRegistration,
    ) -> Result<Answer, Fault> {
        let store_id = context.store.id.clone();
        let found = self.load_payment(&store_id, &payment_id).await?;
        let is_taken = found.is_some_and(|found| match found.value.0.status() {
            Status::Ready | Status::Failed => false,
            Status::PayPending
            | Status::VirtualAccountIssued
            | Status::Paid
            | Status::PartialCancelled
            | Status::Cancelled => true,
        });
        if is_taken {
            return Err(Fault::AlreadyPaid);
        }
        let mut unit = Commit::new(self.new_uuid());
        unit.upsert(&PreRegistrationRecord {
            store_id,
            payment_id,
            registered,
        })?;
        self.done_record(&mut unit, context.ticket.as_ref(), &Answer::Empty)?;
        match self.commit(unit).await {
            Ok(()) => Ok(Answer::Empty),
            Err(CommitError::Conflict(_)) => Err(Fault::IdempotencyOutstandingRequest),
            Err(error) => Err(error.into()),
        }
    }

    /// What was registered, as far as it binds: on the V1 face it binds the payment window alone.
    pub(crate) async fn registered_for(
        &self,
        context: &CallContext,
        payment_id: &PaymentId,
    ) -> Result<Option<PreRegistration>, Fault> {
        match context.face {
            Face::V1 => Ok(None),
            Face::V2 => self.pre_registration(&context.store.id, payment_id).await,
        }
    }

    /// Registers an amount for the first time. `false`: one is registered already.
    pub async fn prepare_payment(&self, record: &PreRegistrationRecord) -> Result<bool, Fault> {
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(record)?;
        match self.commit(unit).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Registers another amount in place of one. `false`: none is registered.
    pub async fn edit_prepared_payment(
        &self,
        record: &PreRegistrationRecord,
    ) -> Result<bool, Fault> {
        let known = self
            .pre_registration(&record.store_id, &record.payment_id)
            .await?;
        if known.is_none() {
            return Ok(false);
        }
        // Nothing ever takes a registration away, and the last one counts.
        let mut unit = Commit::new(self.new_uuid());
        unit.upsert(record)?;
        self.commit(unit).await?;
        Ok(true)
    }

    /// What was registered for a payment.
    pub async fn pre_registration(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
    ) -> Result<Option<PreRegistration>, Fault> {
        let key = vec![store_id.as_str().into(), payment_id.as_str().into()];
        let found = self.store().load::<PreRegistrationRecord>(key).await?;
        Ok(found.map(|found| found.value.registered))
    }
}
