//! `GET /b2b/bulk-tax-invoices/{bulkTaxInvoiceId}`

//! Bulk invoices are made in a console from a sheet or from payouts; there is neither here, so
//! that no id names one.

use naru_engine::Fault;
use naru_engine::b2b::TaxFault;

use crate::extract::{B2bCall, Nothing};
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: B2bCall<Nothing>) -> Result<Reply, Failed> {
    call.engine()
        .uses_tax_invoices(call.store(), call.is_test())
        .await?;
    Err(Fault::from(TaxFault::BulkNotFound).into())
}
