//! `GET /payment-reconciliations/transactions/vat-report`

use naru_engine::reconcile::Axis;
use naru_wire_v2::{
    GetPaymentReconciliationTransactionVatReportBody,
    GetPaymentReconciliationTransactionVatReportResponse,
};

use crate::check::{self, VatReportInput};
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view::{self, VatReportParts};

pub(crate) async fn handle(
    call: Call<GetPaymentReconciliationTransactionVatReportBody>,
) -> Result<Reply, Failed> {
    let Call {
        engine,
        caller,
        input,
        ..
    } = call;
    let filter = input.filter.unwrap_or_default();
    let asked = VatReportInput {
        axis: Axis::Transaction,
        days: input.date_range,
        store_ids: filter.store_ids,
        pg_specifiers: filter.pg_specifiers,
        statuses: filter.reconciliation_statuses.unwrap_or_default(),
    };
    let filter = check::vat_report(&engine, &caller, asked).await?;
    let report = engine.vat_report(&filter).await?;
    let VatReportParts {
        items,
        pg_specifiers,
        summary,
    } = view::vat_report(&report)?;
    Ok(Reply::of(
        &GetPaymentReconciliationTransactionVatReportResponse {
            items: Some(items),
            pg_specifiers: Some(pg_specifiers),
            summary,
        },
    )?)
}
