//! `GET /identity-verifications/{identityVerificationId}`

use naru_wire_v2::GetIdentityVerificationQuery;

use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetIdentityVerificationQuery>) -> Result<Reply, Failed> {
    let id = call.identity_to_find()?;
    let found = call
        .engine
        .identity_verification(&call.store.id, &id)
        .await?;
    Ok(Reply::of(&view::identity(&found)?)?)
}
