//! `PATCH /payments/{paymentId}/escrow/logistics`

use naru_wire_v2::ModifyEscrowLogisticsBody;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<ModifyEscrowLogisticsBody>) -> Result<Reply, Failed> {
    let payment_id = call.payment_to_find()?;
    call.change(|engine, context, body| async move {
        let request = check::shipment_change(body, engine.clock().business())?;
        engine.tell_shipment(context, payment_id, request).await
    })
    .await
}
