//! Notices of the provider: an invoice moved. They only make us look (design 2a.8), and the job
//! that looks is on disk before the provider is answered.

use naru_connector::{InboundRequest, NoticeAnswer};
use naru_domain::b2b::Side;
use naru_store::{Commit, Condition, Query, tables};

use crate::records::TaxInvoiceKeyRecord;
use crate::{Engine, Fault};

/// Invoices of one document key, over stores and environments.
const MATCHES_MAX: u32 = 20;

impl Engine {
    /// Takes a notice in.
    pub async fn take_tax_notice(
        &self,
        provider: &str,
        request: &InboundRequest,
    ) -> Result<NoticeAnswer, Fault> {
        let provider = (self.inner.parts.tax_providers)(provider).ok_or(Fault::ChannelNotFound)?;
        let notification = match provider.read_notification(request) {
            Ok(notification) => notification,
            Err(rejected) => {
                tracing::warn!(reason = rejected.reason, "a notice was refused");
                return Ok(rejected.answer);
            }
        };
        let notice = notification.notice;
        let mut unit = Commit::new(self.new_uuid());
        for (side, key) in [
            (Side::Supplier, notice.supplier_key),
            (Side::Recipient, notice.recipient_key),
        ] {
            let Some(key) = key else { continue };
            let query = Query::of(&tables::TAX_INVOICE_KEYS, MATCHES_MAX)
                .and(Condition::Is("brn", notice.brn.as_str().into()))
                .and(Condition::Is("document_key", key.as_str().into()));
            for found in self.store().list::<TaxInvoiceKeyRecord>(query).await? {
                let row = found.value;
                if row.side == side {
                    let job = self.watch_job(&row.store_id, row.invoice_id, 0);
                    unit.upsert(&job)?;
                }
            }
        }
        if !unit.writes.is_empty() {
            self.commit(unit).await?;
            self.wakers().resolve().notify_one();
        }
        Ok(notification.answer)
    }
}
