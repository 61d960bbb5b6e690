//! Bulks of invoices in today's edition.

use naru_domain::b2b::tax_invoice::Issuance;
use naru_engine::Fault;
use naru_engine::b2b::BulkView;
use naru_engine::records::bulk_status;
use naru_wire_v2 as wire;

use crate::view::known;

/// A bulk.
pub(crate) fn bulk_invoice(view: &BulkView) -> Result<wire::B2bBulkTaxInvoice, Fault> {
    let bulk = &view.bulk;
    let stats = view.stats.iter().map(|(status, stat)| {
        let stat = wire::B2bBulkTaxInvoiceStat {
            amount_sum: stat.total,
            count: count(stat.count),
        };
        (status.clone(), stat)
    });
    let status = wire::B2bBulkTaxInvoiceStatus::parse(bulk_status(bulk));
    Ok(wire::B2bBulkTaxInvoice {
        created_at: bulk.created_at.to_string(),
        graphql_id: bulk.id.clone(),
        id: bulk.id.clone(),
        issuance_type: match bulk.issuance {
            Issuance::Forward => wire::B2bTaxInvoiceIssuanceType::Normal,
            Issuance::Reverse => wire::B2bTaxInvoiceIssuanceType::Reverse,
        },
        name: bulk.name.clone(),
        requested_at: bulk.requested_at.map(|at| at.to_string()),
        scheduled_at: bulk.scheduled_at.map(|at| at.to_string()),
        source_type: wire::B2bBulkTaxInvoiceSourceType::Sheet,
        stats: stats.collect(),
        status: known("status", status)?,
        status_updated_at: bulk.state_changed_at.to_string(),
        total_amount: bulk.total,
        total_invoice_count: count(bulk.count),
    })
}

fn count(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
