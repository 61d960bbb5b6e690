//! Reading invoices.

use naru_domain::StoreId;
use naru_domain::TaxInvoiceId;
use naru_domain::b2b::tax_invoice::{State, TaxInvoice};
use naru_domain::b2b::{BusinessNumber, Side};
use naru_store::{Condition, Versioned};
use uuid::Uuid;

use crate::list::{ListFilter, Listed, Page, PageOf};
use crate::records::{
    StoreRecord, TaxInvoiceKeyRecord, TaxInvoiceRecord, document_key_row, environment_name,
};
use crate::{Engine, Fault};

use super::TaxFault;

/// A side of an invoice, as requests name it.
pub type KeySide = Side;

/// How a request names an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceKey {
    /// By what.
    pub kind: InvoiceKeyKind,
    /// The id or key.
    pub text: String,
}

/// By what a request names an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvoiceKeyKind {
    /// By its id.
    Id,
    /// By a side's document key; the side's company goes with it.
    Document(Side, BusinessNumber),
}

impl Listed for TaxInvoiceRecord {}

impl Engine {
    /// The invoice of a key; one that was deleted is gone.
    pub(super) async fn find_invoice(
        &self,
        store: &StoreRecord,
        is_test: bool,
        key: &InvoiceKey,
    ) -> Result<Option<Versioned<TaxInvoiceRecord>>, Fault> {
        let id = match &key.kind {
            InvoiceKeyKind::Id => Uuid::try_parse(&key.text).ok().map(TaxInvoiceId::new),
            InvoiceKeyKind::Document(side, brn) => {
                let side = (*side, brn.as_str());
                let row = document_key_row(&store.id, is_test, side, &key.text);
                let found = self.store().load::<TaxInvoiceKeyRecord>(row).await?;
                found.map(|found| found.value.invoice_id)
            }
        };
        let Some(id) = id else { return Ok(None) };
        let found = self.load_invoice(&store.id, id).await?;
        Ok(found.filter(|found| {
            let invoice = &found.value.0;
            invoice.is_test == is_test && !matches!(invoice.state, State::Deleted { .. })
        }))
    }

    /// An invoice that must exist.
    pub async fn tax_invoice(
        &self,
        store: &StoreRecord,
        is_test: bool,
        key: &InvoiceKey,
    ) -> Result<TaxInvoice, Fault> {
        self.tax_contract(store, is_test).await?;
        let found = self.find_invoice(store, is_test, key).await?;
        Ok(found.ok_or(TaxFault::InvoiceNotFound)?.value.0)
    }

    /// A page of invoices. Deleted ones are in no list.
    pub async fn tax_invoices(
        &self,
        store: &StoreRecord,
        is_test: bool,
        (filter, mut further): (ListFilter, Vec<Condition>),
        page: Page,
    ) -> Result<PageOf<TaxInvoice>, Fault> {
        self.tax_contract(store, is_test).await?;
        further.push(Condition::Is(
            "environment",
            environment_name(is_test).into(),
        ));
        let named = filter.columns.iter().any(|(column, _)| *column == "status");
        if !named {
            let all = LISTED.iter().map(|status| (*status).into()).collect();
            further.push(Condition::In("status", all));
        }
        let found = self
            .list_page::<TaxInvoiceRecord>(&filter, further, page)
            .await?;
        Ok(PageOf {
            items: found.items.into_iter().map(|record| record.0).collect(),
            total_count: found.total_count,
        })
    }

    /// Whether an invoice with this company can still come to something.
    pub(super) async fn has_ongoing_invoice(
        &self,
        store_id: &StoreId,
        is_test: bool,
        brn: &BusinessNumber,
    ) -> Result<bool, Fault> {
        for column in ["supplier_brn", "recipient_brn"] {
            let query = naru_store::Query::of(&naru_store::tables::TAX_INVOICES, 1)
                .and(Condition::Is("store_id", store_id.as_str().into()))
                .and(Condition::Is(
                    "environment",
                    environment_name(is_test).into(),
                ))
                .and(Condition::Is(column, brn.as_str().into()))
                .and(Condition::In(
                    "status",
                    ONGOING.iter().map(|status| (*status).into()).collect(),
                ));
            if !self.store().scan(query).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Every status but that of deleted invoices.
const LISTED: [&str; 19] = [
    "DRAFTED",
    "DRAFT_PENDING",
    "DRAFT_FAILED",
    "REQUESTED",
    "REQUEST_PENDING",
    "REQUEST_FAILED",
    "REQUEST_CANCELLED",
    "ISSUED",
    "ISSUE_PENDING",
    "ISSUE_FAILED",
    "BEFORE_SENDING",
    "WAITING_SENDING",
    "SENDING",
    "SENDING_COMPLETED",
    "SENDING_FAILED",
    "REQUEST_REFUSED",
    "ISSUANCE_CANCELLED",
    "CANCEL_PENDING",
    "SENDING_PENDING",
];

/// The statuses of invoices that can still come to something.
const ONGOING: [&str; 12] = [
    "DRAFTED",
    "DRAFT_PENDING",
    "REQUESTED",
    "REQUEST_PENDING",
    "ISSUED",
    "ISSUE_PENDING",
    "BEFORE_SENDING",
    "WAITING_SENDING",
    "SENDING",
    "CANCEL_PENDING",
    "SENDING_PENDING",
    "ISSUE_FAILED",
];
