//! Invoices in today's edition.

use naru_domain::Timestamp;
use naru_domain::b2b::tax_invoice::{
    Document, Issuance, Item, ModificationReason, Party, Purpose, TaxInvoice, Taxation,
};
use naru_domain::b2b::{Decimal, Side};
use naru_engine::Fault;
use naru_engine::records::tax_invoice_status;
use naru_wire_v2 as wire;

use crate::view::known;

/// A sum type of the contract by its name.
fn status(invoice: &TaxInvoice) -> Result<wire::B2bTaxInvoiceStatus, Fault> {
    let name = tax_invoice_status(invoice);
    known("status", wire::B2bTaxInvoiceStatus::parse(name))
}

const fn issuance(document: &Document) -> wire::B2bTaxInvoiceIssuanceType {
    match document.issuance {
        Issuance::Forward => wire::B2bTaxInvoiceIssuanceType::Normal,
        Issuance::Reverse => wire::B2bTaxInvoiceIssuanceType::Reverse,
    }
}

const fn taxation(document: &Document) -> wire::B2bTaxInvoiceTaxationType {
    match document.taxation {
        Taxation::Taxable => wire::B2bTaxInvoiceTaxationType::Taxable,
        Taxation::ZeroRated => wire::B2bTaxInvoiceTaxationType::ZeroRated,
        Taxation::Exempt => wire::B2bTaxInvoiceTaxationType::Free,
    }
}

const fn purpose(document: &Document) -> wire::B2bTaxInvoicePurposeType {
    match document.purpose {
        Purpose::Receipt => wire::B2bTaxInvoicePurposeType::Receipt,
        Purpose::Claim => wire::B2bTaxInvoicePurposeType::Invoice,
        Purpose::Unsaid => wire::B2bTaxInvoicePurposeType::None,
    }
}

const fn modification_type(document: &Document) -> wire::B2bTaxInvoiceDocumentModificationType {
    match document.modification {
        Some(_) => wire::B2bTaxInvoiceDocumentModificationType::Modification,
        None => wire::B2bTaxInvoiceDocumentModificationType::Normal,
    }
}

/// Today's edition has five reasons; an invoice that was written in 2024's with the sixth (a local
/// letter of credit) is shown as the change of supply cost that it amounts to.
const fn reason(reason: ModificationReason) -> wire::B2bTaxInvoiceModificationType {
    use wire::B2bTaxInvoiceModificationType as Type;
    match reason {
        ModificationReason::EntryError => Type::CorrectionOfEntryErrors,
        ModificationReason::SupplyCostChange | ModificationReason::LocalLetterOfCredit => {
            Type::ChangeInSupplyCost
        }
        ModificationReason::Return => Type::Return,
        ModificationReason::ContractCancellation => Type::CancellationOfContract,
        ModificationReason::DuplicateIssuance => Type::DuplicateIssuanceDueToError,
    }
}

fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

/// An invoice.
pub(crate) fn tax_invoice(
    invoice: &TaxInvoice,
    now: Timestamp,
) -> Result<wire::B2bTaxInvoice, Fault> {
    let document = &invoice.document;
    let issued = invoice.state.issued();
    let result = invoice.state.result();
    Ok(wire::B2bTaxInvoice {
        additional_contacts: document
            .contacts
            .iter()
            .map(|contact| wire::B2bTaxInvoiceAdditionalContact {
                email: contact.email.clone(),
                name: contact.name.clone(),
                phone_number: contact.phone_number.clone(),
            })
            .collect(),
        book_issue: document.book_issue,
        book_volume: document.book_volume,
        bulk_tax_invoice_id: invoice.bulk_id.clone(),
        cash_amount: document.split.cash,
        check_amount: document.split.check,
        credit_amount: document.split.credit,
        // What is deleted is not found any more.
        deleted_at: None,
        document_modification_type: modification_type(document),
        drafted_at: time(invoice.drafted_at),
        id: invoice.id.to_string(),
        is_delayed: Some(invoice.is_delayed(now)),
        issuance_due_date: invoice.issuance_due().to_string(),
        issuance_type: issuance(document),
        issued_at: issued.map(|issued| issued.at.to_string()),
        items: document.items.iter().map(item).collect(),
        memo: invoice.memo.clone(),
        modification: document.modification.as_ref().map(|one| {
            let original = one.original_id.clone().unwrap_or_default();
            wire::B2bTaxInvoiceModification {
                original_nts_approval_number: one.original_approval_number.clone(),
                root_tax_invoice_id: one.root_id.clone().unwrap_or_else(|| original.clone()),
                original_tax_invoice_id: original,
                r#type: reason(one.reason),
            }
        }),
        note_amount: document.split.note,
        nts_approval_number: issued.map(|issued| issued.approval_number.clone()),
        nts_result: result.map(|result| result.text.clone()),
        nts_result_code: result.map(|result| result.code.clone()),
        nts_result_received_at: result.map(|result| result.at.to_string()),
        nts_sent_at: time(invoice.state.sent_at()),
        purpose_type: purpose(document),
        recipient: company(&document.recipient),
        recipient_document_key: invoice.keys.recipient.clone(),
        remarks: document.remarks.clone(),
        requested_at: time(invoice.requested_at),
        send_sms: Some(document.send_sms),
        serial_number: document.serial_number.clone(),
        status: status(invoice)?,
        status_updated_at: Some(invoice.status_changed_at.to_string()),
        supplier: company(&document.supplier),
        supplier_document_key: invoice.keys.supplier.clone(),
        taxation_type: taxation(document),
        total_amount: document.totals.total,
        total_supply_amount: document.totals.supply,
        total_tax_amount: document.totals.tax,
        write_date: document.write_date.to_string(),
    })
}

