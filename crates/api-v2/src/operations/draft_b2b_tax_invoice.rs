//! `POST /b2b/tax-invoices/draft`

use naru_wire_v2::DraftB2bTaxInvoiceBody;

use crate::check::b2b as check;
use crate::extract::B2bCall;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: B2bCall<DraftB2bTaxInvoiceBody>) -> Result<Reply, Failed> {
    call.change(|engine, context, body, flags| async move {
        let request = check::draft(body, flags.test.unwrap_or(false))?;
        Box::pin(engine.write_invoice(context, request)).await
    })
    .await
}
