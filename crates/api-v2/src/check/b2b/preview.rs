//! Invoices as the edition of 2024 sends them.

use naru_domain::b2b::tax_invoice::{
    CallKind, Document, DocumentKeys, ExtraContact, Issuance, Item, ModificationReason, Party,
    PartyContact, PaymentSplit, Purpose, Taxation, Totals,
};
use naru_engine::Fault;
use naru_engine::b2b::{Edition, ModifiedInvoice, Modifies, NamedParty, WriteInvoice};
use naru_wire_v2 as wire;

use super::super::bad;
use super::super::text::text;
use super::invoice::{date, decimal, plain, remarks};
use super::key::brn;
use super::names;

const CONTACTS_MAX: usize = 3;
const TEXT_MAX: usize = 300;
const MEMO_MAX: usize = 200;
const APPROVAL_NUMBER_CHARS: usize = 24;

/// `POST /b2b-preview/tax-invoices/register`. The edition has no field for the issuance: with a
/// recipient's key the recipient writes, with a supplier's alone the supplier does.
pub(crate) fn preview_register(
    body: wire::RequestB2bTaxInvoiceRegisterBody,
    is_test: bool,
) -> Result<WriteInvoice, Fault> {
    let input = body.tax_invoice;
    let issuance = match (&input.recipient_document_key, &input.supplier_document_key) {
        (Some(_), _) => Issuance::Reverse,
        (None, Some(_)) => Issuance::Forward,
        (None, None) => {
            return Err(bad(
                "taxInvoice.recipientDocumentKey",
                "a document key of at least one side: without one the invoice could not be named",
            ));
        }
    };
    write(input, None, (is_test, CallKind::Draft, issuance))
}

/// `POST /b2b-preview/tax-invoices/request-reverse-issuance`
pub(crate) fn preview_reverse_request(
    body: wire::RequestB2bTaxInvoiceReverseIssuanceRequestBody,
    is_test: bool,
) -> Result<WriteInvoice, Fault> {
    if body.tax_invoice.recipient_document_key.is_none() {
        return Err(bad(
            "taxInvoice.recipientDocumentKey",
            "the recipient's document key: the recipient requests",
        ));
    }
    write(
        body.tax_invoice,
        body.memo,
        (is_test, CallKind::DraftAndRequest, Issuance::Reverse),
    )
}

const fn taxation(sent: wire::B2bTaxType) -> Taxation {
    match sent {
        wire::B2bTaxType::Taxable => Taxation::Taxable,
        wire::B2bTaxType::ZeroRated => Taxation::ZeroRated,
        wire::B2bTaxType::Free => Taxation::Exempt,
    }
}

fn write(
    input: wire::B2bPreviewTaxInvoiceInput,
    memo: Option<String>,
    (is_test, kind, issuance): (bool, CallKind, Issuance),
) -> Result<WriteInvoice, Fault> {
    let supplier = party("supplier", input.supplier)?;
    let recipient = party("recipient", input.recipient)?;
    let named = [&supplier, &recipient].map(|party| NamedParty {
        brn: Some(party.brn.clone()),
        counterparty_id: None,
    });
    let modifies = input.modification.map(modifies).transpose()?;
    let document = Document {
        issuance,
        taxation: taxation(input.tax_type),
        purpose: match input.purpose_type {
            wire::B2bPreviewTaxInvoicePurposeType::Receipt => Purpose::Receipt,
            wire::B2bPreviewTaxInvoicePurposeType::Invoice => Purpose::Claim,
            wire::B2bPreviewTaxInvoicePurposeType::None => Purpose::Unsaid,
        },
        write_date: date("taxInvoice.writeDate", &input.write_date)?,
        supplier,
        recipient,
        totals: Totals {
            supply: input.supply_cost_total_amount,
            tax: input.tax_total_amount,
            total: input.total_amount,
        },
        split: PaymentSplit {
            cash: input.cash_amount,
            check: input.check_amount,
            note: input.note_amount,
            credit: input.credit_amount,
        },
        items: (0..)
            .zip(input.items.unwrap_or_default())
            .map(item)
            .collect::<Result<_, _>>()?,
        remarks: remarks(input.remarks)?,
        book_volume: input.book_volume,
        book_issue: input.book_issue,
        serial_number: plain("taxInvoice.serialNum", input.serial_num)?,
        contacts: input
            .contacts
            .unwrap_or_default()
            .into_iter()
            .map(extra_contact)
            .collect::<Result<_, _>>()?,
        send_sms: input.send_sms.unwrap_or(false),
        modification: None,
    };
    Ok(WriteInvoice {
        edition: Edition::Preview,
        is_test,
        keys: DocumentKeys {
            supplier: input.supplier_document_key,
            recipient: input.recipient_document_key,
        },
        document,
        named,
        memo: memo.map(|memo| text("memo", memo, MEMO_MAX)).transpose()?,
        kind,
        modifies,
        creates_recipient: false,
        uses_counterparty_contacts: false,
        contacts_max: CONTACTS_MAX,
        name_of: names::preview,
    })
}

