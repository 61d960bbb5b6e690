//! `POST /subscribe/payments/schedule/{merchant_uid}/retry`: one that came to nothing is charged at
//! once, as it was.

use naru_engine::payments::PayRequest;

use super::{paid, scheduled};
use crate::call::Call;
use crate::envelope::Reply;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let before = scheduled::failed(&call).await?;
    let id = before.payment_id.clone();
    let request = PayRequest {
        payment_id: id.clone(),
        method: scheduled::charge(&before),
        order: before.order,
        skip_webhook: false,
    };
    let (engine, context) = (call.engine.clone(), call.context());
    let work = Box::pin(async move { engine.pay_with_billing_key(context, request).await });
    let done = call.engine.detached(work).await;
    paid::charged_or(&call, &id, done, scheduled::refused).await
}
