//! `PUT /subscribe/payments/schedule/{merchant_uid}`: another time for one that waits.

use super::scheduled;
use crate::call::Call;
use crate::check::schedule::schedule_at;
use crate::envelope::Reply;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let schedule = scheduled::newest(&call).await?;
    let time_to_pay = schedule_at(&call.input, call.engine.clock().business())?;
    let id = schedule.id.clone();
    let (engine, context) = (call.engine.clone(), call.context());
    let work = Box::pin(async move { engine.move_schedule(&context, &id, time_to_pay).await });
    let moved = call.engine.detached(work).await;
    moved.map_err(scheduled::refused)?;
    let after = call.engine.schedule(call.store_id(), &schedule.id).await?;
    Reply::of(&scheduled::shown(&call, &after).await?)
}
