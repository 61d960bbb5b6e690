//! `POST /payments/{paymentId}/cash-receipt/cancel`

use naru_wire_v2::CancelCashReceiptByPaymentIdQuery;

use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<CancelCashReceiptByPaymentIdQuery>) -> Result<Reply, Failed> {
    let payment_id = call.receipt_to_find()?;
    call.change(|engine, context, _| async move {
        engine.cancel_cash_receipt(context, payment_id).await
    })
    .await
}
