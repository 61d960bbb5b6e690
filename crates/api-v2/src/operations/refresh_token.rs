//! `POST /token/refresh`

use naru_wire_v2::{RefreshTokenBody, RefreshTokenResponse};

use crate::extract::Open;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Open<RefreshTokenBody>) -> Result<Reply, Failed> {
    let tokens = call.engine.refresh(&call.input.refresh_token).await?;
    Ok(Reply::of(&RefreshTokenResponse {
        access_token: tokens.access,
        refresh_token: tokens.refresh,
    })?)
}
