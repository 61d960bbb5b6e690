//! `POST /b2b-preview/tax-invoices/request`

use naru_domain::b2b::tax_invoice::CallKind;
use naru_engine::b2b::{ActOnInvoice, Edition};
use naru_wire_v2::RequestB2bTaxInvoiceRequestBody;

use crate::check::b2b as check;
use crate::extract::B2bCall;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(
    call: B2bCall<RequestB2bTaxInvoiceRequestBody>,
) -> Result<Reply, Failed> {
    call.change(|engine, context, body, flags| async move {
        let request = ActOnInvoice {
            edition: Edition::Preview,
            is_test: flags.test.unwrap_or(false),
            key: check::preview_key(&body.brn, &body.document_key, body.document_key_type)?,
            kind: CallKind::Request,
            note: check::note(body.memo, None)?,
        };
        Box::pin(engine.act_on_invoice(context, request)).await
    })
    .await
}
