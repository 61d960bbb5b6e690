//! Cash receipts: issued, cancelled, failed.

use naru_domain::Timestamp;
use naru_domain::cash_receipt::{CashReceipt, IssuedReceipt, ReceiptState};
use naru_engine::Fault;
use naru_wire_v2 as wire;

use super::channel::channel;
use super::escrow::receipt_type;
use super::{known, whole_seconds};

macro_rules! fill {
    ($wire:ident, $receipt:ident, $issued:ident, { $($field:ident: $value:expr)? }) => {
        wire::$wire {
            amount: $receipt.amount.total,
            channel: channel(&$receipt.channel)?,
            currency: known(
                "currency",
                wire::Currency::parse($receipt.currency.as_str()),
            )?,
            is_manual: $receipt.is_manual,
            issue_number: $issued.issue_number.clone(),
            issued_at: whole_seconds($issued.at),
            merchant_id: $receipt.merchant_id.to_string(),
            order_name: $receipt.order_name.clone(),
            payment_id: $receipt.payment_id.to_string(),
            pg_receipt_id: $issued.pg_receipt_id.clone(),
            status_updated_at: Some(whole_seconds($receipt.status_changed_at)),
            store_id: $receipt.store_id.to_string(),
            tax_free_amount: Some($receipt.amount.tax_free),
            r#type: $receipt.kind.map(receipt_type),
            url: $issued.url.clone(),
            vat_amount: Some($receipt.amount.vat),
            $($field: $value)?
        }
    };
}

/// A cash receipt.
pub(crate) fn cash_receipt(receipt: &CashReceipt) -> Result<wire::CashReceipt, Fault> {
    Ok(match &receipt.state {
        ReceiptState::Issued { issued, .. } => {
            wire::CashReceipt::Issued(fill!(IssuedCashReceipt, receipt, issued, {}))
        }
        ReceiptState::Cancelled { issued, at } => {
            wire::CashReceipt::Cancelled(fill!(CancelledCashReceipt, receipt, issued, {
                cancelled_at: whole_seconds(*at)
            }))
        }
        ReceiptState::Failed { .. } => {
            wire::CashReceipt::IssueFailed(wire::IssueFailedCashReceipt {
                channel: Some(channel(&receipt.channel)?),
                is_manual: receipt.is_manual,
                merchant_id: receipt.merchant_id.to_string(),
                order_name: receipt.order_name.clone(),
                payment_id: receipt.payment_id.to_string(),
                status_updated_at: Some(whole_seconds(receipt.status_changed_at)),
                store_id: receipt.store_id.to_string(),
            })
        }
        // Readers leave these out: nobody knows whether there is a receipt.
        ReceiptState::Issuing | ReceiptState::Unclear => {
            return Err(Fault::internal("a cash receipt without a status"));
        }
    })
}

/// What was issued. The page must be there: one that the channel has no address of is empty.
pub(crate) fn receipt_summary(issued: &IssuedReceipt) -> wire::IssueCashReceiptResponse {
    wire::IssueCashReceiptResponse {
        cash_receipt: wire::CashReceiptSummary {
            issue_number: issued.issue_number.clone(),
            pg_receipt_id: issued.pg_receipt_id.clone().unwrap_or_default(),
            url: issued.url.clone().unwrap_or_default(),
        },
    }
}

/// What was cancelled, which is all of it.
pub(crate) fn receipt_cancelled(amount: i64, at: Timestamp) -> wire::CancelCashReceiptResponse {
    wire::CancelCashReceiptResponse {
        cancelled_amount: amount,
        cancelled_at: whole_seconds(at),
    }
}
