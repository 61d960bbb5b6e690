//! `POST /identity-verifications/{identityVerificationId}/confirm`

use naru_wire_v2::ConfirmIdentityVerificationBody;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<ConfirmIdentityVerificationBody>) -> Result<Reply, Failed> {
    let id = call.identity_to_find()?;
    call.change(|engine, context, body| async move {
        let otp = check::one_time_password(body.otp)?;
        engine.confirm_identity(context, id, otp).await
    })
    .await
}
