//! `DELETE /payment-schedules`

use naru_wire_v2::RevokePaymentSchedulesBody;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<RevokePaymentSchedulesBody>) -> Result<Reply, Failed> {
    call.change(|engine, context, body| async move {
        let request = check::revoke_schedules(body)?;
        engine.revoke_schedules(context, request).await
    })
    .await
}
