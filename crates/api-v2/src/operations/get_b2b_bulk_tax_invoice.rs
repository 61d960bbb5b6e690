//! `GET /b2b/bulk-tax-invoices/{bulkTaxInvoiceId}`

use crate::extract::{B2bCall, Nothing};
use crate::faults::Failed;
use crate::render::Reply;
use crate::view::b2b as view;

pub(crate) async fn handle(call: B2bCall<Nothing>) -> Result<Reply, Failed> {
    let bulk = call
        .engine()
        .bulk_invoice(call.store(), call.is_test(), call.id(0))
        .await?;
    Ok(Reply::of(&view::bulk_invoice(&bulk)?)?)
}
