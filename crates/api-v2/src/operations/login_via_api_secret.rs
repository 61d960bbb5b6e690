//! `POST /login/api-secret`

use naru_wire_v2::{LoginViaApiSecretBody, LoginViaApiSecretResponse};

use crate::extract::Open;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Open<LoginViaApiSecretBody>) -> Result<Reply, Failed> {
    let tokens = call.engine.log_in(&call.input.api_secret).await?;
    Ok(Reply::of(&LoginViaApiSecretResponse {
        access_token: tokens.access,
        refresh_token: tokens.refresh,
    })?)
}
