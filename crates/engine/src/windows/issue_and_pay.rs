//! `POST /billing-keys/confirm-issue-and-pay`.

use naru_domain::{Currency, PaymentId};

use crate::payments::CallContext;
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
}

impl Engine {
    /// Why nothing can be issued and paid at once. With the PGs of this version such a window is
    /// KG Inicis's by phone, which no connector opens; so each token is of a window that issues
    /// and takes no money, and nothing is begun here.
    pub async fn confirm_issue_and_pay(
        &self,
        context: &CallContext,
        request: ConfirmIssueAndPay,
    ) -> Result<Answer, Fault> {
        let key = self
            .key_of_token(context, &request.billing_issue_token)
            .await?;
        let now = self.store().now().await?;
        key.confirm(request.is_test, false, now)?;
        let believed = [
            ("paymentId", request.payment_id.is_some()),
            ("currency", request.currency.is_some()),
            ("totalAmount", request.total.is_some()),
            ("taxFreeAmount", request.tax_free.is_some()),
        ];
        if let Some((field, _)) = believed.into_iter().find(|(_, is_given)| *is_given) {
            return Err(Fault::InformationMismatch {
                field: field.to_owned(),
            });
        }
        Err(Fault::PgProvider {
            pg_code: Fault::UNSUPPORTED.to_owned(),
            pg_message: "the window issues a billing key and takes no money: confirm it with \
                         `POST /billing-keys/confirm`"
                .to_owned(),
        })
    }
}
