//! Tax invoices to write.

use naru_domain::b2b::tax_invoice::{
    CallKind, Document, DocumentKeys, Issuance, Party, PaymentSplit, Purpose, Taxation, Totals,
};
use naru_engine::b2b::{Edition, NamedParty, WriteInvoice};

use crate::seed::OTHER_BRN;

fn party() -> Party {
    Party {
        brn: "0000000000".parse().expect("a number"),
        tax_registration_id: None,
        name: None,
        representative_name: None,
        address: None,
        business_type: None,
        business_class: None,
        contact: None,
        counterparty_id: None,
    }
}

/// An invoice that the other company is to sign: its keys end in this one, its tax is a tenth.
pub fn written_invoice(key: &str, supply: i64) -> WriteInvoice {
    WriteInvoice {
        edition: Edition::Current,
        is_test: true,
        keys: DocumentKeys {
            supplier: Some(format!("S-{key}")),
            recipient: Some(format!("R-{key}")),
        },
        document: Document {
            issuance: Issuance::Reverse,
            taxation: Taxation::Taxable,
            purpose: Purpose::Claim,
            write_date: "2026-01-01".parse().expect("a date"),
            supplier: party(),
            recipient: party(),
            totals: Totals {
                supply,
                tax: supply / 10,
                total: supply + supply / 10,
            },
            split: PaymentSplit::default(),
            items: Vec::new(),
            remarks: Vec::new(),
            book_volume: None,
            book_issue: None,
            serial_number: None,
            contacts: Vec::new(),
            send_sms: false,
            modification: None,
        },
        named: [
            NamedParty {
                brn: OTHER_BRN.parse().ok(),
                counterparty_id: None,
            },
            NamedParty::default(),
        ],
        memo: None,
        kind: CallKind::Draft,
        modifies: None,
        creates_recipient: false,
        uses_counterparty_contacts: false,
        contacts_max: 5,
        name_of: |part| format!("{part:?}"),
    }
}
