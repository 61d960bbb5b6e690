//! `POST /users/getToken`.

use naru_engine::Fault;
use serde_json::json;

use crate::call::Open;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;

pub(crate) async fn handle(call: Open) -> Result<Reply, Refused> {
    let field = |name| call.input.said(&[name]);
    let (Some(key), Some(secret)) = (field("imp_key"), field("imp_secret")) else {
        return Err(Refused::Status(400, messages::NO_CREDENTIALS.to_owned()));
    };
    let token = match call.engine.v1_token(&key, &secret).await {
        Ok(token) => token,
        Err(Fault::Unauthorized) => {
            return Err(Refused::Unauthorized(messages::WRONG_CREDENTIALS));
        }
        Err(fault) => return Err(fault.into()),
    };
    Reply::of(&json!({
        "access_token": token.text,
        "expired_at": token.expires_at.as_seconds(),
        "now": call.engine.clock().business().as_seconds(),
    }))
}
