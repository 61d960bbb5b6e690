//! A sample of each look of an invoice. With `NARU_DOCUMENTS_OUT` the samples are written there,
//! for somebody to look at.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use naru_documents::{Menu, Shown, draw, page, pdf};
use naru_domain::b2b::Decimal;
use naru_domain::b2b::tax_invoice::{
    Document, DocumentKeys, ExtraContact, Issuance, Issued, Item, Modification, ModificationReason,
    Party, PartyContact, PaymentSplit, Purpose, State, TaxInvoice, Taxation, Totals,
};
use naru_domain::{MerchantId, StoreId, TaxInvoiceId, Timestamp};
use uuid::Uuid;

fn party(brn: &str, name: &str) -> Party {
    Party {
        brn: brn.parse().unwrap(),
        tax_registration_id: Some("0001".to_owned()),
        name: Some(name.to_owned()),
        representative_name: Some("홍길동".to_owned()),
        address: Some("서울특별시 성동구 왕십리로 83-21, 아크로서울포레스트 D타워 3층".to_owned()),
        business_type: Some("도매 및 소매업".to_owned()),
        business_class: Some("전자상거래 소매업".to_owned()),
        contact: Some(PartyContact {
            name: Some("김나루".to_owned()),
            department: Some("재무팀".to_owned()),
            phone_number: None,
            mobile_phone_number: None,
            email: Some("tax@naru.example".to_owned()),
        }),
        counterparty_id: None,
    }
}

fn items(count: i64) -> Vec<Item> {
    (1..=count)
        .map(|number| Item {
            purchase_date: "2026-03-02".parse().ok(),
            name: Some(format!("원두커피 <{number}> & 필터")),
            spec: Some("1kg".to_owned()),
            quantity: Decimal::new(125, 1),
            unit_cost: Decimal::new(100_000, 0),
            supply: Some(1_250_000),
            tax: Some(125_000),
            remark: None,
        })
        .collect()
}

fn invoice(state: State, lines: i64) -> TaxInvoice {
    let document = Document {
        issuance: Issuance::Reverse,
        taxation: Taxation::Taxable,
        purpose: Purpose::Claim,
        write_date: "2026-03-02".parse().unwrap(),
        supplier: party("1234567891", "나루상사 주식회사"),
        recipient: party("9876543215", "포구유통 (주)"),
        totals: Totals {
            supply: 1_250_000 * lines,
            tax: 125_000 * lines,
            total: 1_375_000 * lines,
        },
        split: PaymentSplit {
            credit: Some(1_375_000 * lines),
            ..PaymentSplit::default()
        },
        items: items(lines),
        remarks: vec!["3월분 정산".to_owned(), "계약번호 2026-17".to_owned()],
        book_volume: None,
        book_issue: None,
        serial_number: Some("20260302-001".to_owned()),
        contacts: Vec::<ExtraContact>::new(),
        send_sms: false,
        modification: None,
    };
    let at = Timestamp::from_micros(1_772_420_000_000_000);
    TaxInvoice {
        merchant_id: MerchantId::new("merchant-1"),
        store_id: StoreId::new("store-1"),
        id: TaxInvoiceId::new(Uuid::from_u128(7)),
        is_test: false,
        bulk_id: None,
        keys: DocumentKeys::default(),
        document,
        memo: None,
        created_at: at,
        drafted_at: Some(at),
        requested_at: Some(at),
        opened_at: None,
        state,
        status_changed_at: at,
        call: None,
        failed: None,
        attachments: Vec::new(),
        call_count: 1,
        event_count: 1,
    }
}

fn issued() -> Issued {
    Issued {
        at: Timestamp::from_micros(1_772_420_000_000_000),
        approval_number: "202603024100000000abcdef".to_owned(),
    }
}

fn samples() -> Vec<(&'static str, TaxInvoice)> {
    let state = State::Issued { issued: issued() };
    let mut modified = invoice(state.clone(), 1);
    modified.document.modification = Some(Modification {
        reason: ModificationReason::ContractCancellation,
        original_approval_number: issued().approval_number,
        original_id: None,
        root_id: None,
    });
    modified.document.totals = Totals {
        supply: -1_250_000,
        tax: -125_000,
        total: -1_375_000,
    };
    let cancelled = State::IssuanceCancelled {
        issued: issued(),
        recipient: None,
    };
    vec![
        ("issued", invoice(state.clone(), 3)),
        ("long", invoice(state, 99)),
        ("modified", modified),
        ("cancelled", invoice(cancelled, 2)),
        ("draft", invoice(State::Drafted, 2)),
    ]
}

#[test]
fn every_look_is_a_page_and_a_pdf() {
    let out = std::env::var("NARU_DOCUMENTS_OUT").ok();
    for (name, invoice) in samples() {
        let sheet = draw(&invoice, Shown::ToParty);
        let menu = Menu::Actions {
            pdf: "pdf?token=<x>".to_owned(),
        };
        let html = page(&sheet, &menu, "assets");
        let bytes = pdf(&sheet).unwrap();
        assert!(bytes.starts_with(b"%PDF-"));
        assert!(bytes.len() < 200_000, "{name}: {} bytes", bytes.len());
        assert!(html.contains("123-45-67891") && html.contains("987-65-43215"));
        assert!(!html.contains("<1>"), "a text became markup");
        assert_eq!(html.matches("<svg").count(), sheet.pages());
        assert_eq!(html.contains("발급취소"), name == "cancelled");
        assert_eq!(html.contains("미발급"), name == "draft");
        if let Some(out) = &out {
            std::fs::write(format!("{out}/{name}.pdf"), bytes).unwrap();
            std::fs::write(format!("{out}/{name}.html"), html).unwrap();
        }
    }
}

#[test]
fn ninety_nine_lines_need_further_pages() {
    let sheet = draw(&samples()[1].1, Shown::ToParty);
    assert_eq!(sheet.pages(), 1 + (99_usize - 20).div_ceil(30));
}
