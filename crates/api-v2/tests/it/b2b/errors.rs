//! Who may call, what is refused, and by which name.

use naru_testkit::{MAIN_BRN, OTHER, OTHER_BRN};
use serde_json::json;

use super::{act, app, current_invoice, get, post, preview_invoice, preview_step, requested, step};

/// Every B2B operation: method and path with ids that exist nowhere.
fn operations() -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for operation in naru_wire_v2::Operation::ALL {
        let path = operation.path();
        if path.starts_with("/b2b") {
            let filled = path
                .replace("{brn}", OTHER_BRN)
                .replace("{bank}", "SHINHAN")
                .replace("{accountNumber}", "110123456789");
            let filled = filled.replace(['{', '}'], "");
            found.push((operation.method(), filled));
        }
    }
    assert_eq!(found.len(), 52);
    found
}

#[tokio::test]
async fn every_operation_wants_a_credential_and_a_contract() {
    let app = app().await;
    for (method, path) in operations() {
        let anonymous = app.request(method, &path).anonymous().json(&json!({}));
        let answer = anonymous.send().await;
        assert_eq!(answer.status, 401, "{method} {path}: {}", answer.body);
    }
    // Without the flag it is live data, for which there is no contract.
    let path = format!("/b2b-preview/company/{OTHER_BRN}/state");
    get(&app, &path).await.refused(403, "B2B_NOT_ENABLED");
}

#[tokio::test]
async fn anothers_invoice_is_as_if_it_were_not_there() {
    let app = app().await;
    let id = requested(&app).await;
    for path in [
        format!("/b2b/tax-invoices/{id}?test=true"),
        format!("/b2b-preview/tax-invoices/R-1?brn={MAIN_BRN}&test=true"),
        format!("/b2b/tax-invoices/{id}/pdf-download-url?test=true"),
        format!("/b2b/tax-invoices/{id}/attachments?test=true"),
    ] {
        let answer = app.get(&path).secret(OTHER.secret).send().await;
        let theirs = answer.refused(404, "B2B_TAX_INVOICE_NOT_FOUND");
        let nowhere = path.replace(&id, "nowhere").replace("R-1", "R-nowhere");
        let missing = get(&app, &nowhere).await;
        assert_eq!(missing.refused(404, "B2B_TAX_INVOICE_NOT_FOUND"), theirs);
    }
    let delete = app.delete(&format!("/b2b/tax-invoices/{id}?test=true"));
    let answer = delete.secret(OTHER.secret).send().await;
    answer.refused(404, "B2B_TAX_INVOICE_NOT_FOUND");
    let answer = app
        .get("/b2b/counterparties/partner?test=true")
        .secret(OTHER.secret)
        .send()
        .await;
    answer.refused(404, "B2B_COUNTERPARTY_NOT_FOUND");
}

#[tokio::test]
async fn what_is_wrong_with_an_invoice_is_named() {
    let app = app().await;
    let cases = [
        (
            "/remarks",
            json!(["1", "2", "3", "4"]),
            "taxInvoice.remarks",
        ),
        ("/totalAmount", json!(10_999), "taxInvoice.totalAmount"),
        (
            "/recipientDocumentKey",
            json!("with.dot"),
            "taxInvoice.recipientDocumentKey",
        ),
        (
            "/recipientDocumentKey",
            json!("0123456789012345678901234"),
            "taxInvoice.recipientDocumentKey",
        ),
        ("/writeDate", json!("2026-02-30"), "taxInvoice.writeDate"),
        (
            "/supplier/brn",
            json!("1234567890"),
            "taxInvoice.supplier.brn",
        ),
        (
            "/supplier/taxRegistrationId",
            json!("123"),
            "taxInvoice.supplier.taxRegistrationId",
        ),
        ("/bookVolume", json!(10_000), "taxInvoice.bookVolume"),
        (
            "/items/0/quantityScale",
            json!(3),
            "taxInvoice.items[0].quantity",
        ),
    ];
    for (place, value, field) in cases {
        let mut body = preview_invoice(Some("R-1"), Some("S-1"));
        let path = format!("/taxInvoice{place}");
        if let Some(found) = body.pointer_mut(&path) {
            *found = value;
        } else {
            let (parent, name) = path.rsplit_once('/').unwrap();
            body.pointer_mut(parent).unwrap()[name] = value;
        }
        let answer = preview_step(&app, "register", &body).await;
        answer.refused_field(field);
    }
    let mut contacts = preview_invoice(Some("R-1"), None);
    contacts["taxInvoice"]["contacts"] = json!(vec![json!({ "email": "a@b.example" }); 4]);
    preview_step(&app, "register", &contacts)
        .await
        .refused_field("taxInvoice.contacts");
    let none = preview_invoice(None, None);
    preview_step(&app, "register", &none)
        .await
        .refused_field("taxInvoice.recipientDocumentKey");
    let mut items = preview_invoice(Some("R-1"), None);
    items["taxInvoice"]["items"] = json!(vec![json!({ "name": "x" }); 100]);
    preview_step(&app, "register", &items)
        .await
        .refused_field("taxInvoice.items");
    let mut free = preview_invoice(Some("R-1"), None);
    free["taxInvoice"]["taxType"] = json!("FREE");
    preview_step(&app, "register", &free)
        .await
        .refused_field("taxInvoice.taxTotalAmount");
}

