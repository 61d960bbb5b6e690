//! `POST /payments/{paymentId}/cancellations/{cancellationId}/stop`

use naru_wire_v2::StopPaymentCancellationBody;

use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<StopPaymentCancellationBody>) -> Result<Reply, Failed> {
    let payment_id = call.payment_to_find()?;
    let id = call.cancellation_to_find();
    call.change(|engine, context, _| async move {
        engine.stop_cancellation(context, payment_id, id).await
    })
    .await
}
