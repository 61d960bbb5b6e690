//! `POST /payments/{paymentId}/pre-register`

use naru_wire_v2::PreRegisterPaymentBody;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<PreRegisterPaymentBody>) -> Result<Reply, Failed> {
    let payment_id = call.payment_to_make()?;
    call.change(|engine, context, body| async move {
        let registered = check::pre_registration(&body)?;
        engine.pre_register(context, payment_id, registered).await
    })
    .await
}
