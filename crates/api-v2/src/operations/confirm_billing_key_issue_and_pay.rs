//! `POST /billing-keys/confirm-issue-and-pay`

use naru_domain::{Currency, PaymentId};
use naru_engine::windows::ConfirmIssueAndPay;
use naru_wire_v2::ConfirmBillingKeyIssueAndPayBody;

use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<ConfirmBillingKeyIssueAndPayBody>) -> Result<Reply, Failed> {
    call.change(|engine, context, body| async move {
        let word = ConfirmIssueAndPay {
            billing_issue_token: body.billing_issue_token,
            payment_id: body.payment_id.map(PaymentId::new),
            currency: body.currency.map(|it| Currency::new(it.as_str())),
            total: body.total_amount,
            tax_free: body.tax_free_amount,
            is_test: body.is_test,
            skip_webhook: body.skip_webhook.unwrap_or(false),
        };
        engine.confirm_issue_and_pay(context, word).await
    })
    .await
}
