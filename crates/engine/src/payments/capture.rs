//! `POST /payments/{paymentId}/capture`: taking money that was only authorised before.

use naru_connector::{CapturePayment, Operation, OperationKind, Support};
use naru_domain::PaymentId;
use naru_domain::payment::{Payment, Task};

use super::pay::CallContext;
use crate::{Answer, Engine, Fault};

impl Engine {
    /// Has the PG take what it only authorised. The payment's status is `PAID` before and after:
    /// whether a merchant captures by hand is between it and the PG, which answers what it waits
    /// for, and what it has taken already.
    pub async fn capture_payment(
        &self,
        context: CallContext,
        payment_id: PaymentId,
    ) -> Result<Answer, Fault> {
        let capture = |payment: &Payment| {
            let (attempt, capture) = payment.captured().ok_or(Fault::PaymentNotPaid)?;
            self.can_capture(&attempt.channel.pg_provider)?;
            Ok(Operation::CapturePayment(CapturePayment {
                pg_tx_id: capture.pg_tx_id.clone(),
            }))
        };
        self.act(context, payment_id, Task::CapturePayment, capture)
            .await
    }

    /// A PG without such a call captures what it approved by itself.
    fn can_capture(&self, pg_provider: &str) -> Result<(), Fault> {
        let connector = self.connector(pg_provider);
        let support = connector.map_or(Support::None, |connector| {
            let capabilities = connector.capabilities();
            capabilities.support(OperationKind::CapturePayment)
        });
        match support {
            Support::Confirmed | Support::Unconfirmed => Ok(()),
            Support::None => Err(Fault::PgProvider {
                pg_code: Fault::UNSUPPORTED.to_owned(),
                pg_message: "the payment gateway has no call to capture a payment: it captures \
                             what it approved by itself"
                    .to_owned(),
            }),
        }
    }
}
