//! Refusals that every B2B operation shares.

use naru_testkit::{MAIN_BRN, OTHER_BRN, TestApp};
use naru_wire_v2::Operation;
use serde_json::{Value, json};

use super::{app, companies::member, current_invoice, in_query, preview_invoice, step};

fn counterparty() -> Value {
    json!({
        "brn": OTHER_BRN, "name": "새상사", "representativeName": "김새",
        "contact": { "name": "박담당", "email": "new@shop.example" },
    })
}

/// A body with all that the operation must be given.
fn body(operation: Operation) -> Value {
    match operation.id() {
        "registerB2bMemberCompany" => member("1234567080", "new-company"),
        "requestB2bTaxInvoiceRegister" | "requestB2bPreviewTaxInvoiceReverseIssuance" => {
            preview_invoice(Some("R-9"), Some("S-9"))
        }
        "issueB2bPreviewTaxInvoice" | "refuseB2bPreviewTaxInvoiceRequest" => {
            step(OTHER_BRN, "nowhere", "SUPPLIER")
        }
        "getB2bBusinessInfos" => json!({ "brnList": [OTHER_BRN] }),
        "createB2bCounterparty" => {
            json!({ "counterpartyId": "new", "counterparty": counterparty() })
        }
        "updateB2bCounterparty" => json!({ "counterparty": counterparty() }),
        "createB2bFileUploadUrl" => json!({ "fileName": "a.pdf" }),
        "attachB2bTaxInvoiceFile" => json!({ "fileId": "nowhere" }),
        "issueB2bTaxInvoiceImmediately" => current_invoice("NORMAL"),
        "draftB2bTaxInvoice" | "requestB2bTaxInvoiceReverseIssuance" => current_invoice("REVERSE"),
        "updateB2bTaxInvoiceDraft" => {
            let mut body = current_invoice("REVERSE");
            body["taxInvoiceKey"] = json!("nowhere");
            body["taxInvoiceKeyType"] = json!("TAX_INVOICE_ID");
            body
        }
        id if id.contains("Preview") || id.contains("RequestB2bTaxInvoice") => {
            step(MAIN_BRN, "nowhere", "RECIPIENT")
        }
        _ => json!({}),
    }
}

/// The path, with ids of the right shape in it.
fn path(operation: Operation) -> String {
    let mut path = operation.path().to_owned();
    for (name, value) in [
        ("{brn}", MAIN_BRN),
        ("{bank}", "SHINHAN"),
        ("{accountNumber}", "110123456789"),
        ("{contactId}", "naru-main"),
        ("{counterpartyId}", "partner"),
        ("{documentKey}", "nowhere"),
        ("{taxInvoiceKey}", "nowhere"),
        ("{attachmentId}", "nowhere"),
        ("{bulkTaxInvoiceId}", "nowhere"),
    ] {
        path = path.replace(name, value);
    }
    path
}

fn query(operation: Operation, is_test: bool) -> String {
    let mut query = match operation.id() {
        "getB2bContactIdExistence" => "contactId=new-company".to_owned(),
        "getB2bPreviewTaxInvoices" => format!(
            "brn={MAIN_BRN}&pageNumber=0&pageSize=10&from=2026-01-01\
             &until=2026-01-31&dateType=WRITE&documentKeyType=RECIPIENT"
        ),
        "getB2bTaxInvoices" | "downloadB2bTaxInvoicesSheet" => {
            format!("requestBody={}", in_query(&json!({ "test": is_test })))
        }
        id if id.contains("Preview") => format!("brn={MAIN_BRN}&documentKeyType=RECIPIENT"),
        _ => String::new(),
    };
    if is_test {
        query.push_str("&test=true");
    }
    query
}

async fn call(app: &TestApp, operation: Operation, is_test: bool) -> naru_testkit::Answer {
    let path = format!("{}?{}", path(operation), query(operation, is_test));
    let request = app.request(operation.method(), &path);
    match operation.method() {
        "GET" => request.send().await,
        _ => request.json(&body(operation)).send().await,
    }
}

fn operations() -> impl Iterator<Item = Operation> {
    let all = Operation::ALL.iter().copied();
    all.filter(|operation| operation.path().starts_with("/b2b"))
}

/// What each answers.
async fn answers(app: &TestApp, is_test: bool) -> Vec<(&'static str, u16, String)> {
    let mut found = Vec::new();
    for operation in operations() {
        let answer = call(app, operation, is_test).await;
        let name = answer.body["type"].as_str().unwrap_or("-").to_owned();
        found.push((operation.id(), answer.status, name));
    }
    found
}

