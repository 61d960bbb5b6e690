//! Today's edition, and one invoice seen through both.

use naru_testkit::{MAIN_BRN, OTHER_BRN, TestApp};
use serde_json::{Value, json};

use super::{act, app, current_invoice, get, post, requested};

const DAY_S: i64 = 86_400;

#[tokio::test]
async fn an_invoice_is_read_alike_through_both_editions() {
    let app = app().await;
    let id = requested(&app).await;
    let today = get(&app, &format!("/b2b/tax-invoices/{id}?test=true"))
        .await
        .ok();
    let path = format!("/b2b-preview/tax-invoices/R-1?brn={MAIN_BRN}&test=true");
    let before = get(&app, &path).await.ok();
    assert_eq!(today["status"], before["status"]);
    assert_eq!(today["totalSupplyAmount"], before["supplyCostTotalAmount"]);
    assert_eq!(today["supplier"]["brn"], before["supplier"]["brn"]);
    assert_eq!(
        today["items"][0]["quantity"],
        json!({ "value": 25, "scale": 1 })
    );
    assert_eq!(before["items"][0]["quantity"], 25);
    // By either side's key.
    for (key, kind, brn) in [
        ("R-1", "RECIPIENT", MAIN_BRN),
        ("S-1", "SUPPLIER", OTHER_BRN),
    ] {
        let path = format!("/b2b/tax-invoices/{key}?taxInvoiceKeyType={kind}&brn={brn}&test=true");
        assert_eq!(get(&app, &path).await.ok()["id"], json!(id));
    }
    // The counterparty filled what the request left out.
    assert_eq!(today["supplier"]["name"], "포구유통");
    assert_eq!(today["supplier"]["counterpartyId"], "partner");
}

#[tokio::test]
async fn a_draft_is_changed_requested_and_sent_at_once() {
    let app = app().await;
    let draft = post(
        &app,
        "/b2b/tax-invoices/draft?test=true",
        &current_invoice("REVERSE"),
    )
    .await
    .ok();
    assert_eq!(draft["taxInvoice"]["status"], "DRAFTED");
    let id = crate::text(&draft["taxInvoice"]["id"]);
    let mut change = current_invoice("REVERSE");
    change["taxInvoiceKey"] = json!("R-1");
    change["brn"] = json!(MAIN_BRN);
    change["taxInvoice"]["remarks"] = json!(["changed"]);
    let path = "/b2b/tax-invoices/draft?test=true";
    let changed = app.request("PUT", path).json(&change).send().await.ok();
    assert_eq!(changed["taxInvoice"]["remarks"], json!(["changed"]));
    change["taxInvoice"]["supplierDocumentKey"] = json!("S-9");
    let refused = app.request("PUT", path).json(&change).send().await;
    refused.refused(400, "B2B_DOCUMENT_KEY_CANNOT_BE_CHANGED");
    assert_eq!(
        act(&app, &id, "request").await.ok()["taxInvoice"]["status"],
        "REQUESTED"
    );
    let refused = app.request("PUT", path).json(&{
        change["taxInvoice"]["supplierDocumentKey"] = json!("S-1");
        change
    });
    refused
        .send()
        .await
        .refused(400, "B2B_TAX_INVOICE_NOT_DRAFTED_STATUS");
    assert_eq!(
        act(&app, &id, "issue").await.ok()["taxInvoice"]["status"],
        "ISSUED"
    );
    let sent = act(&app, &id, "send-to-nts").await.ok();
    assert_eq!(sent["taxInvoice"]["status"], "WAITING_SENDING");
    app.move_clock_s(3_600).await;
    super::look(&app).await;
    let read = get(&app, &format!("/b2b/tax-invoices/{id}?test=true"))
        .await
        .ok();
    assert_eq!(read["status"], "SENDING_COMPLETED");
    act(&app, &id, "cancel-issuance")
        .await
        .refused(400, "B2B_TAX_INVOICE_NOT_ISSUED_STATUS");
    let delete = app.delete(&format!("/b2b/tax-invoices/{id}?test=true"));
    delete
        .send()
        .await
        .refused(400, "B2B_TAX_INVOICE_NON_DELETABLE_STATUS");
}

#[tokio::test]
async fn a_supplier_issues_at_once() {
    let app = app().await;
    let path = "/b2b/tax-invoices/issue-immediately?test=true";
    let issued = post(&app, path, &current_invoice("NORMAL")).await.ok();
    assert_eq!(issued["taxInvoice"]["status"], "ISSUED");
    assert_eq!(issued["taxInvoice"]["isDelayed"], true);
    assert_eq!(issued["taxInvoice"]["issuanceDueDate"], "2026-02-10");
    post(&app, path, &current_invoice("NORMAL"))
        .await
        .refused(400, "B2B_TAX_INVOICE_SUPPLIER_DOCUMENT_KEY_ALREADY_USED");
    let mut other = current_invoice("NORMAL");
    other["taxInvoice"]["supplierDocumentKey"] = json!("S-2");
    post(&app, path, &other)
        .await
        .refused(400, "B2B_TAX_INVOICE_RECIPIENT_DOCUMENT_KEY_ALREADY_USED");
}

