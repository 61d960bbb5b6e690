//! Changing a draft: its content, and the files on it.

use naru_domain::b2b::Side;
use naru_domain::b2b::tax_invoice::{Attachment, CallKind, Change};

use super::act::{ActOnInvoice, InvoiceNote};
use super::read::InvoiceKey;
use super::write::WriteInvoice;
use super::{Edition, TaxFault};
use crate::payments::CallContext;
use crate::{Answer, Engine, Fault};

impl Engine {
    /// Replaces what a draft says. Its document keys and what it modifies stay.
    pub async fn update_draft(
        &self,
        context: CallContext,
        key: InvoiceKey,
        mut request: WriteInvoice,
    ) -> Result<Answer, Fault> {
        let contract = self.tax_contract(&context.store, request.is_test).await?;
        let found = self
            .find_invoice(&context.store, request.is_test, &key)
            .await?
            .ok_or(TaxFault::InvoiceNotFound)?;
        let draft = found.value.0;
        for side in [Side::Supplier, Side::Recipient] {
            let given = request.keys.of(side);
            if given.is_some() && given != draft.keys.of(side) {
                return Err(TaxFault::DocumentKeyCannotBeChanged.into());
            }
        }
        request
            .document
            .modification
            .clone_from(&draft.document.modification);
        self.complete_document(&context.store, &contract, &mut request)
            .await?;
        if request.document.issuance != draft.document.issuance {
            return Err(TaxFault::IssuanceTypeMismatch.into());
        }
        let change = Change {
            document: request.document,
            memo: request.memo,
        };
        let kind = CallKind::Update {
            change: Box::new(change),
        };
        self.act_on_invoice(
            context,
            ActOnInvoice {
                edition: Edition::Current,
                is_test: request.is_test,
                key,
                kind,
                note: InvoiceNote::default(),
            },
        )
        .await
    }

    /// Attaches an uploaded file to a draft.
    pub async fn attach_file(
        &self,
        context: CallContext,
        (is_test, key): (bool, InvoiceKey),
        file_id: &str,
    ) -> Result<Answer, Fault> {
        // Refused in the order of every other step; the file comes last.
        self.tax_contract(&context.store, is_test).await?;
        self.find_invoice(&context.store, is_test, &key)
            .await?
            .ok_or(TaxFault::InvoiceNotFound)?;
        let file = self
            .file_row(&context.store.id, file_id)
            .await?
            .map(|found| found.value)
            .filter(|file| file.size.is_some())
            .ok_or(TaxFault::FileNotFound)?;
        let attachment = Attachment {
            id: self.new_uuid().to_string(),
            file_id: file.id,
            name: file.name,
            at: self.now(),
        };
        self.act_on_invoice(
            context,
            ActOnInvoice {
                edition: Edition::Current,
                is_test,
                key,
                kind: CallKind::Attach { attachment },
                note: InvoiceNote::default(),
            },
        )
        .await
    }
}
