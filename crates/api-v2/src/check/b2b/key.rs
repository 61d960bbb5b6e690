//! How requests name companies and invoices.

use naru_domain::b2b::{BusinessNumber, Side};
use naru_engine::Fault;
use naru_engine::b2b::{InvoiceKey, InvoiceKeyKind, InvoiceNote};
use naru_wire_v2 as wire;

use super::super::bad;
use super::super::text::text as short;
use crate::extract::Flags;

const MEMO_MAX: usize = 200;
const SUBJECT_MAX: usize = 300;

/// A business registration number.
pub(crate) fn brn(field: &str, text: &str) -> Result<BusinessNumber, Fault> {
    text.parse().map_err(|_| {
        bad(
            field,
            "a business registration number: ten digits without hyphens, the check digit right",
        )
    })
}

/// The invoice that a path names, today.
pub(crate) fn path_key(text: &str, flags: &Flags) -> Result<InvoiceKey, Fault> {
    invoice_key(text, flags.tax_invoice_key_type, flags.brn.as_deref())
}

/// An invoice by id, or by a side's document key.
pub(crate) fn invoice_key(
    text: &str,
    kind: Option<wire::B2bTaxInvoiceKeyType>,
    company: Option<&str>,
) -> Result<InvoiceKey, Fault> {
    let side = match kind.unwrap_or(wire::B2bTaxInvoiceKeyType::TaxInvoiceId) {
        wire::B2bTaxInvoiceKeyType::TaxInvoiceId => {
            return Ok(InvoiceKey {
                kind: InvoiceKeyKind::Id,
                text: plain(text),
            });
        }
        wire::B2bTaxInvoiceKeyType::Supplier => Side::Supplier,
        wire::B2bTaxInvoiceKeyType::Recipient => Side::Recipient,
    };
    let company = company.ok_or_else(|| {
        bad(
            "brn",
            "the company of the side that the key type names: it is needed with a document key",
        )
    })?;
    Ok(InvoiceKey {
        kind: InvoiceKeyKind::Document(side, brn("brn", company)?),
        text: plain(text),
    })
}

/// The invoice that a path names, in 2024.
pub(crate) fn preview_path_key(text: &str, flags: &Flags) -> Result<InvoiceKey, Fault> {
    let company = flags.brn.as_deref().unwrap_or_default();
    preview_key(company, text, flags.document_key_type)
}

/// The invoice that a body names, in 2024: by the recipient's key unless said otherwise.
pub(crate) fn preview_key(
    company: &str,
    text: &str,
    kind: Option<wire::B2bTaxInvoiceDocumentKeyType>,
) -> Result<InvoiceKey, Fault> {
    let side = match kind {
        Some(wire::B2bTaxInvoiceDocumentKeyType::Supplier) => Side::Supplier,
        Some(wire::B2bTaxInvoiceDocumentKeyType::Recipient) | None => Side::Recipient,
    };
    Ok(InvoiceKey {
        kind: InvoiceKeyKind::Document(side, brn("brn", company)?),
        text: plain(text),
    })
}

/// What no row can have as its key names nothing.
fn plain(text: &str) -> String {
    text.replace('\0', "")
}

/// What goes along with a step.
pub(crate) fn note(
    memo: Option<String>,
    email_subject: Option<String>,
) -> Result<InvoiceNote, Fault> {
    Ok(InvoiceNote {
        memo: memo.map(|memo| short("memo", memo, MEMO_MAX)).transpose()?,
        email_subject: email_subject
            .map(|subject| short("emailSubject", subject, SUBJECT_MAX))
            .transpose()?,
    })
}