#[tokio::test]
async fn a_modification_follows_its_original() {
    let app = app().await;
    let id = requested(&app).await;
    act(&app, &id, "issue").await.ok();
    let mut body = current_invoice("REVERSE");
    for (name, value) in [
        ("totalSupplyAmount", -10_000),
        ("totalTaxAmount", -1_000),
        ("totalAmount", -11_000),
    ] {
        body["taxInvoice"][name] = json!(value);
    }
    body["taxInvoice"]["items"] = json!([]);
    body["taxInvoice"]["recipientDocumentKey"] = json!("R-2");
    body["taxInvoice"]["supplierDocumentKey"] = json!("S-2");
    body["modification"] = json!({
        "type": "CANCELLATION_OF_CONTRACT", "taxInvoiceKey": id,
        "taxInvoiceKeyType": "TAX_INVOICE_ID",
    });
    let path = "/b2b/tax-invoices/request-reverse-issuance?test=true";
    post(&app, path, &body)
        .await
        .refused(400, "B2B_TAX_INVOICE_STATUS_NOT_SENDING_COMPLETED");
    app.move_clock_s(5 * DAY_S).await;
    super::look(&app).await;
    let mut wrong = body.clone();
    wrong["taxInvoice"]["taxationType"] = json!("FREE");
    post(&app, path, &wrong)
        .await
        .refused(400, "B2B_CANNOT_CHANGE_TAX_TYPE");
    let mut unknown = body.clone();
    unknown["modification"]["taxInvoiceKey"] = json!("nowhere");
    post(&app, path, &unknown)
        .await
        .refused(404, "B2B_ORIGINAL_TAX_INVOICE_NOT_FOUND");
    let made = post(&app, path, &body).await.ok();
    let modification = &made["taxInvoice"]["modification"];
    assert_eq!(
        (
            &modification["originalTaxInvoiceId"],
            &modification["rootTaxInvoiceId"]
        ),
        (&json!(id), &json!(id))
    );
    assert_eq!(
        made["taxInvoice"]["documentModificationType"],
        "MODIFICATION"
    );
    let first = get(&app, &format!("/b2b/tax-invoices/{id}?test=true"))
        .await
        .ok();
    assert_eq!(
        modification["originalNtsApprovalNumber"],
        first["ntsApprovalNumber"]
    );
}

#[tokio::test]
async fn live_and_test_data_never_mix() {
    let app = app().await;
    let id = requested(&app).await;
    // There is a contract for test data only.
    get(&app, &format!("/b2b/tax-invoices/{id}"))
        .await
        .refused(403, "B2B_NOT_ENABLED");
}

#[tokio::test]
async fn a_repeated_request_is_answered_as_before() {
    let app = app().await;
    let body = current_invoice("NORMAL");
    let send = || {
        app.post("/b2b/tax-invoices/issue-immediately?test=true")
            .idempotency_key("tax-invoice-key-0001")
            .json(&body)
            .send()
    };
    let first = send().await;
    let again = send().await;
    assert!(again.is_replayed());
    assert_eq!(first.bytes, again.bytes);
}

/// Both editions tell how the recipient's business has ended once the supplier has cancelled.
#[tokio::test]
async fn a_cancelled_issuance_tells_that_the_recipient_has_closed() {
    for (said, date, is_lost) in [
        ("CLOSED", "20260105", false),
        ("SUSPENDED", "20260106", true),
    ] {
        let app = app().await;
        let id = requested(&app).await;
        act(&app, &id, "issue").await.ok();
        let closed = json!({ "state": said, "stateDate": date });
        let company = format!("/popbill/companies/{MAIN_BRN}");
        app.pg.control("PUT", &company, &closed).await;
        if is_lost {
            // It can't be seen at once: the invoice's next look finds it.
            app.fault("tax_inquiry", "http_500").await;
        }
        act(&app, &id, "cancel-issuance").await.ok();
        if is_lost {
            let before = summary(&app).await;
            assert_eq!(before.get("recipientBusinessStatus"), None);
            super::look(&app).await;
        }
        let shown = summary(&app).await;
        assert_eq!(shown["status"], "ISSUANCE_CANCELLED");
        assert_eq!(shown["recipientBusinessStatus"], said);
        let day = format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]);
        assert_eq!(shown["recipientClosedSuspendedDate"], day);
        let preview = format!("/b2b-preview/tax-invoices/R-1?brn={MAIN_BRN}&test=true");
        let read = get(&app, &preview).await.ok();
        assert_eq!(read["recipientBusinessStatus"], said);
        app.settle().await;
        let told =
            |one: &naru_testkit::Delivery| one.body["type"] == "TaxInvoice.IssuanceCancelled";
        let count = app
            .receiver
            .deliveries()
            .iter()
            .filter(|one| told(one))
            .count();
        assert_eq!(
            count, 1,
            "what is found out later is no second cancellation"
        );
    }
}

async fn summary(app: &TestApp) -> Value {
    let list = get(app, "/b2b/tax-invoices?test=true").await.ok();
    list["items"][0].clone()
}