#[tokio::test]
async fn parties_must_be_known() {
    let app = app().await;
    // A number that the tax office does not know.
    let stranger = "1234567080";
    let state = json!({ "state": "UNKNOWN" });
    let control = format!("/popbill/companies/{stranger}");
    app.pg.control("PUT", &control, &state).await;
    let mut body = preview_invoice(Some("R-1"), None);
    body["taxInvoice"]["supplier"]["brn"] = json!(stranger);
    preview_step(&app, "register", &body)
        .await
        .refused(404, "B2B_SUPPLIER_NOT_FOUND");
    body["taxInvoice"]["recipient"]["brn"] = json!(stranger);
    preview_step(&app, "register", &body)
        .await
        .refused(404, "B2B_SUPPLIER_NOT_FOUND");
    let mut body = preview_invoice(Some("R-1"), None);
    body["taxInvoice"]["recipient"]["brn"] = json!(stranger);
    preview_step(&app, "register", &body)
        .await
        .refused(404, "B2B_RECIPIENT_NOT_FOUND");
    let mut today = current_invoice("NORMAL");
    today["taxInvoice"]["recipient"]["brn"] = json!(stranger);
    let path = "/b2b/tax-invoices/draft?test=true";
    post(&app, path, &today)
        .await
        .refused(404, "B2B_RECIPIENT_NOT_FOUND");
    today["createRecipientCounterparty"] = json!(true);
    today["taxInvoice"]["recipient"] = json!({
        "brn": stranger, "name": "새상사", "representativeName": "김새",
        "contact": { "email": "new@shop.example" },
    });
    let made = post(&app, path, &today).await.ok();
    let id = crate::text(&made["taxInvoice"]["recipient"]["brn"]);
    assert_eq!(id, stranger);
    let list = get(&app, "/b2b/counterparties?test=true").await.ok();
    assert_eq!(list["page"]["totalCount"], 2);
}

#[tokio::test]
async fn steps_out_of_turn_and_without_a_key_are_refused_by_name() {
    let app = app().await;
    let mut body = current_invoice("REVERSE");
    body["taxInvoice"]
        .as_object_mut()
        .unwrap()
        .remove("supplierDocumentKey");
    let path = "/b2b/tax-invoices/request-reverse-issuance?test=true";
    let made = post(&app, path, &body).await.ok();
    let id = crate::text(&made["taxInvoice"]["id"]);
    for what in ["issue", "refuse-request"] {
        act(&app, &id, what)
            .await
            .refused(400, "B2B_TAX_INVOICE_NO_SUPPLIER_DOCUMENT_KEY");
    }
    act(&app, &id, "request")
        .await
        .refused(400, "B2B_TAX_INVOICE_NOT_DRAFTED_STATUS");
    act(&app, &id, "cancel-issuance")
        .await
        .refused(400, "B2B_TAX_INVOICE_NOT_ISSUED_STATUS");
    act(&app, &id, "cancel-request").await.ok();
    act(&app, &id, "cancel-request")
        .await
        .refused(400, "B2B_TAX_INVOICE_NOT_REQUESTED_STATUS");
    let bulk = get(&app, "/b2b/bulk-tax-invoices/any?test=true").await;
    bulk.refused(404, "B2B_BULK_TAX_INVOICE_NOT_FOUND");
    // A document key without the company of its side.
    get(
        &app,
        "/b2b/tax-invoices/R-1?taxInvoiceKeyType=RECIPIENT&test=true",
    )
    .await
    .refused_field("brn");
    preview_step(&app, "request", &step(MAIN_BRN, "nowhere", "RECIPIENT"))
        .await
        .refused(404, "B2B_TAX_INVOICE_NOT_FOUND");
    preview_step(
        &app,
        "cancel-issuance",
        &step(MAIN_BRN, "nowhere", "RECIPIENT"),
    )
    .await
    .refused(400, "INVALID_REQUEST");
}
