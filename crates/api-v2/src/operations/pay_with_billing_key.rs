//! `POST /payments/{paymentId}/billing-key`

use naru_wire_v2::BillingKeyPaymentInput;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<BillingKeyPaymentInput>) -> Result<Reply, Failed> {
    let payment_id = call.payment_to_make()?;
    call.change(|engine, context, body| async move {
        let request = check::pay_with_billing_key(payment_id, body)?;
        engine.pay_with_billing_key(context, request).await
    })
    .await
}
