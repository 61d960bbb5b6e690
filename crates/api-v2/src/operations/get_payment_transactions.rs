//! `GET /payments/{paymentId}/transactions`

use naru_wire_v2::{GetPaymentTransactionsQuery, GetPaymentTransactionsResponse};

use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetPaymentTransactionsQuery>) -> Result<Reply, Failed> {
    let payment_id = call.payment_to_find()?;
    let payment = call.engine.payment(&call.store.id, &payment_id).await?;
    Ok(Reply::of(&GetPaymentTransactionsResponse {
        items: view::transactions(&payment)?,
    })?)
}
