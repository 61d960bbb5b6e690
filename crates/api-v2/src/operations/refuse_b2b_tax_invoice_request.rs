//! `POST /b2b/tax-invoices/{taxInvoiceKey}/refuse-request`

use naru_domain::b2b::tax_invoice::CallKind;
use naru_engine::b2b::{ActOnInvoice, Edition};
use naru_wire_v2::RefuseB2bTaxInvoiceRequestBody;

use crate::check::b2b as check;
use crate::extract::B2bCall;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: B2bCall<RefuseB2bTaxInvoiceRequestBody>) -> Result<Reply, Failed> {
    let key = check::path_key(call.id(0), &call.flags)?;
    call.change(|engine, context, body, flags| async move {
        let request = ActOnInvoice {
            edition: Edition::Current,
            is_test: flags.test.unwrap_or(false),
            key,
            kind: CallKind::Refuse,
            note: check::note(body.memo, None)?,
        };
        Box::pin(engine.act_on_invoice(context, request)).await
    })
    .await
}
