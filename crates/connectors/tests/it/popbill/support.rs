//! Invoices, contracts and a driver for the tests here.

use bytes::Bytes;
use naru_connector::Secret;
use naru_connector::tax::{
    AttachedFile, CompanyJoin, InvoiceCall, InvoiceRef, JoinContact, Note, TaxOperation,
    TaxOutcome, TaxProvider, Written,
};
use naru_connector::{Answer, BeginError, Call, ChannelSettings, Exchange, Input, Request, Step};
use naru_domain::Timestamp;
use naru_domain::b2b::tax_invoice::{
    Document, DocumentKeys, ExtraContact, Issuance, Item, Modification, ModificationReason, Party,
    PartyContact, PaymentSplit, Purpose, Taxation, Totals,
};
use naru_domain::b2b::{BusinessNumber, Decimal, Side};
use serde_json::{Value, json};

pub(crate) const SUPPLIER: &str = "1234567891";
pub(crate) const RECIPIENT: &str = "9876543215";

pub(crate) fn popbill() -> &'static dyn TaxProvider {
    naru_connectors::tax_provider("popbill").unwrap()
}

pub(crate) fn brn(text: &str) -> BusinessNumber {
    text.parse().unwrap()
}

/// A contract whose key is that of our signature vector.
pub(crate) fn contract(options: &[(&str, &str)]) -> ChannelSettings {
    let mut all = vec![("link_id", "NARU"), ("is_test", "true")];
    all.extend(options);
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    ChannelSettings {
        merchant_id: SUPPLIER.to_owned(),
        secrets: [("secret_key".to_owned(), Secret::new(key))].into(),
        options: all
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect(),
        is_simulated: false,
    }
}

pub(crate) fn at() -> Timestamp {
    "2026-01-02T03:04:05Z".parse().unwrap()
}

pub(crate) fn begin(
    operation: &TaxOperation,
    settings: &ChannelSettings,
) -> Result<Box<dyn Exchange<TaxOutcome>>, BeginError> {
    let call = Call {
        settings,
        at: at(),
        server_ip: "127.0.0.1",
    };
    popbill().begin(operation, &call)
}

pub(crate) fn answer(status: u16, body: impl Into<Bytes>) -> Answer {
    Answer {
        status,
        headers: Vec::new(),
        body: body.into(),
    }
}

fn sent(step: Step<TaxOutcome>) -> Request {
    match step {
        Step::Send(request) => request,
        Step::Done(outcome) => panic!("no request: {outcome:?}"),
    }
}

/// Whether an operation is made without a session token: it is about who is no member yet.
pub(crate) fn needs_token(operation: &TaxOperation) -> bool {
    !matches!(
        operation,
        TaxOperation::Join(_) | TaxOperation::IsMember(_) | TaxOperation::IsContactIdTaken { .. }
    )
}

