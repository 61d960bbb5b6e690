//! `GET /payments/{paymentId}`

use naru_wire_v2::GetPaymentQuery;

use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetPaymentQuery>) -> Result<Reply, Failed> {
    let payment_id = call.payment_to_find()?;
    let payment = call.engine.payment(&call.store.id, &payment_id).await?;
    Ok(Reply::of(&view::payment(&payment)?)?)
}
