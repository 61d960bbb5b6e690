//! `POST /payments/{paymentId}/escrow/logistics`

use naru_wire_v2::RegisterEscrowLogisticsBody;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<RegisterEscrowLogisticsBody>) -> Result<Reply, Failed> {
    let payment_id = call.payment_to_find()?;
    call.change(|engine, context, body| async move {
        let request = check::shipment(body, engine.clock().business())?;
        engine.tell_shipment(context, payment_id, request).await
    })
    .await
}
