//! `POST /payments/{paymentId}/register-store-receipt`

use naru_wire_v2::RegisterStoreReceiptBody;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<RegisterStoreReceiptBody>) -> Result<Reply, Failed> {
    let payment_id = call.payment_to_find()?;
    call.change(|engine, context, body| async move {
        let sales = check::store_sales(body)?;
        engine
            .register_store_sales(context, payment_id, sales)
            .await
    })
    .await
}
