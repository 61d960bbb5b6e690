//! `POST /billing-keys/confirm`

use naru_engine::windows::ConfirmKey;
use naru_wire_v2::ConfirmBillingKeyBody;

use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<ConfirmBillingKeyBody>) -> Result<Reply, Failed> {
    call.change(|engine, context, body| async move {
        let word = ConfirmKey {
            billing_issue_token: body.billing_issue_token,
            is_test: body.is_test,
            skip_webhook: body.skip_webhook.unwrap_or(false),
        };
        engine.confirm_billing_key(context, word).await
    })
    .await
}
