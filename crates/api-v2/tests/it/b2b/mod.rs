//! Tax invoices: both editions over the simulated provider.

mod bulk;
mod companies;
mod current;
mod errors;
mod every;
mod files;
mod lists;
mod preview;
mod unclear;
mod webhooks;

use std::fmt::Write as _;

use naru_testkit::{Answer, MAIN_BRN, OTHER_BRN, TestApp};
use serde_json::{Value, json};

/// The provider has both companies as members; the store knows only its own, so the other one is
/// made a counterparty first.
pub(crate) async fn app() -> TestApp {
    let app = crate::app().await;
    let counterparty = json!({
        "counterpartyId": "partner",
        "counterparty": {
            "brn": OTHER_BRN,
            "name": "포구유통",
            "representativeName": "이포구",
            "contact": { "name": "박담당", "email": "partner@shop.example" },
        },
    });
    let created = post(&app, "/b2b/counterparties?test=true", &counterparty)
        .await
        .ok();
    assert_eq!(created["counterparty"]["ntsConnectionStatus"], "CONNECTED");
    app
}

pub(crate) async fn post(app: &TestApp, path: &str, body: &Value) -> Answer {
    app.post(path).json(body).send().await
}

pub(crate) async fn get(app: &TestApp, path: &str) -> Answer {
    app.get(path).send().await
}

/// The JSON of a GET body, in a query.
pub(crate) fn in_query(body: &Value) -> String {
    let text = body.to_string();
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// An invoice of 2024: the store's company buys from the other.
pub(crate) fn preview_invoice(recipient_key: Option<&str>, supplier_key: Option<&str>) -> Value {
    let company = |brn: &str, name: &str| {
        let contact = json!({ "email": "a@b.example" });
        json!({ "brn": brn, "name": name, "ceoName": "홍길동", "contact": contact })
    };
    let mut invoice = json!({
        "taxType": "TAXABLE",
        "purposeType": "RECEIPT",
        "writeDate": "2026-01-02",
        "supplyCostTotalAmount": 10_000,
        "taxTotalAmount": 1_000,
        "totalAmount": 11_000,
        "supplier": company(OTHER_BRN, "포구유통"),
        "recipient": company(MAIN_BRN, "나루상사"),
        "items": [{
            "name": "커피", "quantity": 25, "quantityScale": 1, "unitCostAmount": 4000,
            "supplyCostAmount": 10_000, "taxAmount": 1_000,
        }],
    });
    if let Some(key) = recipient_key {
        invoice["recipientDocumentKey"] = json!(key);
    }
    if let Some(key) = supplier_key {
        invoice["supplierDocumentKey"] = json!(key);
    }
    json!({ "taxInvoice": invoice })
}

/// The body of a step in 2024.
pub(crate) fn step(brn: &str, key: &str, side: &str) -> Value {
    json!({ "brn": brn, "documentKey": key, "documentKeyType": side })
}

pub(crate) async fn preview_step(app: &TestApp, what: &str, body: &Value) -> Answer {
    post(
        app,
        &format!("/b2b-preview/tax-invoices/{what}?test=true"),
        body,
    )
    .await
}

/// An invoice of today, written by the recipient.
pub(crate) fn current_invoice(issuance: &str) -> Value {
    let (supplier, recipient) = if issuance == "NORMAL" {
        (MAIN_BRN, OTHER_BRN)
    } else {
        (OTHER_BRN, MAIN_BRN)
    };
    json!({ "taxInvoice": {
        "issuanceType": issuance,
        "taxationType": "TAXABLE",
        "purposeType": "INVOICE",
        "writeDate": "2026-01-02",
        "totalSupplyAmount": 10_000,
        "totalTaxAmount": 1_000,
        "totalAmount": 11_000,
        "supplier": { "brn": supplier },
        "recipient": { "brn": recipient },
        "supplierDocumentKey": "S-1",
        "recipientDocumentKey": "R-1",
        "items": [{
            "name": "커피", "quantity": { "value": 25, "scale": 1 },
            "supplyCostAmount": 10_000, "taxAmount": 1_000,
        }],
    } })
}

/// Draft, and ask the supplier.
pub(crate) async fn requested(app: &TestApp) -> String {
    let made = post(
        app,
        "/b2b/tax-invoices/request-reverse-issuance?test=true",
        &current_invoice("REVERSE"),
    )
    .await
    .ok();
    assert_eq!(made["taxInvoice"]["status"], "REQUESTED");
    crate::text(&made["taxInvoice"]["id"])
}

pub(crate) async fn act(app: &TestApp, id: &str, what: &str) -> Answer {
    let path = format!("/b2b/tax-invoices/{id}/{what}?test=true");
    post(app, &path, &json!({})).await
}

/// What the provider would tell when an invoice moved: makes us look.
pub(crate) async fn look(app: &TestApp) {
    app.tax_notice(MAIN_BRN, "R-1").await;
}
