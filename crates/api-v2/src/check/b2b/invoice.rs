//! Invoices as today's edition sends them.

use naru_domain::b2b::tax_invoice::{
    CallKind, Document, DocumentKeys, ExtraContact, Issuance, Item, ModificationReason, Party,
    PartyContact, PaymentSplit, Purpose, Taxation, Totals,
};
use naru_domain::b2b::{BusinessNumber, CivilDate, Decimal};
use naru_engine::Fault;
use naru_engine::b2b::{Edition, InvoiceKey, ModifiedInvoice, Modifies, NamedParty, WriteInvoice};
use naru_wire_v2 as wire;

use super::super::bad;
use super::super::text::text;
use super::key::{brn, invoice_key};
use super::names;

const CONTACTS_MAX: usize = 5;
/// Characters of texts that the contract does not limit.
const TEXT_MAX: usize = 300;
const MEMO_MAX: usize = 200;

/// `POST /b2b/tax-invoices/draft`
pub(crate) fn draft(
    body: wire::DraftB2bTaxInvoiceBody,
    is_test: bool,
) -> Result<WriteInvoice, Fault> {
    let modifies = modifies(body.modification)?;
    let mut write = write(body.tax_invoice, body.memo, (is_test, CallKind::Draft))?;
    write.modifies = modifies;
    write.creates_recipient = body.create_recipient_counterparty.unwrap_or(false);
    Ok(write)
}

/// `POST /b2b/tax-invoices/issue-immediately`: forward, whatever the default says.
pub(crate) fn issue_immediately(
    mut body: wire::IssueB2bTaxInvoiceImmediatelyBody,
    is_test: bool,
) -> Result<WriteInvoice, Fault> {
    if body.tax_invoice.issuance_type == Some(wire::B2bTaxInvoiceIssuanceType::Reverse) {
        return Err(bad(
            "taxInvoice.issuanceType",
            "NORMAL: the supplier issues what it wrote",
        ));
    }
    body.tax_invoice.issuance_type = Some(wire::B2bTaxInvoiceIssuanceType::Normal);
    let modifies = modifies(body.modification)?;
    let mut write = write(
        body.tax_invoice,
        body.memo,
        (is_test, CallKind::DraftAndIssue),
    )?;
    write.modifies = modifies;
    write.creates_recipient = body.create_recipient_counterparty.unwrap_or(false);
    Ok(write)
}

/// `POST /b2b/tax-invoices/request-reverse-issuance`
pub(crate) fn reverse_request(
    body: wire::RequestB2bTaxInvoiceReverseIssuanceBody,
    is_test: bool,
) -> Result<WriteInvoice, Fault> {
    if body.tax_invoice.issuance_type == Some(wire::B2bTaxInvoiceIssuanceType::Normal) {
        return Err(bad(
            "taxInvoice.issuanceType",
            "REVERSE: the recipient requests what it wrote",
        ));
    }
    let modifies = modifies(body.modification)?;
    let mut write = write(
        body.tax_invoice,
        body.memo,
        (is_test, CallKind::DraftAndRequest),
    )?;
    write.modifies = modifies;
    Ok(write)
}

/// `PUT /b2b/tax-invoices/draft`: the key's type is the recipient's unless said otherwise.
pub(crate) fn draft_change(
    body: wire::UpdateB2bTaxInvoiceDraftBody,
    is_test: bool,
) -> Result<(InvoiceKey, WriteInvoice), Fault> {
    let kind = body
        .tax_invoice_key_type
        .unwrap_or(wire::B2bTaxInvoiceKeyType::Recipient);
    let key = invoice_key(&body.tax_invoice_key, Some(kind), body.brn.as_deref())?;
    let write = write(body.tax_invoice, body.memo, (is_test, CallKind::Draft))?;
    Ok((key, write))
}

