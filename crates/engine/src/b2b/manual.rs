//! A webhook about a tax invoice that a person asks for: `TaxInvoice.Manual`.

use naru_domain::b2b::tax_invoice::TaxInvoice;
use naru_domain::{StoreId, TaxInvoiceId};
use naru_store::Commit;
use uuid::Uuid;

use super::TaxFault;
use crate::{Engine, Fault};

impl Engine {
    /// An invoice that the operator names, whatever it stands at; a deleted one is gone.
    pub(super) async fn named_invoice(
        &self,
        store_id: &StoreId,
        invoice_id: &str,
    ) -> Result<TaxInvoice, Fault> {
        let id = Uuid::try_parse(invoice_id).map(TaxInvoiceId::new);
        let id = id.map_err(|_| Fault::from(TaxFault::InvoiceNotFound))?;
        let found = self.load_invoice(store_id, id).await?;
        found
            .map(|found| found.value.0)
            .filter(|invoice| !invoice.state.is_deleted())
            .ok_or_else(|| TaxFault::InvoiceNotFound.into())
    }

    /// Sends `TaxInvoice.Manual` to the store's webhooks, through the outbox like any other. Gives
    /// the invoice and to how many it goes.
    pub async fn send_invoice_webhook(
        &self,
        store_id: &StoreId,
        invoice_id: &str,
    ) -> Result<(TaxInvoice, usize), Fault> {
        let invoice = self.named_invoice(store_id, invoice_id).await?;
        let mut unit = Commit::new(self.new_uuid());
        let count = self
            .tell_of_invoice(&mut unit, &invoice, "TaxInvoice.Manual")
            .await?;
        if count == 0 {
            let data = if invoice.is_test { "test" } else { "live" };
            return Err(Fault::invalid(format!(
                "the store has no webhook of version 2024-04-25 for {data} data; set one with \
                 `naru webhooks set`"
            )));
        }
        self.commit(unit).await?;
        self.wakers().webhook().notify_one();
        Ok((invoice, count))
    }
}
