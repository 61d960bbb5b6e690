//! `POST /certifications/otp/request`: a message with a one-time password goes out.

use naru_engine::OperationKind;
use naru_engine::payments::ChannelChoice;
use serde_json::json;

use super::certified;
use crate::call::Call;
use crate::check::certification::request;
use crate::check::channel::channel;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let id = call.engine.new_certification_uid();
    let chosen = channel(&call, OperationKind::SendIdentity).await;
    let Ok(ChannelChoice::Channel(channel)) = chosen else {
        return Err(Refused::Bad(messages::NO_CHANNEL.to_owned()));
    };
    let request = request(
        &call.input,
        (id.clone(), channel),
        call.engine.clock().business(),
    )?;
    let (engine, context) = (call.engine.clone(), call.context());
    let work = Box::pin(async move { engine.send_identity(context, request).await });
    call.engine
        .detached(work)
        .await
        .map_err(certified::refused)?;
    Reply::of(&json!({ "imp_uid": id.as_str() }))
}
