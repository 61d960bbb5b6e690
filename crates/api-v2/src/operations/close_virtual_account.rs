//! `POST /payments/{paymentId}/virtual-account/close`

use naru_wire_v2::CloseVirtualAccountQuery;

use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<CloseVirtualAccountQuery>) -> Result<Reply, Failed> {
    let payment_id = call.payment_to_find()?;
    call.change(|engine, context, _| async move {
        engine.close_virtual_account(context, payment_id).await
    })
    .await
}
