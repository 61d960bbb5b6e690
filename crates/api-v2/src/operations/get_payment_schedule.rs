//! `GET /payment-schedules/{paymentScheduleId}`

use naru_domain::ScheduleId;
use naru_engine::Fault;
use naru_wire_v2::GetPaymentScheduleQuery;

use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetPaymentScheduleQuery>) -> Result<Reply, Failed> {
    let id = ScheduleId::new(call.lookup_id(Fault::PaymentScheduleNotFound)?);
    let schedule = call.engine.schedule(&call.store.id, &id).await?;
    Ok(Reply::of(&view::schedule(&schedule)?)?)
}
