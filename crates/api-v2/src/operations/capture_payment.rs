//! `POST /payments/{paymentId}/capture`

use naru_wire_v2::CapturePaymentBody;

use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<CapturePaymentBody>) -> Result<Reply, Failed> {
    let payment_id = call.payment_to_find()?;
    call.change(
        |engine, context, _| async move { engine.capture_payment(context, payment_id).await },
    )
    .await
}
