//! `GET /payments/{paymentId}/cash-receipt`

use naru_wire_v2::GetCashReceiptByPaymentIdQuery;

use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetCashReceiptByPaymentIdQuery>) -> Result<Reply, Failed> {
    let payment_id = call.receipt_to_find()?;
    let found = call
        .engine
        .cash_receipt(&call.store.id, &payment_id)
        .await?;
    Ok(Reply::of(&view::cash_receipt(&found)?)?)
}
