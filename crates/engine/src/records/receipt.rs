//! Cash receipts.

use naru_domain::cash_receipt::{CashReceipt, ReceiptKind, ReceiptState, ReceiptStatus};
use naru_domain::{PaymentId, StoreId, Timestamp};
use naru_store::{Record, Table, Value, tables};
use serde::{Deserialize, Serialize};

/// A cash receipt, with the columns that lists filter and sort by.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CashReceiptRecord(pub CashReceipt);

impl Record for CashReceiptRecord {
    const TABLE: &'static Table = &tables::CASH_RECEIPTS;

    fn key(&self) -> Vec<Value> {
        let receipt = &self.0;
        vec![
            receipt.store_id.as_str().into(),
            receipt.payment_id.as_str().into(),
        ]
    }

    fn columns(&self) -> Vec<Value> {
        let (receipt, channel) = (&self.0, &self.0.channel);
        let (issued_at, cancelled_at) = match &receipt.state {
            ReceiptState::Issuing | ReceiptState::Unclear => (None, None),
            // Lists look by the moment of issue: one that failed is found by that of its failure.
            ReceiptState::Failed { .. } => (Some(receipt.status_changed_at), None),
            ReceiptState::Issued { issued, .. } => (Some(issued.at), None),
            ReceiptState::Cancelled { issued, at } => (Some(issued.at), Some(*at)),
        };
        let status = receipt.status();
        vec![
            receipt.merchant_id.as_str().into(),
            status.map(ReceiptStatus::name).into(),
            issued_at.into(),
            cancelled_at.into(),
            status.map(|_| receipt.status_changed_at).into(),
            channel.is_test.into(),
            receipt.is_manual.into(),
            receipt.kind.map(ReceiptKind::name).into(),
            crate::search::fold(&receipt.order_name).into(),
            receipt
                .issued()
                .and_then(|issued| issued.pg_receipt_id.as_deref())
                .into(),
            channel.pg_merchant_id.as_str().into(),
            channel.pg_provider.as_str().into(),
            naru_domain::pg_company(&channel.pg_provider).into(),
            "V2".into(),
        ]
    }
}

/// A job about a cash receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job")]
pub enum ReceiptJob {
    /// End an issue whose request died.
    EndIssue {
        /// Store.
        store_id: StoreId,
        /// The payment id.
        payment_id: PaymentId,
        /// Which request, by its deadline.
        send_by: Timestamp,
        /// The request's idempotency record, to complete.
        idempotency: Option<String>,
    },
    /// Find out what became of a cancellation.
    EndCancel {
        /// Store.
        store_id: StoreId,
        /// The payment id.
        payment_id: PaymentId,
        /// Which request, by its deadline.
        send_by: Timestamp,
        /// The request's idempotency record, to complete.
        idempotency: Option<String>,
    },
}

impl ReceiptJob {
    /// The job's id.
    pub fn id(&self) -> String {
        match self {
            Self::EndIssue {
                store_id,
                payment_id,
                send_by,
                ..
            } => format!(
                "receipt-issue:{store_id}:{payment_id}:{}",
                send_by.as_micros()
            ),
            Self::EndCancel {
                store_id,
                payment_id,
                send_by,
                ..
            } => format!(
                "receipt-cancel:{store_id}:{payment_id}:{}",
                send_by.as_micros()
            ),
        }
    }
}