fn company(party: &Party) -> wire::B2bTaxInvoiceCompany {
    wire::B2bTaxInvoiceCompany {
        address: party.address.clone(),
        brn: Some(party.brn.to_string()),
        business_class: party.business_class.clone(),
        business_type: party.business_type.clone(),
        contact: party
            .contact
            .as_ref()
            .map(|contact| wire::B2bTaxInvoiceContact {
                department: contact.department.clone(),
                email: contact.email.clone().unwrap_or_default(),
                mobile_phone_number: contact.mobile_phone_number.clone(),
                name: contact.name.clone(),
                phone_number: contact.phone_number.clone(),
            }),
        counterparty_id: party.counterparty_id.clone(),
        name: party.name.clone(),
        representative_name: party.representative_name.clone(),
        tax_registration_id: party.tax_registration_id.clone(),
    }
}

fn decimal(number: Decimal) -> wire::Decimal {
    wire::Decimal {
        scale: Some(i32::from(number.scale)),
        value: number.value,
    }
}

fn item(item: &Item) -> wire::B2bTaxInvoiceItem {
    wire::B2bTaxInvoiceItem {
        name: item.name.clone(),
        purchase_date: item.purchase_date.map(|day| day.to_string()),
        quantity: item.quantity.map(decimal),
        remark: item.remark.clone(),
        spec: item.spec.clone(),
        supply_cost_amount: item.supply,
        tax_amount: item.tax,
        unit_cost_amount: item.unit_cost.map(decimal),
    }
}

/// An invoice in a list.
pub(crate) fn tax_invoice_summary(
    invoice: &TaxInvoice,
    now: Timestamp,
) -> Result<wire::B2bTaxInvoiceSummary, Fault> {
    let document = &invoice.document;
    let issued = invoice.state.issued();
    let result = invoice.state.result();
    let closure = invoice.state.recipient();
    let name = |side: Side| document.party(side).name.clone().unwrap_or_default();
    let representative = |side: Side| {
        let name = &document.party(side).representative_name;
        name.clone().unwrap_or_default()
    };
    Ok(wire::B2bTaxInvoiceSummary {
        bulk_tax_invoice_id: invoice.bulk_id.clone(),
        document_modification_type: modification_type(document),
        drafted_at: time(invoice.drafted_at),
        id: invoice.id.to_string(),
        is_delayed: Some(invoice.is_delayed(now)),
        issuance_due_date: invoice.issuance_due().to_string(),
        issuance_type: issuance(document),
        issued_at: issued.map(|issued| issued.at.to_string()),
        items: document.items.iter().map(item).collect(),
        memo: invoice.memo.clone(),
        nts_approval_number: issued.map(|issued| issued.approval_number.clone()),
        nts_result: result.map(|result| result.text.clone()),
        nts_result_code: result.map(|result| result.code.clone()),
        nts_result_received_at: result.map(|result| result.at.to_string()),
        nts_sent_at: time(invoice.state.sent_at()),
        opened_at: time(invoice.opened_at),
        payout_id: None,
        purpose_type: purpose(document),
        recipient_brn: document.recipient.brn.to_string(),
        recipient_business_status: closure.map(|closure| {
            if closure.is_suspended {
                wire::B2bCompanyStateBusinessStatus::Suspended
            } else {
                wire::B2bCompanyStateBusinessStatus::Closed
            }
        }),
        recipient_closed_suspended_date: closure
            .and_then(|closure| closure.on)
            .map(|day| day.to_string()),
        recipient_counterparty_id: document.recipient.counterparty_id.clone(),
        recipient_document_key: invoice.keys.recipient.clone(),
        recipient_name: name(Side::Recipient),
        recipient_representative_name: representative(Side::Recipient),
        requested_at: time(invoice.requested_at),
        status: status(invoice)?,
        status_updated_at: invoice.status_changed_at.to_string(),
        supplier_brn: document.supplier.brn.to_string(),
        supplier_counterparty_id: document.supplier.counterparty_id.clone(),
        supplier_document_key: invoice.keys.supplier.clone(),
        supplier_name: name(Side::Supplier),
        supplier_representative_name: representative(Side::Supplier),
        taxation_type: taxation(document),
        total_amount: document.totals.total,
        total_supply_amount: document.totals.supply,
        total_tax_amount: document.totals.tax,
        write_date: document.write_date.to_string(),
    })
}
