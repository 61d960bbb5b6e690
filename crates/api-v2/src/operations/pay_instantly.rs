//! `POST /payments/{paymentId}/instant`

use naru_wire_v2::InstantPaymentInput;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<InstantPaymentInput>) -> Result<Reply, Failed> {
    let payment_id = call.payment_to_make()?;
    call.change(|engine, context, body| async move {
        let now = engine.clock().business();
        let request = check::pay_instantly(payment_id, body, now)?;
        engine.pay_instantly(context, request).await
    })
    .await
}
