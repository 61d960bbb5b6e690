//! `POST /payments/{paymentId}/cancel`

use naru_wire_v2::CancelPaymentBody;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<CancelPaymentBody>) -> Result<Reply, Failed> {
    let payment_id = call.payment_to_find()?;
    call.change(|engine, context, body| async move {
        let request = check::cancel(body)?;
        engine.cancel_payment(context, payment_id, request).await
    })
    .await
}
