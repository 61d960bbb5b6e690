//! Invoices in the edition of 2024. It has no status for what is under way or failed: such an
//! invoice is shown in the state that it left.

use naru_domain::b2b::tax_invoice::{
    Document, ExtraContact, Item, ModificationReason, Party, Purpose, State, TaxInvoice, Taxation,
};
use naru_domain::b2b::{Closure, Side};
use naru_engine::Fault;
use naru_engine::b2b::TaxFault;
use naru_wire_v2::{self as wire, B2bPreviewTaxInvoice as Wire};

/// A variant's fields that all of them have, and those that only it has.
macro_rules! variant {
    ($name:ident, $invoice:expr, { $($extra:ident: $value:expr),* $(,)? }) => {{
        let invoice: &TaxInvoice = $invoice;
        let document = &invoice.document;
        wire::$name {
            book_issue: document.book_issue,
            book_volume: document.book_volume,
            cash_amount: document.split.cash,
            check_amount: document.split.check,
            contacts: document.contacts.iter().map(contact).collect(),
            credit_amount: document.split.credit,
            items: document.items.iter().map(item).collect(),
            modification: modification(document),
            note_amount: document.split.note,
            purpose_type: purpose(document),
            recipient: company(&document.recipient),
            recipient_document_key: invoice.keys.recipient.clone(),
            remarks: document.remarks.clone(),
            send_sms: document.send_sms,
            serial_num: document.serial_number.clone(),
            status_updated_at: invoice.status_changed_at.to_string(),
            supplier: company(&document.supplier),
            supplier_document_key: invoice.keys.supplier.clone(),
            supply_cost_total_amount: document.totals.supply,
            tax_total_amount: document.totals.tax,
            tax_type: tax_type(document),
            total_amount: document.totals.total,
            write_date: document.write_date.to_string(),
            $($extra: $value,)*
        }
    }};
}

const fn purpose(document: &Document) -> wire::B2bPreviewTaxInvoicePurposeType {
    match document.purpose {
        Purpose::Receipt => wire::B2bPreviewTaxInvoicePurposeType::Receipt,
        Purpose::Claim => wire::B2bPreviewTaxInvoicePurposeType::Invoice,
        Purpose::Unsaid => wire::B2bPreviewTaxInvoicePurposeType::None,
    }
}

const fn tax_type(document: &Document) -> wire::B2bTaxType {
    match document.taxation {
        Taxation::Taxable => wire::B2bTaxType::Taxable,
        Taxation::ZeroRated => wire::B2bTaxType::ZeroRated,
        Taxation::Exempt => wire::B2bTaxType::Free,
    }
}

fn modification(document: &Document) -> Option<wire::B2bModification> {
    use wire::B2bPreviewTaxInvoiceModificationType as Type;
    document
        .modification
        .as_ref()
        .map(|one| wire::B2bModification {
            original_nts_approve_number: one.original_approval_number.clone(),
            r#type: match one.reason {
                ModificationReason::EntryError => Type::CorrectionOfEntryErrors,
                ModificationReason::SupplyCostChange => Type::ChangeInSupplyCost,
                ModificationReason::Return => Type::Return,
                ModificationReason::ContractCancellation => Type::CancellationOfContract,
                ModificationReason::LocalLetterOfCredit => Type::PostIssuanceLocalLetterOfCredit,
                ModificationReason::DuplicateIssuance => Type::DuplicateIssuanceDueToError,
            },
        })
}

fn contact(contact: &ExtraContact) -> wire::B2bPreviewTaxInvoiceAdditionalContact {
    wire::B2bPreviewTaxInvoiceAdditionalContact {
        email: contact.email.clone(),
        name: contact.name.clone(),
    }
}

fn company(party: &Party) -> wire::B2bPreviewTaxInvoiceCompany {
    wire::B2bPreviewTaxInvoiceCompany {
        address: party.address.clone(),
        brn: party.brn.to_string(),
        business_class: party.business_class.clone(),
        business_type: party.business_type.clone(),
        ceo_name: party.representative_name.clone(),
        contact: party
            .contact
            .as_ref()
            .map(|contact| wire::B2bPreviewTaxInvoiceContact {
                department: contact.department.clone(),
                email: contact.email.clone(),
                mobile_phone_number: contact.mobile_phone_number.clone(),
                name: contact.name.clone(),
                phone_number: contact.phone_number.clone(),
            }),
        name: party.name.clone(),
        tax_registration_id: party.tax_registration_id.clone(),
    }
}

fn item(item: &Item) -> wire::B2bPreviewTaxInvoiceItem {
    wire::B2bPreviewTaxInvoiceItem {
        name: item.name.clone(),
        purchase_date: item.purchase_date.map(|day| day.to_string()),
        quantity: item.quantity.map(|number| number.value),
        quantity_scale: item.quantity.map(|number| i32::from(number.scale)),
        remark: item.remark.clone(),
        spec: item.spec.clone(),
        supply_cost_amount: item.supply,
        tax_amount: item.tax,
        unit_cost_amount: item.unit_cost.map(|number| number.value),
        unit_cost_amount_scale: item.unit_cost.map(|number| i32::from(number.scale)),
    }
}

const fn business_status(closure: Closure) -> wire::B2bPreviewCompanyStateBusinessStatus {
    if closure.is_suspended {
        wire::B2bPreviewCompanyStateBusinessStatus::Suspended
    } else {
        wire::B2bPreviewCompanyStateBusinessStatus::Closed
    }
}

fn closed_on(closure: Closure) -> Option<String> {
    closure.on.map(|day| day.to_string())
}

