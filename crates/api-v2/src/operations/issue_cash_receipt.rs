//! `POST /cash-receipts`

use naru_wire_v2::IssueCashReceiptBody;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<IssueCashReceiptBody>) -> Result<Reply, Failed> {
    call.change(|engine, context, body| async move {
        let request = check::issue_cash_receipt(body)?;
        engine.issue_cash_receipt(context, request).await
    })
    .await
}
