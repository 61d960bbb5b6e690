//! A cash receipt as this face shows it.

use naru_domain::cash_receipt::{CashReceipt, ReceiptKind, ReceiptState};
use serde::Serialize;
use serde_json::Number;

use crate::money::major;

#[derive(Debug, Serialize)]
pub(crate) struct WireReceipt {
    /// What it is called by: a payment's, or the merchant's own id.
    #[serde(flatten)]
    named: Named,
    receipt_tid: Option<String>,
    apply_num: String,
    #[serde(rename = "type")]
    kind: &'static str,
    amount: Number,
    vat: Number,
    receipt_url: Option<String>,
    applied_at: i64,
    cancelled_at: i64,
}

/// What a receipt is called by.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Named {
    ImpUid(String),
    MerchantUid(String),
}

/// A receipt that was issued, whether or not it was cancelled since.
pub(crate) fn receipt(receipt: &CashReceipt, named: Named) -> Option<WireReceipt> {
    let (issued, cancelled_at) = match &receipt.state {
        ReceiptState::Issued { issued, .. } => (issued, 0),
        ReceiptState::Cancelled { issued, at } => (issued, at.as_seconds()),
        ReceiptState::Issuing | ReceiptState::Unclear | ReceiptState::Failed { .. } => return None,
    };
    Some(WireReceipt {
        named,
        receipt_tid: issued.pg_receipt_id.clone(),
        apply_num: issued.issue_number.clone(),
        kind: match receipt.kind {
            Some(ReceiptKind::Corporate) => "company",
            Some(ReceiptKind::Personal) | None => "person",
        },
        amount: major(receipt.amount.total, &receipt.currency),
        vat: major(receipt.amount.vat, &receipt.currency),
        receipt_url: issued.url.clone(),
        applied_at: issued.at.as_seconds(),
        cancelled_at,
    })
}
