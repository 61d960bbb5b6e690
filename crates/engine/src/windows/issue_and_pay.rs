//! Windows that issue a billing key with the money that they take: the key comes to be in the
//! commit that records the money, or the money goes back.
//!
//! The PG names its key once, in its answer to the approval. Where that answer is lost an inquiry
//! finds the money and no key: then the rules give the money back (`payment::decide::resolve`).

use naru_connector::Approval;
use naru_domain::billing_key::{
    BillingKey, BillingKeyEvent, BillingKeyState, ChannelIssue, IssueOutcome,
};
use naru_domain::payment::{AttemptState, Payment};
use naru_domain::{BillingKeyId, Currency, Method, PaymentId};
use naru_store::Commit;

use crate::payments::{CallContext, IssuedWith, Running};
use crate::records::{AttemptRecord, Subject};
use crate::webhooks::BillingKeyNews;
use crate::windows::ConfirmPayment;
use crate::{Answer, Engine, Fault};

/// A merchant's word that what was authenticated may be issued, and its money be taken. What is
/// `None` is not compared.
#[derive(Debug, Clone)]
pub struct ConfirmIssueAndPay {
    /// The window's token.
    pub billing_issue_token: String,
    /// The payment.
    pub payment_id: Option<PaymentId>,
    /// Its currency.
    pub currency: Option<Currency>,
    /// Its amount.
    pub total: Option<i64>,
    /// Of this, without tax.
    pub tax_free: Option<i64>,
    /// Whether it is a test.
    pub is_test: Option<bool>,
    /// Whether the caller wants no webhook of success.
    pub skip_webhook: bool,
}

impl Engine {
    /// `POST /billing-keys/confirm-issue-and-pay`.
    pub async fn confirm_issue_and_pay(
        &self,
        context: CallContext,
        request: ConfirmIssueAndPay,
    ) -> Result<Answer, Fault> {
        let attempt = self.issue_of_token(&request.billing_issue_token);
        let attempt = attempt.ok_or(Fault::BillingKeyNotFound)?;
        let key = vec![attempt.order_id().into()];
        let found = self.store().load::<AttemptRecord>(key).await?;
        let record = found.map(|found| found.value);
        let record = record.filter(|record| record.store_id == context.store.id);
        let record = record.ok_or(Fault::BillingKeyNotFound)?;
        if record.subject == Subject::BillingKey {
            return self.issues_only(&context, request).await;
        }
        let payment_id = PaymentId::new(record.subject_id);
        if request.payment_id.is_some_and(|named| named != payment_id) {
            return Err(mismatch("paymentId"));
        }
        let confirm = ConfirmPayment {
            payment_token: self.payment_token(attempt),
            tx_id: None,
            currency: request.currency,
            total: request.total,
            tax_free: request.tax_free,
            is_test: request.is_test,
            skip_webhook: request.skip_webhook,
        };
        let confirmed = self.confirm_payment(context, payment_id, confirm).await;
        confirmed.map_err(|fault| match fault {
            Fault::AlreadyPaid => Fault::BillingKeyAlreadyIssued,
            Fault::PaymentNotFound | Fault::InvalidPaymentToken => Fault::BillingKeyNotFound,
            fault => fault,
        })
    }

    /// A token of a window that takes no money.
    async fn issues_only(
        &self,
        context: &CallContext,
        request: ConfirmIssueAndPay,
    ) -> Result<Answer, Fault> {
        let token = &request.billing_issue_token;
        let key = self.key_of_token(context, token).await?;
        let now = self.store().now().await?;
        key.confirm(request.is_test, false, now)?;
        let believed = [
            ("paymentId", request.payment_id.is_some()),
            ("currency", request.currency.is_some()),
            ("totalAmount", request.total.is_some()),
            ("taxFreeAmount", request.tax_free.is_some()),
        ];
        if let Some((field, _)) = believed.into_iter().find(|(_, is_given)| *is_given) {
            return Err(mismatch(field));
        }
        Err(Fault::PgProvider {
            pg_code: Fault::UNSUPPORTED.to_owned(),
            pg_message: "the window issues a billing key and takes no money: confirm it with \
                         `POST /billing-keys/confirm`"
                .to_owned(),
        })
    }

    /// The billing key of an approval, if the window was to issue one and the PG names it.
    pub(super) fn key_of_approval(
        &self,
        payment: &Payment,
        running: &Running,
        approval: &Approval,
    ) -> Option<IssuedWith> {
        let attempt = payment.attempt(running.attempt)?;
        let secret = approval.pg_billing_key.as_ref()?;
        if !attempt.window.as_ref()?.issues_key {
            return None;
        }
        let id = BillingKeyId::new(format!("billing-key-{}", self.new_uuid()));
        let place = crate::billing_keys::place(&id);
        let outcome = IssueOutcome::Issued {
            pg_billing_key: self.keys().seal(self.entropy(), &place, secret.expose()),
            pg_tx_id: Some(approval.pg_tx_id.clone()),
            card: None,
            phone_number: match &approval.method {
                Method::Mobile(paid) => paid.phone_number.clone(),
                _ => None,
            },
            at: approval.at,
        };
        let key = BillingKey {
            merchant_id: payment.merchant_id.clone(),
            store_id: payment.store_id.clone(),
            id,
            customer: attempt.order.customer.clone(),
            custom_data: attempt.order.custom_data.clone(),
            notice_urls: attempt.order.notice_urls.clone(),
            origin: attempt.origin.clone(),
            window: None,
            skip_webhook: attempt.skip_webhook,
            face: attempt.face(),
            saves_as: None,
            first_issued_at: None,
            requested_at: attempt.requested_at,
            channel_group: None,
            channels: vec![ChannelIssue {
                channel: attempt.channel.clone(),
                attempt: attempt.id,
                outcome: IssueOutcome::Pending,
                deletion: None,
            }],
            deletion: None,
            state: BillingKeyState::Issuing,
            event_count: 0,
        };
        Some(IssuedWith { key, outcome })
    }

    /// Adds the key to the commit that records the money, if the money stands there.
    pub(crate) async fn add_issued_key(
        &self,
        unit: &mut Commit,
        payment: &Payment,
        IssuedWith { key, outcome }: &IssuedWith,
    ) -> Result<(), Fault> {
        let has_it = |state: &AttemptState| {
            matches!(state, AttemptState::Captured { capture }
                if capture.billing_key.as_ref() == Some(&key.id))
        };
        let Some(issue) = key.channels.first() else {
            return Ok(());
        };
        let attempt = payment.attempt(issue.attempt);
        if !attempt.is_some_and(|attempt| has_it(&attempt.state)) {
            return Ok(());
        }
        let mut events = vec![BillingKeyEvent::Requested {
            key: Box::new(key.clone()),
        }];
        events.extend(key.answered(issue.attempt, outcome.clone(), self.now())?);
        let issued = self.add_key_events(unit, None, &events)?;
        if issued.skip_webhook {
            return Ok(());
        }
        self.announce_key(unit, &issued, BillingKeyNews::Issued)
            .await
    }
}

fn mismatch(field: &str) -> Fault {
    Fault::InformationMismatch {
        field: field.to_owned(),
    }
}
