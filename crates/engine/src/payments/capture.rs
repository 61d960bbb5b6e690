//! `POST /payments/{paymentId}/capture`: taking money that was only authorised before.

use naru_domain::PaymentId;
use naru_domain::payment::Status;

use super::pay::CallContext;
use crate::{Engine, Fault};

impl Engine {
    /// Why a payment can't be captured by hand: with every PG of this version an approval is
    /// purchased by the PG itself, so there is nothing to begin and nothing to write.
    pub async fn capture_payment(
        &self,
        context: &CallContext,
        payment_id: &PaymentId,
    ) -> Result<crate::Answer, Fault> {
        let found = self.load_payment(&context.store.id, payment_id).await?;
        let found = found.filter(|found| found.value.0.has_begun());
        let payment = found.ok_or(Fault::PaymentNotFound)?.value.0;
        match payment.status() {
            Status::Paid | Status::PartialCancelled => Err(Fault::PgProvider {
                pg_code: Fault::UNSUPPORTED.to_owned(),
                pg_message: "the payment gateway has no call to capture a payment: it captures \
                             what it approved by itself"
                    .to_owned(),
            }),
            Status::Ready
            | Status::PayPending
            | Status::VirtualAccountIssued
            | Status::Failed
            | Status::Cancelled => Err(Fault::PaymentNotPaid),
        }
    }
}
