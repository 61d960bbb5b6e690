//! Reading and listing.

use naru_domain::cash_receipt::CashReceipt;
use naru_domain::{PaymentId, StoreId};
use naru_store::Condition;

use crate::list::{ListFilter, Listed, Page, PageOf};
use crate::records::CashReceiptRecord;
use crate::{Engine, Fault};

impl Listed for CashReceiptRecord {}

/// A list asked for.
#[derive(Debug, Clone)]
pub struct ReceiptFilter {
    /// What every list has.
    pub list: ListFilter,
    /// What was bought begins so, whatever the case of its letters.
    pub order_name: Option<String>,
}

impl Engine {
    /// `GET /payments/{paymentId}/cash-receipt`. One of which nobody knows yet whether it was
    /// issued is none.
    pub async fn cash_receipt(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
    ) -> Result<CashReceipt, Fault> {
        let found = self.load_receipt((store_id, payment_id)).await?;
        found
            .map(|found| found.value.0)
            .filter(|receipt| receipt.status().is_some())
            .ok_or(Fault::CashReceiptNotFound)
    }

    /// `GET /cash-receipts`.
    pub async fn cash_receipts(
        &self,
        filter: &ReceiptFilter,
        page: Page,
    ) -> Result<PageOf<CashReceipt>, Fault> {
        let name = filter.order_name.as_deref().map(crate::search::fold);
        let further = name.map(|name| Condition::Prefix("order_name", name));
        let found = self
            .list_page::<CashReceiptRecord>(&filter.list, further.into_iter().collect(), page)
            .await?;
        Ok(PageOf {
            items: found.items.into_iter().map(|record| record.0).collect(),
            total_count: found.total_count,
        })
    }
}