fn modifies(body: wire::B2bModification) -> Result<Modifies, Fault> {
    use wire::B2bPreviewTaxInvoiceModificationType as Type;
    let number = body.original_nts_approve_number;
    if number.len() != APPROVAL_NUMBER_CHARS || !number.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(bad(
            "taxInvoice.modification.originalNtsApproveNumber",
            "the tax office's approval number: 24 letters and digits",
        ));
    }
    Ok(Modifies {
        reason: match body.r#type {
            Type::CorrectionOfEntryErrors => ModificationReason::EntryError,
            Type::ChangeInSupplyCost => ModificationReason::SupplyCostChange,
            Type::Return => ModificationReason::Return,
            Type::CancellationOfContract => ModificationReason::ContractCancellation,
            Type::PostIssuanceLocalLetterOfCredit => ModificationReason::LocalLetterOfCredit,
            Type::DuplicateIssuanceDueToError => ModificationReason::DuplicateIssuance,
        },
        original: ModifiedInvoice::ApprovalNumber(number),
    })
}

fn party(side: &str, company: wire::B2bPreviewTaxInvoiceCompany) -> Result<Party, Fault> {
    let field = |name: &str| format!("taxInvoice.{side}.{name}");
    let contact = company
        .contact
        .map(|contact| {
            Ok::<_, Fault>(PartyContact {
                name: plain(&field("contact.name"), contact.name)?,
                department: plain(&field("contact.department"), contact.department)?,
                phone_number: plain(&field("contact.phoneNumber"), contact.phone_number)?,
                mobile_phone_number: plain(
                    &field("contact.mobilePhoneNumber"),
                    contact.mobile_phone_number,
                )?,
                email: plain(&field("contact.email"), contact.email)?,
            })
        })
        .transpose()?;
    Ok(Party {
        brn: brn(&field("brn"), &company.brn)?,
        tax_registration_id: company.tax_registration_id,
        name: plain(&field("name"), company.name)?,
        representative_name: plain(&field("ceoName"), company.ceo_name)?,
        address: plain(&field("address"), company.address)?,
        business_type: plain(&field("businessType"), company.business_type)?,
        business_class: plain(&field("businessClass"), company.business_class)?,
        contact,
        counterparty_id: None,
    })
}

fn extra_contact(
    contact: wire::B2bPreviewTaxInvoiceAdditionalContact,
) -> Result<ExtraContact, Fault> {
    let field = "taxInvoice.contacts";
    Ok(ExtraContact {
        name: plain(field, contact.name)?,
        email: text(field, contact.email, TEXT_MAX)?,
        phone_number: None,
    })
}

fn item((index, item): (usize, wire::B2bPreviewTaxInvoiceItem)) -> Result<Item, Fault> {
    let field = |name: &str| format!("taxInvoice.items[{index}].{name}");
    let number = |name: &str, value: Option<i64>, scale| {
        value
            .map(|value| decimal(&field(name), value, scale))
            .transpose()
    };
    Ok(Item {
        purchase_date: item
            .purchase_date
            .map(|day| date(&field("purchaseDate"), &day))
            .transpose()?,
        quantity: number("quantity", item.quantity, item.quantity_scale)?,
        unit_cost: number(
            "unitCostAmount",
            item.unit_cost_amount,
            item.unit_cost_amount_scale,
        )?,
        name: plain(&field("name"), item.name)?,
        spec: plain(&field("spec"), item.spec)?,
        supply: item.supply_cost_amount,
        tax: item.tax_amount,
        remark: plain(&field("remark"), item.remark)?,
    })
}
