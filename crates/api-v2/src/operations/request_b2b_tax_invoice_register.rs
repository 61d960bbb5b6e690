//! `POST /b2b-preview/tax-invoices/register`

use naru_wire_v2::RequestB2bTaxInvoiceRegisterBody;

use crate::check::b2b as check;
use crate::extract::B2bCall;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(
    call: B2bCall<RequestB2bTaxInvoiceRegisterBody>,
) -> Result<Reply, Failed> {
    call.change(|engine, context, body, flags| async move {
        let request = check::preview_register(body, flags.test.unwrap_or(false))?;
        Box::pin(engine.write_invoice(context, request)).await
    })
    .await
}
