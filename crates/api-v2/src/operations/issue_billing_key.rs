//! `POST /billing-keys`

use naru_wire_v2::IssueBillingKeyBody;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<IssueBillingKeyBody>) -> Result<Reply, Failed> {
    call.change(|engine, context, body| async move {
        let request = check::issue(body)?;
        engine.issue_billing_key(context, request).await
    })
    .await
}
