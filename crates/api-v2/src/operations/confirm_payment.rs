//! `POST /payments/{paymentId}/confirm`

use naru_wire_v2::ConfirmPaymentBody;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<ConfirmPaymentBody>) -> Result<Reply, Failed> {
    let payment_id = call.payment_to_find()?;
    call.change(|engine, context, body| async move {
        let confirmed = check::confirm_payment(body)?;
        engine.confirm_payment(context, payment_id, confirmed).await
    })
    .await
}