#[tokio::test]
async fn live_data_needs_a_contract() {
    let app = app().await;
    for (operation, status, name) in answers(&app, false).await {
        let expected = match operation {
            // The contract lists nothing but a bad request for it.
            "downloadB2bTaxInvoicesSheet" => (400, "INVALID_REQUEST"),
            _ => (403, "B2B_NOT_ENABLED"),
        };
        assert_eq!((status, name.as_str()), expected, "{operation}");
    }
}

#[tokio::test]
async fn an_invoice_that_does_not_exist_is_not_found() {
    let app = app().await;
    let wanted = answers(&app, true).await;
    let mut seen = 0;
    for (operation, status, name) in wanted {
        let spec = operations().find(|one| one.id() == operation).unwrap();
        let is_about_one = (spec.method() != "GET" && body(spec).to_string().contains("nowhere"))
            || spec.path().contains("{taxInvoiceKey}")
            || spec.path().contains("{documentKey}");
        if !is_about_one {
            continue;
        }
        seen += 1;
        let expected = match operation {
            // The edition of 2024 lists nothing but a bad request for it.
            "cancelB2bPreviewTaxInvoiceIssuance" => (400, "INVALID_REQUEST"),
            _ => (404, "B2B_TAX_INVOICE_NOT_FOUND"),
        };
        assert_eq!((status, name.as_str()), expected, "{operation}");
    }
    assert_eq!(seen, 25);
}

#[tokio::test]
async fn a_flag_that_is_neither_true_nor_false_is_refused() {
    let app = app().await;
    for operation in operations() {
        // The lists of today have the flag in their body.
        let path = match query(operation, true).strip_suffix("&test=true") {
            Some(rest) if !rest.starts_with("requestBody") => {
                format!("{}?{rest}&test=maybe", path(operation))
            }
            _ => format!(
                "{}?requestBody={}",
                path(operation),
                in_query(&json!({ "test": "maybe" }))
            ),
        };
        let request = app.request(operation.method(), &path);
        let request = match operation.method() {
            "GET" => request,
            _ => request.json(&body(operation)),
        };
        let answer = request.send().await;
        assert_eq!(answer.body["type"], "INVALID_REQUEST", "{operation:?}");
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_named_as_such() {
    let app = app().await;
    let draft = "/b2b/tax-invoices/draft?test=true";
    let id = super::post(&app, draft, &current_invoice("NORMAL"))
        .await
        .ok()["taxInvoice"]["id"]
        .clone();
    let (id, key) = (crate::text(&id), "taxInvoiceKeyType=TAX_INVOICE_ID");
    for step in ["tax_command", "tax_inquiry", "tax_lookup"] {
        app.faults(step, "http_500", 1_000).await;
    }
    for id in [
        "getB2bBankAccountHolder",
        "getB2bCompanyState",
        "getB2bContactIdExistence",
        "getB2bCounterpartyCertificate",
        "registerB2bMemberCompany",
        "requestB2bPreviewTaxInvoiceReverseIssuance",
        "validateB2bCounterpartyCertificate",
    ] {
        let operation = operations().find(|one| one.id() == id).unwrap();
        let answer = call(&app, operation, true).await;
        answer.refused(502, "B2B_EXTERNAL_SERVICE");
    }
    // What is under way stays so, and the merchant reads that it is.
    let path = format!("/b2b/tax-invoices/{id}/issue?test=true&{key}");
    let answer = super::post(&app, &path, &json!({})).await.ok();
    assert_eq!(answer["taxInvoice"]["status"], "ISSUE_PENDING");
}

#[tokio::test]
async fn what_was_asked_for_is_refused_and_shown_on_every_page() {
    let app = app().await;
    let read = super::get(&app, "/b2b/counterparties/partner?test=true").await;
    assert_eq!(read.ok()["id"], "partner");
    let id = super::requested(&app).await;
    let keys = format!("brn={MAIN_BRN}&documentKeyType=RECIPIENT&test=true");
    for page in ["pdf-download-url", "popup-url", "print-url"] {
        for path in [
            format!("/b2b-preview/tax-invoices/R-1/{page}?{keys}"),
            format!("/b2b/tax-invoices/{id}/{page}?test=true"),
        ] {
            let url = crate::text(&super::get(&app, &path).await.ok()["url"]);
            assert!(url.contains("/tax-invoices/"), "{path}: {url}");
        }
    }
    super::act(&app, &id, "refuse-request").await.ok();
    let again = super::act(&app, &id, "refuse-request").await;
    again.refused(400, "B2B_TAX_INVOICE_NOT_REQUESTED_STATUS");
    let key = step(MAIN_BRN, "R-1", "RECIPIENT");
    let again = super::preview_step(&app, "cancel-request", &key).await;
    again.refused(400, "B2B_TAX_INVOICE_NOT_REQUESTED_STATUS");
}
