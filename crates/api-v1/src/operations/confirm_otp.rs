//! `POST /certifications/otp/confirm/{imp_uid}`. By app there is no password.

use naru_engine::Secret;

use super::certified;
use crate::call::Call;
use crate::envelope::Reply;
use crate::limits::OTP_MAX;
use crate::refused::Refused;
use crate::view::certification::certification;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    certified::found(&call).await?;
    let id = certified::id(&call);
    let otp = call.input.said(&["otp"]);
    let is_one =
        |otp: &String| otp.len() <= OTP_MAX && otp.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !otp.as_ref().is_none_or(is_one) {
        return Err(Refused::malformed("otp", "인증번호"));
    }
    let otp = otp.map(Secret::new);
    let (engine, context) = (call.engine.clone(), call.context());
    let work = Box::pin(async move { engine.confirm_identity(context, id, otp).await });
    call.engine
        .detached(work)
        .await
        .map_err(certified::refused)?;
    Reply::of(&certification(&certified::found(&call).await?)?)
}