fn modifies(
    body: Option<wire::B2bTaxInvoiceModificationCreateBody>,
) -> Result<Option<Modifies>, Fault> {
    let Some(body) = body else { return Ok(None) };
    let kind = body
        .tax_invoice_key_type
        .unwrap_or(wire::B2bTaxInvoiceKeyType::Recipient);
    let key = invoice_key(&body.tax_invoice_key, Some(kind), body.brn.as_deref())?;
    Ok(Some(Modifies {
        reason: reason(body.r#type),
        original: ModifiedInvoice::Ours(key),
    }))
}

const fn reason(reason: wire::B2bTaxInvoiceModificationType) -> ModificationReason {
    use wire::B2bTaxInvoiceModificationType as Type;
    match reason {
        Type::CorrectionOfEntryErrors => ModificationReason::EntryError,
        Type::ChangeInSupplyCost => ModificationReason::SupplyCostChange,
        Type::Return => ModificationReason::Return,
        Type::CancellationOfContract => ModificationReason::ContractCancellation,
        Type::DuplicateIssuanceDueToError => ModificationReason::DuplicateIssuance,
    }
}

const fn taxation(sent: wire::B2bTaxInvoiceTaxationType) -> Taxation {
    match sent {
        wire::B2bTaxInvoiceTaxationType::Taxable => Taxation::Taxable,
        wire::B2bTaxInvoiceTaxationType::ZeroRated => Taxation::ZeroRated,
        wire::B2bTaxInvoiceTaxationType::Free => Taxation::Exempt,
    }
}

fn write(
    input: wire::B2bTaxInvoiceInput,
    memo: Option<String>,
    (is_test, kind): (bool, CallKind),
) -> Result<WriteInvoice, Fault> {
    let (supplier, supplier_named) = match input.supplier {
        Some(company) => party("supplier", company)?,
        None => (empty_party()?, NamedParty::default()),
    };
    let (recipient, recipient_named) = party("recipient", input.recipient)?;
    let document = Document {
        issuance: match input.issuance_type {
            Some(wire::B2bTaxInvoiceIssuanceType::Normal) => Issuance::Forward,
            Some(wire::B2bTaxInvoiceIssuanceType::Reverse) | None => Issuance::Reverse,
        },
        taxation: taxation(input.taxation_type),
        purpose: match input.purpose_type {
            wire::B2bTaxInvoicePurposeType::Receipt => Purpose::Receipt,
            wire::B2bTaxInvoicePurposeType::Invoice => Purpose::Claim,
            wire::B2bTaxInvoicePurposeType::None => Purpose::Unsaid,
        },
        write_date: date("taxInvoice.writeDate", &input.write_date)?,
        supplier,
        recipient,
        totals: Totals {
            supply: input.total_supply_amount,
            tax: input.total_tax_amount,
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
        serial_number: plain("taxInvoice.serialNumber", input.serial_number)?,
        contacts: input
            .additional_contacts
            .unwrap_or_default()
            .into_iter()
            .map(extra_contact)
            .collect::<Result<_, _>>()?,
        send_sms: input.send_sms.unwrap_or(false),
        modification: None,
    };
    Ok(WriteInvoice {
        edition: Edition::Current,
        is_test,
        keys: DocumentKeys {
            supplier: input.supplier_document_key,
            recipient: input.recipient_document_key,
        },
        document,
        named: [supplier_named, recipient_named],
        memo: memo.map(|memo| text("memo", memo, MEMO_MAX)).transpose()?,
        kind,
        modifies: None,
        creates_recipient: false,
        uses_counterparty_contacts: input.use_counterparty_additional_contacts.unwrap_or(false),
        contacts_max: CONTACTS_MAX,
        name_of: names::current,
    })
}

/// A date of the form `yyyy-MM-dd`.
pub(super) fn date(field: &str, text: &str) -> Result<CivilDate, Fault> {
    text.parse()
        .map_err(|_| bad(field, "a date of the form `yyyy-MM-dd`"))
}

/// A text of a length that nothing else limits.
pub(super) fn plain(field: &str, value: Option<String>) -> Result<Option<String>, Fault> {
    value.map(|value| text(field, value, TEXT_MAX)).transpose()
}

/// The remarks.
pub(super) fn remarks(remarks: Option<Vec<String>>) -> Result<Vec<String>, Fault> {
    remarks
        .unwrap_or_default()
        .into_iter()
        .map(|remark| text("taxInvoice.remarks", remark, TEXT_MAX))
        .collect()
}

/// A number with its scale.
pub(super) fn decimal(field: &str, value: i64, scale: Option<i32>) -> Result<Decimal, Fault> {
    Decimal::new(value, scale.unwrap_or(0))
        .ok_or_else(|| bad(field, "a number with a scale of 0 to 2"))
}

/// A party that the merchant's own company takes the place of.
fn empty_party() -> Result<Party, Fault> {
    // Replaced before anything is written.
    let placeholder: BusinessNumber = "0000000000"
        .parse()
        .map_err(|_| Fault::internal("the number of no company"))?;
    Ok(Party {
        brn: placeholder,
        tax_registration_id: None,
        name: None,
        representative_name: None,
        address: None,
        business_type: None,
        business_class: None,
        contact: None,
        counterparty_id: None,
    })
}

fn party(side: &str, company: wire::B2bTaxInvoiceCompany) -> Result<(Party, NamedParty), Fault> {
    let field = |name: &str| format!("taxInvoice.{side}.{name}");
    let number = company
        .brn
        .map(|text| brn(&field("brn"), &text))
        .transpose()?;
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
                email: Some(text(&field("contact.email"), contact.email, TEXT_MAX)?),
            })
        })
        .transpose()?;
    let party = Party {
        tax_registration_id: company.tax_registration_id,
        name: plain(&field("name"), company.name)?,
        representative_name: plain(&field("representativeName"), company.representative_name)?,
        address: plain(&field("address"), company.address)?,
        business_type: plain(&field("businessType"), company.business_type)?,
        business_class: plain(&field("businessClass"), company.business_class)?,
        contact,
        ..empty_party()?
    };
    let named = NamedParty {
        brn: number,
        counterparty_id: plain(&field("counterpartyId"), company.counterparty_id)?,
    };
    Ok((party, named))
}

fn extra_contact(contact: wire::B2bTaxInvoiceAdditionalContact) -> Result<ExtraContact, Fault> {
    let field = "taxInvoice.additionalContacts";
    Ok(ExtraContact {
        name: plain(field, contact.name)?,
        email: text(field, contact.email, TEXT_MAX)?,
        phone_number: plain(field, contact.phone_number)?,
    })
}

fn item((index, item): (usize, wire::B2bTaxInvoiceItem)) -> Result<Item, Fault> {
    let field = |name: &str| format!("taxInvoice.items[{index}].{name}");
    let number = |name: &str, value: Option<wire::Decimal>| {
        value
            .map(|one| decimal(&field(name), one.value, one.scale))
            .transpose()
    };
    Ok(Item {
        purchase_date: item
            .purchase_date
            .map(|day| date(&field("purchaseDate"), &day))
            .transpose()?,
        quantity: number("quantity", item.quantity)?,
        unit_cost: number("unitCostAmount", item.unit_cost_amount)?,
        name: plain(&field("name"), item.name)?,
        spec: plain(&field("spec"), item.spec)?,
        supply: item.supply_cost_amount,
        tax: item.tax_amount,
        remark: plain(&field("remark"), item.remark)?,
    })
}
