//! `DELETE /b2b-preview/tax-invoices/{documentKey}`

use naru_domain::b2b::tax_invoice::CallKind;
use naru_engine::b2b::{ActOnInvoice, Edition, InvoiceNote};

use crate::check::b2b as check;
use crate::extract::{B2bCall, Nothing};
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: B2bCall<Nothing>) -> Result<Reply, Failed> {
    let key = check::preview_path_key(call.id(0), &call.flags)?;
    call.change(|engine, context, _, flags| async move {
        let request = ActOnInvoice {
            edition: Edition::Preview,
            is_test: flags.test.unwrap_or(false),
            key,
            kind: CallKind::Delete,
            note: InvoiceNote::default(),
        };
        Box::pin(engine.act_on_invoice(context, request)).await
    })
    .await
}
