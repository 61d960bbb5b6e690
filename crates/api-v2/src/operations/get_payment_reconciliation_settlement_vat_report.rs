//! `GET /payment-reconciliations/settlements/vat-report`

use naru_engine::reconcile::Axis;
use naru_wire_v2::{
    GetPaymentReconciliationSettlementVatReportBody,
    GetPaymentReconciliationSettlementVatReportResponse,
};

use crate::check::{self, VatReportInput};
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view::{self, VatReportParts};

pub(crate) async fn handle(
    call: Call<GetPaymentReconciliationSettlementVatReportBody>,
) -> Result<Reply, Failed> {
    let Call {
        engine,
        caller,
        input,
        ..
    } = call;
    let filter = input.filter.unwrap_or_default();
    let asked = VatReportInput {
        axis: Axis::Settlement,
        days: input.date_range,
        store_ids: filter.store_ids,
        pg_specifiers: filter.pg_specifiers,
        statuses: Vec::new(),
    };
    let filter = check::vat_report(&engine, &caller, asked).await?;
    let report = engine.vat_report(&filter).await?;
    let VatReportParts {
        items,
        pg_specifiers,
        summary,
    } = view::vat_report(&report)?;
    Ok(Reply::of(
        &GetPaymentReconciliationSettlementVatReportResponse {
            items: Some(items),
            pg_specifiers: Some(pg_specifiers),
            summary,
        },
    )?)
}
