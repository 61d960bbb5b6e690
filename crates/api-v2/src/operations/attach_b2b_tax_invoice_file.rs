//! `POST /b2b/tax-invoices/{taxInvoiceKey}/attach-file`

use naru_engine::Answer;
use naru_wire_v2::AttachB2bTaxInvoiceFileBody;

use crate::check::b2b as check;
use crate::extract::B2bCall;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: B2bCall<AttachB2bTaxInvoiceFileBody>) -> Result<Reply, Failed> {
    let key = check::path_key(call.id(0), &call.flags)?;
    call.change(|engine, context, body, flags| async move {
        let invoice = (flags.test.unwrap_or(false), key);
        Box::pin(engine.attach_file(context, invoice, &body.file_id)).await?;
        Ok(Answer::Empty)
    })
    .await
}
