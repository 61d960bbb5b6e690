//! `GET /b2b/tax-invoices/{taxInvoiceKey}/pdf-download-url`

use naru_engine::b2b::LinkKind;
use naru_wire_v2::GetB2bTaxInvoicePdfDownloadUrlResponse;

use crate::check::b2b as check;
use crate::extract::{B2bCall, Nothing};
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: B2bCall<Nothing>) -> Result<Reply, Failed> {
    let key = check::path_key(call.id(0), &call.flags)?;
    let kind = LinkKind::Pdf;
    let url = call
        .engine()
        .invoice_address(call.store(), (call.is_test(), &key), kind)
        .await?;
    Ok(Reply::of(&GetB2bTaxInvoicePdfDownloadUrlResponse { url })?)
}