/// An invoice. One that never came to be, or is gone, is not there for this edition.
pub(crate) fn preview_tax_invoice(
    invoice: &TaxInvoice,
) -> Result<wire::B2bPreviewTaxInvoice, Fault> {
    Ok(match &invoice.state {
        State::Absent | State::Deleted { .. } => return Err(TaxFault::InvoiceNotFound.into()),
        State::Drafted => Wire::Registered(variant!(B2bTaxInvoiceRegistered, invoice, {})),
        State::Requested => Wire::Requested(variant!(B2bTaxInvoiceRequested, invoice, {})),
        State::RequestCancelled => {
            Wire::RequestCancelled(variant!(B2bTaxInvoiceRequestCancelled, invoice, {}))
        }
        State::RequestRefused => {
            Wire::IssuanceRefused(variant!(B2bTaxInvoiceRequestRefused, invoice, {}))
        }
        State::Issued { issued } => Wire::Issued(variant!(B2bTaxInvoiceIssued, invoice, {
            issued_at: issued.at.to_string(),
            nts_approve_number: issued.approval_number.clone(),
        })),
        State::BeforeSending { issued } => {
            Wire::BeforeSending(variant!(B2bTaxInvoiceBeforeSending, invoice, {
                issued_at: issued.at.to_string(),
                nts_approve_number: issued.approval_number.clone(),
            }))
        }
        State::WaitingSending { issued } => {
            Wire::WaitingSending(variant!(B2bTaxInvoiceWaitingSending, invoice, {
                issued_at: issued.at.to_string(),
                nts_approve_number: issued.approval_number.clone(),
            }))
        }
        State::Sending { issued, sent_at } => {
            Wire::Sending(variant!(B2bTaxInvoiceSending, invoice, {
                issued_at: issued.at.to_string(),
                nts_approve_number: issued.approval_number.clone(),
                nts_sent_at: sent_at.to_string(),
            }))
        }
        State::SendingCompleted {
            issued,
            sent_at,
            result,
        } => Wire::SendingCompleted(variant!(B2bTaxInvoiceSendingCompleted, invoice, {
            issued_at: issued.at.to_string(),
            nts_approve_number: issued.approval_number.clone(),
            nts_sent_at: sent_at.to_string(),
            nts_result: Some(result.text.clone()),
            nts_result_code: Some(result.code.clone()),
            nts_result_received_at: result.at.to_string(),
        })),
        State::SendingFailed {
            issued,
            sent_at,
            result,
        } => Wire::SendingFailed(variant!(B2bTaxInvoiceSendingFailed, invoice, {
            issued_at: issued.at.to_string(),
            nts_approve_number: issued.approval_number.clone(),
            nts_sent_at: sent_at.to_string(),
            nts_result: Some(result.text.clone()),
            nts_result_code: Some(result.code.clone()),
            nts_result_received_at: result.at.to_string(),
        })),
        State::IssuanceCancelled { issued, recipient } => {
            Wire::IssuanceCancelled(variant!(B2bTaxInvoiceIssuanceCancelled, invoice, {
                issued_at: issued.at.to_string(),
                nts_approve_number: issued.approval_number.clone(),
                recipient_business_status: recipient.map(business_status),
                recipient_closed_suspended_date: recipient.and_then(closed_on),
            }))
        }
    })
}

/// Lists have other names for three of the states.
const fn summary_status(state: &State) -> Option<wire::B2bPreviewTaxInvoiceStatus> {
    use wire::B2bPreviewTaxInvoiceStatus as Status;
    Some(match state {
        State::Absent | State::Deleted { .. } => return None,
        State::Drafted => Status::Registered,
        State::Requested => Status::Requested,
        State::RequestCancelled => Status::RequestCancelledByRecipient,
        State::RequestRefused => Status::RequestRefused,
        State::Issued { .. } => Status::Issued,
        State::BeforeSending { .. } => Status::BeforeSending,
        State::WaitingSending { .. } => Status::WaitingSending,
        State::Sending { .. } => Status::Sending,
        State::SendingCompleted { .. } => Status::SendingCompleted,
        State::SendingFailed { .. } => Status::SendingFailed,
        State::IssuanceCancelled { .. } => Status::IssuanceCancelledBySupplier,
    })
}

/// An invoice in a list; nothing for one that is not there for this edition.
pub(crate) fn preview_tax_invoice_summary(
    invoice: &TaxInvoice,
) -> Option<wire::B2bPreviewTaxInvoiceSummary> {
    let document = &invoice.document;
    let issued = invoice.state.issued();
    let result = invoice.state.result();
    let closure = invoice.state.recipient();
    let name = |side: Side| document.party(side).name.clone().unwrap_or_default();
    Some(wire::B2bPreviewTaxInvoiceSummary {
        issued_at: issued.map(|issued| issued.at.to_string()),
        nts_approve_number: issued.map(|issued| issued.approval_number.clone()),
        nts_result: result.map(|result| result.text.clone()),
        nts_result_code: result.map(|result| result.code.clone()),
        nts_result_received_at: result.map(|result| result.at.to_string()),
        nts_sent_at: invoice.state.sent_at().map(|at| at.to_string()),
        opened_at: invoice.opened_at.map(|at| at.to_string()),
        purpose_type: purpose(document),
        recipient_brn: document.recipient.brn.to_string(),
        recipient_business_status: closure.map(business_status),
        recipient_closed_suspended_date: closure.and_then(closed_on),
        recipient_document_key: invoice.keys.recipient.clone(),
        recipient_name: name(Side::Recipient),
        status: summary_status(&invoice.state)?,
        status_updated_at: invoice.status_changed_at.to_string(),
        supplier_brn: document.supplier.brn.to_string(),
        supplier_document_key: invoice.keys.supplier.clone(),
        supplier_name: name(Side::Supplier),
        supply_cost_total_amount: document.totals.supply,
        tax_total_amount: document.totals.tax,
        tax_type: tax_type(document),
    })
}
