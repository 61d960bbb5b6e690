//! `PUT /b2b/tax-invoices/draft`

use naru_wire_v2::UpdateB2bTaxInvoiceDraftBody;

use crate::check::b2b as check;
use crate::extract::B2bCall;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: B2bCall<UpdateB2bTaxInvoiceDraftBody>) -> Result<Reply, Failed> {
    call.change(|engine, context, body, flags| async move {
        let (key, request) = check::draft_change(body, flags.test.unwrap_or(false))?;
        Box::pin(engine.update_draft(context, key, request)).await
    })
    .await
}
