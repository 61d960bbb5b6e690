//! Invoices to test with.

use naru_domain::b2b::Side;
use naru_domain::b2b::tax_invoice::{
    CallKind, CallOutcome, Command, Document, DocumentKeys, Event, Issuance, Issued, Item,
    NewInvoice, NtsResult, Party, PaymentSplit, Purpose, Refusal, State, TaxInvoice, Taxation,
    Totals, apply, decide,
};
use naru_domain::payment::Failure;
use naru_domain::{MerchantId, StoreId, TaxInvoiceId, Timestamp};
use uuid::Uuid;

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(0).plus_seconds(seconds)
}

pub(crate) fn party(brn: &str) -> Party {
    Party {
        brn: brn.parse().unwrap(),
        tax_registration_id: None,
        name: Some("나루상사".to_owned()),
        representative_name: Some("홍길동".to_owned()),
        address: None,
        business_type: None,
        business_class: None,
        contact: None,
        counterparty_id: None,
    }
}

pub(crate) fn document(issuance: Issuance) -> Document {
    Document {
        issuance,
        taxation: Taxation::Taxable,
        purpose: Purpose::Receipt,
        write_date: "2026-03-02".parse().unwrap(),
        supplier: party("1234567891"),
        recipient: party("9876543215"),
        totals: Totals {
            supply: 10_000,
            tax: 1_000,
            total: 11_000,
        },
        split: PaymentSplit::default(),
        items: vec![Item {
            name: Some("커피".to_owned()),
            supply: Some(10_000),
            tax: Some(1_000),
            ..Item::default()
        }],
        remarks: Vec::new(),
        book_volume: None,
        book_issue: None,
        serial_number: None,
        contacts: Vec::new(),
        send_sms: false,
        modification: None,
    }
}

pub(crate) fn keys(supplier: bool, recipient: bool) -> DocumentKeys {
    DocumentKeys {
        supplier: supplier.then(|| "S-1".to_owned()),
        recipient: recipient.then(|| "R-1".to_owned()),
    }
}

pub(crate) fn new(issuance: Issuance, keys: DocumentKeys, kind: CallKind) -> Command {
    Command::Create(Box::new(NewInvoice {
        merchant_id: MerchantId::new("merchant-1"),
        store_id: StoreId::new("store-1"),
        id: TaxInvoiceId::new(Uuid::from_u128(1)),
        is_test: true,
        bulk_id: None,
        keys,
        document: document(issuance),
        memo: None,
        kind,
        send_by: at(5),
    }))
}

pub(crate) fn call(kind: CallKind) -> Command {
    Command::Call {
        kind,
        send_by: at(5),
    }
}

pub(crate) fn signature() -> Issued {
    Issued {
        at: at(60),
        approval_number: "20260302410000000000abcd".to_owned(),
    }
}

pub(crate) fn accepted() -> NtsResult {
    NtsResult {
        code: "SUC001".to_owned(),
        text: "success".to_owned(),
        at: at(120),
    }
}

pub(crate) fn done() -> CallOutcome {
    CallOutcome::Done {
        issued: Some(signature()),
        recipient: None,
    }
}

pub(crate) fn failed() -> CallOutcome {
    CallOutcome::Failed(Failure::own("-11000005", "no such document"))
}

/// Decides and folds.
pub(crate) fn step(
    invoice: Option<TaxInvoice>,
    command: Command,
) -> Result<(TaxInvoice, Vec<Event>), Refusal> {
    let events = decide(invoice.as_ref(), command, at(100))?;
    let folded = events.iter().fold(invoice, apply);
    Ok((folded.unwrap(), events))
}

/// Makes a call and has the provider do it.
pub(crate) fn carried_out(invoice: TaxInvoice, kind: CallKind) -> Result<TaxInvoice, Refusal> {
    let (invoice, _) = step(Some(invoice), call(kind))?;
    settled(invoice, done())
}

pub(crate) fn settled(invoice: TaxInvoice, outcome: CallOutcome) -> Result<TaxInvoice, Refusal> {
    let Some(number) = invoice.call.as_ref().map(|call| call.number) else {
        return Ok(invoice);
    };
    Ok(step(Some(invoice), Command::Report { number, outcome })?.0)
}

/// A draft of an issuance with document keys of both sides.
pub(crate) fn draft(issuance: Issuance) -> TaxInvoice {
    let command = new(issuance, keys(true, true), CallKind::Draft);
    settled(step(None, command).unwrap().0, done()).unwrap()
}

/// An invoice in each state, reverse where that can be.
pub(crate) fn in_every_state() -> Vec<TaxInvoice> {
    let requested = || carried_out(draft(Issuance::Reverse), CallKind::Request).unwrap();
    let issued = || carried_out(requested(), CallKind::Issue).unwrap();
    let moved = |state: State| TaxInvoice { state, ..issued() };
    let (issued_state, sent_at) = (signature(), at(110));
    let absent = {
        let command = new(Issuance::Reverse, keys(true, true), CallKind::Draft);
        settled(step(None, command).unwrap().0, failed()).unwrap()
    };
    vec![
        absent,
        draft(Issuance::Reverse),
        draft(Issuance::Forward),
        requested(),
        carried_out(requested(), CallKind::CancelRequest).unwrap(),
        carried_out(requested(), CallKind::Refuse).unwrap(),
        issued(),
        moved(State::BeforeSending {
            issued: issued_state.clone(),
        }),
        moved(State::WaitingSending {
            issued: issued_state.clone(),
        }),
        moved(State::Sending {
            issued: issued_state.clone(),
            sent_at,
        }),
        moved(State::SendingCompleted {
            issued: issued_state.clone(),
            sent_at,
            result: accepted(),
        }),
        moved(State::SendingFailed {
            issued: issued_state,
            sent_at,
            result: accepted(),
        }),
        carried_out(issued(), CallKind::CancelIssuance).unwrap(),
        carried_out(draft(Issuance::Reverse), CallKind::Delete).unwrap(),
    ]
}

/// The key of a side, or none.
pub(crate) fn without_key(invoice: TaxInvoice, side: Side) -> TaxInvoice {
    let keys = match side {
        Side::Supplier => keys(false, true),
        Side::Recipient => keys(true, false),
    };
    TaxInvoice { keys, ..invoice }
}
