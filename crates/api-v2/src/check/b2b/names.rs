//! What the editions call the parts of an invoice, for messages.

use naru_domain::b2b::Side;
use naru_domain::b2b::tax_invoice::{ItemField, Part, PartyField};

/// The names of one edition that differ from the other's.
struct Names {
    supplier_key: &'static str,
    recipient_key: &'static str,
    representative: &'static str,
    contacts: &'static str,
    supply_total: &'static str,
    tax_total: &'static str,
}

const CURRENT: Names = Names {
    supplier_key: "supplierDocumentKey",
    recipient_key: "recipientDocumentKey",
    representative: "representativeName",
    contacts: "additionalContacts",
    supply_total: "totalSupplyAmount",
    tax_total: "totalTaxAmount",
};
const PREVIEW: Names = Names {
    representative: "ceoName",
    contacts: "contacts",
    supply_total: "supplyCostTotalAmount",
    tax_total: "taxTotalAmount",
    ..CURRENT
};

/// Today's name of a part.
pub(super) fn current(part: Part) -> String {
    name(part, &CURRENT)
}

/// The name of a part in 2024.
pub(super) fn preview(part: Part) -> String {
    name(part, &PREVIEW)
}

fn name(part: Part, names: &Names) -> String {
    let side = |side: Side| match side {
        Side::Supplier => "supplier",
        Side::Recipient => "recipient",
    };
    let field = match part {
        Part::DocumentKey(Side::Supplier) => names.supplier_key.to_owned(),
        Part::DocumentKey(Side::Recipient) => names.recipient_key.to_owned(),
        Part::Party(of, field) => {
            let field = match field {
                PartyField::TaxRegistrationId => "taxRegistrationId",
                PartyField::Name => "name",
                PartyField::RepresentativeName => names.representative,
                PartyField::Address => "address",
                PartyField::BusinessType => "businessType",
                PartyField::BusinessClass => "businessClass",
            };
            format!("{}.{field}", side(of))
        }
        Part::Remarks => "remarks".to_owned(),
        Part::Contacts => names.contacts.to_owned(),
        Part::Items => "items".to_owned(),
        Part::Item(index, field) => {
            let field = match field {
                ItemField::Name => "name",
                ItemField::Spec => "spec",
                ItemField::Quantity => "quantity",
                ItemField::UnitCost => "unitCostAmount",
                ItemField::Tax => "taxAmount",
            };
            format!("items[{index}].{field}")
        }
        Part::BookVolume => "bookVolume".to_owned(),
        Part::BookIssue => "bookIssue".to_owned(),
        Part::SupplyTotal => names.supply_total.to_owned(),
        Part::TaxTotal => names.tax_total.to_owned(),
        Part::Total => "totalAmount".to_owned(),
        Part::Split => "cashAmount, checkAmount, noteAmount and creditAmount".to_owned(),
        Part::WriteDate => "writeDate".to_owned(),
    };
    format!("taxInvoice.{field}")
}
