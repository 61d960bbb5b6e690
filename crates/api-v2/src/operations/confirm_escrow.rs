//! `POST /payments/{paymentId}/escrow/complete`

use naru_wire_v2::ConfirmEscrowBody;

use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<ConfirmEscrowBody>) -> Result<Reply, Failed> {
    let payment_id = call.payment_to_find()?;
    call.change(
        |engine, context, _| async move { engine.confirm_escrow(&context, &payment_id).await },
    )
    .await
}
