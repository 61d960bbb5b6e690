//! `POST /payments/{paymentId}/confirm`, and what ends an attempt that nobody confirms.

use std::sync::Arc;

use naru_domain::payment::{Attempt, AttemptState, Command, Confirmation, Failure, decide};
use naru_domain::{AttemptId, Currency, PaymentId, StoreId};

use crate::jobs::JobDone;
use crate::payments::{CALLERS_PATIENCE_MS, CallContext, Intent, Running};
use crate::{Answer, Engine, Fault};

/// A merchant's word that the money of a window may be taken. What is `None` is not compared.
#[derive(Debug, Clone)]
pub struct ConfirmPayment {
    /// The window's token.
    pub payment_token: String,
    /// What the merchant believes the attempt's id to be.
    pub tx_id: Option<String>,
    /// The currency.
    pub currency: Option<Currency>,
    /// The total.
    pub total: Option<i64>,
    /// The tax-free part.
    pub tax_free: Option<i64>,
    /// Whether it is a test.
    pub is_test: Option<bool>,
    /// Whether the caller wants no webhook of success.
    pub skip_webhook: bool,
}

impl Engine {
    /// Confirms the payment of a window.
    pub async fn confirm_payment(
        &self,
        context: CallContext,
        payment_id: PaymentId,
        request: ConfirmPayment,
    ) -> Result<Answer, Fault> {
        let started_at = self.clock().process();
        let named = self.attempt_of_token(&request.payment_token);
        loop {
            let found = self.load_payment(&context.store.id, &payment_id).await?;
            let found = found.filter(|found| found.value.0.has_begun());
            let payment = found.ok_or(Fault::PaymentNotFound)?.value.0;
            let attempt = named.and_then(|id| payment.attempt(id));
            let now = self.store().now().await?;
            let command = Command::Confirm(Box::new(Confirmation {
                attempt: attempt.map(|attempt| attempt.id),
                tx_id: request.tx_id.clone(),
                currency: request.currency.clone(),
                total: request.total,
                tax_free: request.tax_free,
                is_test: request.is_test,
                skip_webhook: request.skip_webhook,
                now,
                send_by: self.send_by(),
            }));
            let Some(attempt) = attempt else {
                let limits = self.config().limits;
                let refused = decide(Some(&payment), command, limits, self.now());
                self.same_key_runs(context.ticket.as_ref()).await?;
                return Err(refused.map_or_else(Fault::from, |_| Fault::InvalidPaymentToken));
            };
            let running = Running {
                store: Arc::clone(&context.store),
                payment_id: payment_id.clone(),
                attempt: attempt.id,
                channel: self.attempt_channel(&attempt.channel.key).await?,
                ticket: context.ticket.clone(),
                started_at,
                patience_ms: CALLERS_PATIENCE_MS,
                intent: Intent::default(),
            };
            if self.try_confirm(&running, attempt, command).await? {
                return self.approve_window(&running).await;
            }
        }
    }

    /// One try at the intent's commit; with it goes the job that would have ended the wait. What
    /// was to be had with a promotion that has nothing left ends here.
    pub(super) async fn try_confirm(
        &self,
        running: &Running,
        attempt: &Attempt,
        command: Command,
    ) -> Result<bool, Fault> {
        let subject = (&running.store.id, &running.payment_id);
        if let Some(failure) = self.spent_meanwhile(attempt).await? {
            let found = self.load_payment(subject.0, subject.1).await?;
            let payment = found.as_ref().map(|found| &found.value.0);
            let state = payment.and_then(|payment| Some(&payment.attempt(running.attempt)?.state));
            // One that waits no more may be what the budget was spent on.
            if matches!(state, Some(AttemptState::AwaitingConfirm { .. })) {
                decide(payment, command, self.config().limits, self.now())?;
                self.end_window(subject, running.attempt, &failure).await?;
                return Err(failure.into());
            }
        }
        let waiting = crate::records::JobKind::EndWindow {
            store_id: running.store.id.clone(),
            payment_id: running.payment_id.clone(),
            attempt: running.attempt,
        };
        let also = [crate::payments::drop_job(&waiting)];
        self.try_begin_with(running, command, &also).await
    }

    /// Ends an attempt that nobody confirmed in time.
    pub(crate) async fn run_end_window(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
        id: AttemptId,
    ) -> Result<JobDone, Fault> {
        let found = self.load_payment(store_id, payment_id).await?;
        let state = found
            .as_ref()
            .and_then(|found| Some(&found.value.0.attempt(id)?.state));
        let Some(AttemptState::AwaitingConfirm { until }) = state else {
            return Ok(JobDone::Finished);
        };
        let left_ms = until.as_millis() - self.store().now().await?.as_millis();
        if left_ms >= 0 {
            return Ok(JobDone::Later {
                pause_ms: left_ms + 1,
            });
        }
        let failure = Failure::own(
            Failure::WINDOW_EXPIRED,
            "nobody confirmed in time; no money was taken",
        );
        self.end_window((store_id, payment_id), id, &failure)
            .await?;
        Ok(JobDone::Finished)
    }

    /// Ends an attempt that will not be confirmed.
    pub(super) async fn end_window(
        &self,
        (store_id, payment_id): (&StoreId, &PaymentId),
        id: AttemptId,
        failure: &Failure,
    ) -> Result<bool, Fault> {
        let command = |_: &naru_domain::payment::Payment| Command::EndWindow {
            attempt: id,
            failure: failure.clone(),
        };
        self.commit_news(store_id, payment_id, command).await
    }
}
