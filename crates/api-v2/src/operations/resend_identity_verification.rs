//! `POST /identity-verifications/{identityVerificationId}/resend`

use naru_wire_v2::ResendIdentityVerificationQuery;

use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<ResendIdentityVerificationQuery>) -> Result<Reply, Failed> {
    let id = call.identity_to_find()?;
    call.change(|engine, context, _| async move { engine.resend_identity(context, id).await })
        .await
}
