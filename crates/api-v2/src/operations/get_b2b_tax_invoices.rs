//! `GET /b2b/tax-invoices`

use naru_wire_v2::{GetB2bTaxInvoicesBody, GetB2bTaxInvoicesResponse};

use crate::check::b2b as check;
use crate::extract::B2bCall;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: B2bCall<GetB2bTaxInvoicesBody>) -> Result<Reply, Failed> {
    let (engine, store) = (call.engine().clone(), call.store().clone());
    let is_test = call.flags.test.or(call.call.input.test).unwrap_or(false);
    let input = call.call.input;
    let now = engine.clock().business();
    let page = check::invoice_page(input.page_number, input.page_size)?;
    let asked = check::invoice_filter(input.filter, input.sort, (store.id.clone(), now))?;
    let found = engine.tax_invoices(&store, is_test, asked, page).await?;
    Ok(Reply::of(&GetB2bTaxInvoicesResponse {
        items: found
            .items
            .iter()
            .map(|invoice| view::b2b::tax_invoice_summary(invoice, now))
            .collect::<Result<_, _>>()?,
        page: view::page(page, found.total_count),
    })?)
}
