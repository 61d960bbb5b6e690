//! `POST /identity-verifications/{identityVerificationId}/send`

use naru_wire_v2::SendIdentityVerificationBody;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<SendIdentityVerificationBody>) -> Result<Reply, Failed> {
    let id = call.identity_to_make()?;
    call.change(|engine, context, body| async move {
        let request = check::send_identity(id, body, engine.clock().business())?;
        engine.send_identity(context, request).await
    })
    .await
}
