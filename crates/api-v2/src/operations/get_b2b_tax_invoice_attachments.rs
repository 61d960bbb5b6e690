//! `GET /b2b/tax-invoices/{taxInvoiceKey}/attachments`

use naru_wire_v2::{B2bTaxInvoiceAttachment, GetB2bTaxInvoiceAttachmentsResponse};

use crate::check::b2b as check;
use crate::extract::{B2bCall, Nothing};
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: B2bCall<Nothing>) -> Result<Reply, Failed> {
    let key = check::path_key(call.id(0), &call.flags)?;
    let invoice = call
        .engine()
        .tax_invoice(call.store(), call.is_test(), &key)
        .await?;
    Ok(Reply::of(&GetB2bTaxInvoiceAttachmentsResponse {
        attachments: invoice
            .attachments
            .iter()
            .map(|one| B2bTaxInvoiceAttachment {
                attached_at: one.at.to_string(),
                id: one.id.clone(),
                name: one.name.clone(),
            })
            .collect(),
    })?)
}
