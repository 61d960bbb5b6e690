//! VAT reports: the rows, their sum, and the pairs of PG and merchant id that contributed.

use naru_domain::settlement::VatSums;
use naru_engine::Fault;
use naru_engine::reconcile::VatReport;
use naru_wire_v2::{
    PaymentReconciliationVatReportItem, PaymentReconciliationVatReportSummary,
    ReconciliationPgProvider, ReconciliationPgSpecifier, SimplifiedPaymentMethodType,
};

use super::known;

/// What both answers are made of.
pub(crate) struct VatReportParts {
    pub(crate) items: Vec<PaymentReconciliationVatReportItem>,
    pub(crate) pg_specifiers: Vec<ReconciliationPgSpecifier>,
    pub(crate) summary: PaymentReconciliationVatReportSummary,
}

/// A report as the contract has it.
pub(crate) fn vat_report(report: &VatReport) -> Result<VatReportParts, Fault> {
    let item = |method: &str, sums: VatSums| {
        let payment_method = SimplifiedPaymentMethodType::parse(method);
        Ok(PaymentReconciliationVatReportItem {
            payment_method: known("method", payment_method)?,
            supply_amount: sums.supply,
            tax_free_amount: sums.tax_free,
            total_amount: sums.total,
            vat_amount: sums.vat,
        })
    };
    let items = report
        .rows
        .iter()
        .map(|row| item(row.method.name(), row.sums))
        .collect::<Result<_, Fault>>()?;
    let pg_specifiers = report
        .pgs
        .iter()
        .map(|(pg, pg_merchant_id)| {
            Ok(ReconciliationPgSpecifier {
                pg_merchant_id: pg_merchant_id.clone(),
                pg_provider: known("PG", ReconciliationPgProvider::parse(pg))?,
            })
        })
        .collect::<Result<_, Fault>>()?;
    let sums = report.summary;
    Ok(VatReportParts {
        items,
        pg_specifiers,
        summary: PaymentReconciliationVatReportSummary {
            total_amount: sums.total,
            total_supply_amount: sums.supply,
            total_tax_free_amount: sums.tax_free,
            total_vat_amount: sums.vat,
        },
    })
}
