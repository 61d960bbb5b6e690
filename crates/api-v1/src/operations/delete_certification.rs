//! `DELETE /certifications/{imp_uid}`: all that was kept of the person is removed.

use super::certified;
use crate::call::Call;
use crate::envelope::Reply;
use crate::refused::Refused;
use crate::view::certification::certification;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let shown = certification(&certified::found(&call).await?)?;
    let id = certified::id(&call);
    let (engine, context) = (call.engine.clone(), call.context());
    let work = Box::pin(async move { engine.delete_identity(&context, &id).await });
    call.engine
        .detached(work)
        .await
        .map_err(certified::refused)?;
    Reply::of(&shown)
}
