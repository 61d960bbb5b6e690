//! `POST /payments/{paymentId}/schedule`

use naru_wire_v2::CreatePaymentScheduleBody;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<CreatePaymentScheduleBody>) -> Result<Reply, Failed> {
    let payment_id = call.payment_to_make()?;
    call.change(|engine, context, body| async move {
        let request = check::schedule(payment_id, body)?;
        engine.schedule_payment(context, request).await
    })
    .await
}
