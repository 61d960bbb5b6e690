//! `POST /payments/{paymentId}/resend-webhook`

use naru_engine::Fault;
use naru_wire_v2::ResendWebhookBody;

use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<ResendWebhookBody>) -> Result<Reply, Failed> {
    let payment_id = call.payment_to_find()?;
    call.change(|engine, context, body| async move {
        // No webhook has such an id, and no database takes a NUL.
        if body.webhook_id.as_ref().is_some_and(|id| id.contains('\0')) {
            return Err(Fault::WebhookNotFound);
        }
        engine
            .resend_webhook(context, payment_id, body.webhook_id)
            .await
    })
    .await
}
