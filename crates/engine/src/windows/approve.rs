//! Having the PG approve what the customer authenticated. The intent is on disk.

use naru_connector::{AuthenticatedWindow, Call, Operation, Outcome};
use naru_domain::AttemptId;
use naru_domain::payment::Payment;

use crate::directory::OpenChannel;
use crate::payments::{Running, order_at};
use crate::records::AuthenticationRecord;
use crate::{Answer, Engine, Fault};

impl Engine {
    /// Sends the approval, made from what is on disk, and concludes like any attempt.
    pub(super) async fn approve_window(&self, running: &Running) -> Result<Answer, Fault> {
        let found = self
            .load_payment(&running.store.id, &running.payment_id)
            .await?;
        let payment = found.ok_or(Fault::PaymentNotFound)?.value.0;
        let send_by = payment
            .attempt(running.attempt)
            .map(|attempt| attempt.send_by);
        let window = self.authenticated(&payment, running.attempt).await;
        let begun = window.and_then(|window| {
            let window = window.ok_or_else(|| Fault::internal("nothing was authenticated"))?;
            self.begin(
                &running.channel,
                &Operation::ApproveWindow(Box::new(window)),
            )
        });
        let outcome = match begun {
            Ok(exchange) => self.drive(exchange, send_by).await,
            Err(fault) => Outcome::NotSent {
                reason: fault.to_string(),
            },
        };
        let issued = match outcome {
            Outcome::Approved(ref approval) => self.key_of_approval(&payment, running, approval),
            _ => None,
        };
        self.conclude_with(running, outcome, issued.as_ref()).await
    }

    /// What the customer authenticated, opened; nothing if it is not kept any more.
    pub(super) async fn authenticated(
        &self,
        payment: &Payment,
        id: AttemptId,
    ) -> Result<Option<AuthenticatedWindow>, Fault> {
        let Some(attempt) = payment.attempt(id) else {
            return Ok(None);
        };
        let key = vec![id.order_id().into()];
        let Some(found) = self.store().load::<AuthenticationRecord>(key).await? else {
            return Ok(None);
        };
        let authentication = self
            .keys()
            .open(&super::place(id), &found.value.sealed)
            .map_err(|error| Fault::internal(format!("authentication of {id}: {error}")))?;
        Ok(Some(AuthenticatedWindow {
            order: order_at(id, &payment.id, (&attempt.order, attempt.charged())),
            method: attempt.method,
            easy_pay_provider: attempt
                .window
                .as_ref()
                .and_then(|window| window.wishes.easy_pay_provider.clone()),
            key_issue: super::key_issue_of(attempt.window.as_ref()),
            authentication,
        }))
    }

    /// What every call of a connector gets.
    pub(crate) fn call_at<'a>(&'a self, channel: &'a OpenChannel) -> Call<'a> {
        Call {
            settings: &channel.settings,
            at: self.now(),
            server_ip: &self.config().server_ip,
        }
    }

    /// The connector of a channel.
    pub(crate) fn connector_of(
        &self,
        channel: &OpenChannel,
    ) -> Result<&'static dyn naru_connector::Connector, Fault> {
        let pg = &channel.record.pg_provider;
        self.connector(pg)
            .ok_or_else(|| Fault::internal(format!("no connector for `{pg}`")))
    }
}