/// Drives to the call itself: gives the request for a token, where there is one, and the call.
pub(crate) fn driven(
    operation: &TaxOperation,
    settings: &ChannelSettings,
) -> (Option<Request>, Request, Box<dyn Exchange<TaxOutcome>>) {
    let mut exchange = begin(operation, settings).unwrap();
    let first = sent(exchange.step(Input::Start));
    if !needs_token(operation) {
        return (None, first, exchange);
    }
    let token = answer(200, r#"{"session_token":"T0KEN"}"#);
    let call = sent(exchange.step(Input::Answered(token)));
    (Some(first), call, exchange)
}

/// What becomes of an operation whose call is answered so.
pub(crate) fn outcome_with(
    operation: &TaxOperation,
    settings: &ChannelSettings,
    input: Input,
) -> TaxOutcome {
    let (_, _, mut exchange) = driven(operation, settings);
    match exchange.step(input) {
        Step::Done(outcome) => outcome,
        Step::Send(_) => panic!("another request"),
    }
}

pub(crate) fn outcome(operation: &TaxOperation, status: u16, body: impl Into<Bytes>) -> TaxOutcome {
    outcome_with(
        operation,
        &contract(&[]),
        Input::Answered(answer(status, body)),
    )
}

fn party(number: &str, name: &str) -> Party {
    let text = |text: &str| Some(text.to_owned());
    Party {
        brn: brn(number),
        tax_registration_id: text("0001"),
        name: text(name),
        representative_name: text("김나루"),
        address: text("서울 성동구"),
        business_type: text("도매"),
        business_class: text("식품"),
        contact: Some(PartyContact {
            name: text("이담당"),
            department: text("재무"),
            phone_number: text("02-1234-5678"),
            mobile_phone_number: text("010-1234-5678"),
            email: text("tax@example.com"),
        }),
        counterparty_id: None,
    }
}

/// An invoice with something in every field.
pub(crate) fn full(issuance: Issuance) -> Document {
    Document {
        issuance,
        taxation: Taxation::Taxable,
        purpose: Purpose::Claim,
        write_date: "2026-01-02".parse().unwrap(),
        supplier: party(SUPPLIER, "나루상사"),
        recipient: party(RECIPIENT, "포구유통"),
        totals: Totals {
            supply: -10_000,
            tax: -1_000,
            total: -11_000,
        },
        split: PaymentSplit {
            cash: Some(-1_000),
            check: Some(-2_000),
            note: Some(-3_000),
            credit: Some(-5_000),
        },
        items: vec![Item {
            purchase_date: Some("2026-01-01".parse().unwrap()),
            name: Some("사과".to_owned()),
            spec: Some("상자".to_owned()),
            quantity: Decimal::new(-25, 1),
            unit_cost: Decimal::new(400_000, 2),
            supply: Some(-10_000),
            tax: Some(-1_000),
            remark: Some("반품".to_owned()),
        }],
        remarks: vec!["비고1".to_owned(), "비고2".to_owned(), "비고3".to_owned()],
        book_volume: Some(1),
        book_issue: Some(2),
        serial_number: Some("S-1".to_owned()),
        contacts: vec![ExtraContact {
            name: Some("박추가".to_owned()),
            email: "more@example.com".to_owned(),
            phone_number: None,
        }],
        send_sms: true,
        modification: Some(Modification {
            reason: ModificationReason::Return,
            original_approval_number: "202512314100000000000001".to_owned(),
            original_id: None,
            root_id: None,
        }),
    }
}

/// An ordinary invoice over 11,000 won, written today by the simulator's clock.
pub(crate) fn plain(issuance: Issuance, day: &str) -> Document {
    let mut document = full(issuance);
    document.write_date = day.parse().unwrap();
    document.totals = Totals {
        supply: 10_000,
        tax: 1_000,
        total: 11_000,
    };
    document.split = PaymentSplit {
        cash: None,
        check: None,
        note: None,
        credit: None,
    };
    document.items.clear();
    document.modification = None;
    document
}

pub(crate) fn keys() -> DocumentKeys {
    DocumentKeys {
        supplier: Some("sell-1".to_owned()),
        recipient: Some("buy_1".to_owned()),
    }
}

pub(crate) fn written(document: Document) -> Written {
    Written {
        keys: keys(),
        document: Box::new(document),
        memo: Some("메모".to_owned()),
    }
}

pub(crate) fn reference(side: Side) -> InvoiceRef {
    let (acting, key) = match side {
        Side::Supplier => (SUPPLIER, "sell-1"),
        Side::Recipient => (RECIPIENT, "buy_1"),
    };
    InvoiceRef {
        acting: brn(acting),
        side,
        key: key.to_owned(),
    }
}

pub(crate) fn step(side: Side, call: InvoiceCall) -> TaxOperation {
    TaxOperation::Invoice {
        invoice: reference(side),
        call,
    }
}

pub(crate) fn note() -> Note {
    Note {
        memo: Some("메모".to_owned()),
        email_subject: Some("제목".to_owned()),
    }
}

pub(crate) fn file(name: &str) -> AttachedFile {
    AttachedFile {
        name: name.to_owned(),
        bytes: Bytes::from_static(b"%PDF-1.7\r\n\r\n\x00\xff"),
    }
}

pub(crate) fn join(number: &str, id: &str) -> TaxOperation {
    TaxOperation::Join(CompanyJoin {
        brn: brn(number),
        name: "새회사".to_owned(),
        representative_name: "새대표".to_owned(),
        address: "부산".to_owned(),
        business_type: "소매".to_owned(),
        business_class: "잡화".to_owned(),
        contact: JoinContact {
            id: id.to_owned(),
            password: Secret::new("Passw0rd!"),
            name: "새담당".to_owned(),
            email: "new@example.com".to_owned(),
            phone_number: "051-1".to_owned(),
        },
    })
}

pub(crate) fn holder(number: &str) -> TaxOperation {
    TaxOperation::AccountHolder {
        acting: brn(SUPPLIER),
        bank: "SHINHAN".to_owned(),
        number: Secret::new(number),
    }
}

/// One of each operation.
pub(crate) fn operations() -> Vec<TaxOperation> {
    use InvoiceCall as Do;
    let forward = || written(full(Issuance::Forward));
    let reverse = || written(full(Issuance::Reverse));
    let acting = || brn(SUPPLIER);
    vec![
        step(Side::Supplier, Do::Draft(forward())),
        step(Side::Recipient, Do::DraftAndRequest(reverse())),
        step(Side::Supplier, Do::DraftAndIssue(forward())),
        step(Side::Supplier, Do::Update(forward())),
        step(Side::Recipient, Do::Request(note())),
        step(Side::Recipient, Do::CancelRequest(note())),
        step(Side::Supplier, Do::Refuse(note())),
        step(Side::Supplier, Do::Issue(note())),
        step(Side::Supplier, Do::CancelIssuance(note())),
        step(Side::Supplier, Do::SendToNts),
        step(Side::Supplier, Do::Delete),
        step(Side::Supplier, Do::Attach(file("a.pdf"))),
        step(Side::Supplier, Do::Detach("0001.PBF".to_owned())),
        TaxOperation::Inquire(reference(Side::Recipient)),
        TaxOperation::Files(reference(Side::Supplier)),
        join("1234567080", "newcompany"),
        TaxOperation::IsMember(brn("1234567080")),
        TaxOperation::CertificatePage(acting()),
        TaxOperation::Certificate(acting()),
        TaxOperation::CheckCertificate(acting()),
        TaxOperation::CompanyState {
            acting: acting(),
            brn: brn(RECIPIENT),
        },
        TaxOperation::BusinessInfo {
            acting: acting(),
            brn: brn(RECIPIENT),
        },
        holder("110222333444"),
    ]
}

pub(crate) fn body(request: &Request) -> Value {
    if request.body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(&request.body).unwrap_or_else(|_| json!("no JSON"))
}
