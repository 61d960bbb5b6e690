//! `GET /b2b-preview/tax-invoices`

use naru_wire_v2::{GetB2bPreviewTaxInvoicesQuery, GetB2bPreviewTaxInvoicesResponse};

use crate::check::b2b as check;
use crate::extract::B2bCall;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: B2bCall<GetB2bPreviewTaxInvoicesQuery>) -> Result<Reply, Failed> {
    let query = &call.call.input;
    let page = check::preview_invoice_page(query)?;
    let asked = check::preview_invoice_filter(query, call.store().id.clone())?;
    let found = call
        .engine()
        .tax_invoices(call.store(), call.is_test(), asked, page)
        .await?;
    Ok(Reply::of(&GetB2bPreviewTaxInvoicesResponse {
        items: found
            .items
            .iter()
            .filter_map(view::b2b::preview_tax_invoice_summary)
            .collect(),
        page: view::page(page, found.total_count),
    })?)
}
