//! `GET /b2b/tax-invoices-sheet`

use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use naru_engine::list::Page;
use naru_wire_v2::DownloadB2bTaxInvoicesSheetBody;

use crate::check::b2b as check;
use crate::extract::B2bCall;
use crate::faults::Failed;
use crate::view::b2b as view;

/// Rows of a page of the list behind it.
const PAGE: u32 = 500;
/// Rows of a sheet.
const ROWS_MAX: u32 = 10_000;

pub(crate) async fn handle(
    call: B2bCall<DownloadB2bTaxInvoicesSheetBody>,
) -> Result<Response, Failed> {
    let (engine, store) = (call.engine().clone(), call.store().clone());
    let is_test = call.flags.test.or(call.call.input.test).unwrap_or(false);
    let input = call.call.input;
    let now = engine.clock().business();
    let asked = check::invoice_filter(input.filter, input.sort, (store.id.clone(), now))?;
    let mut sheet = view::Sheet::new(input.fields);
    for number in 0..ROWS_MAX / PAGE {
        let page = Page { number, size: PAGE };
        let found = engine
            .tax_invoices(&store, is_test, asked.clone(), page)
            .await?;
        for invoice in &found.items {
            sheet.add(invoice, now);
        }
        if found.items.len() < PAGE as usize {
            break;
        }
    }
    let mut response = sheet.finish().into_response();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    headers.insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"tax-invoices.csv\""),
    );
    Ok(response)
}
