//! `POST /subscribe/payments/schedule/{merchant_uid}/reschedule`: one that came to nothing is
//! scheduled anew, as it was.

use naru_domain::payment::OrderDetails;
use naru_engine::schedules::SchedulePayment;

use super::scheduled;
use crate::call::Call;
use crate::check::schedule::schedule_at;
use crate::envelope::Reply;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let before = scheduled::failed(&call).await?;
    let time_to_pay = schedule_at(&call.input, call.engine.clock().business())?;
    let request = SchedulePayment {
        payment_id: before.payment_id.clone(),
        order: OrderDetails::clone(&before.order),
        charge: scheduled::charge(&before),
        time_to_pay,
    };
    let (engine, context) = (call.engine.clone(), call.context());
    let work = Box::pin(async move { engine.schedule_payment(context, request).await });
    let made = call.engine.detached(work).await;
    made.map_err(scheduled::refused)?;
    let schedule = scheduled::newest(&call).await?;
    Reply::of(&scheduled::shown(&call, &schedule).await?)
}
