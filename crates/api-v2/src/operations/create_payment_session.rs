//! `POST /payment-sessions`

use naru_wire_v2::CreatePaymentSessionBody;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<CreatePaymentSessionBody>) -> Result<Reply, Failed> {
    call.change(|engine, context, body| async move {
        let session = check::payment_session(body)?;
        engine.create_payment_session(context, session).await
    })
    .await
}
