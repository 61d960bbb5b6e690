//! The edition of 2024, step by step.

use naru_testkit::{MAIN_BRN, OTHER_BRN};
use serde_json::json;

use super::{app, get, preview_invoice, preview_step, step};

const DAY_S: i64 = 86_400;

#[tokio::test]
async fn a_registered_invoice_is_requested_issued_and_accepted_by_the_tax_office() {
    let app = app().await;
    let body = preview_invoice(Some("R-1"), Some("S-1"));
    let registered = preview_step(&app, "register", &body).await.ok();
    assert_eq!(registered["status"], "REGISTERED");
    assert_eq!(registered["items"][0]["quantityScale"], 1);
    let recipient = step(MAIN_BRN, "R-1", "RECIPIENT");
    let supplier = step(OTHER_BRN, "S-1", "SUPPLIER");
    let requested = preview_step(&app, "request", &recipient).await.ok();
    assert_eq!(requested["status"], "REQUESTED");
    let issued = preview_step(&app, "issue", &supplier).await.ok();
    assert_eq!(issued["status"], "ISSUED");
    assert_eq!(issued["ntsApproveNumber"].as_str().unwrap().len(), 24);
    // Past the next business day at three.
    app.move_clock_s(5 * DAY_S).await;
    super::look(&app).await;
    let path = format!("/b2b-preview/tax-invoices/R-1?brn={MAIN_BRN}&test=true");
    let read = get(&app, &path).await.ok();
    assert_eq!(
        (&read["status"], &read["ntsResultCode"]),
        (&json!("SENDING_COMPLETED"), &json!("SUC001"))
    );
    assert_eq!(read["ntsApproveNumber"], issued["ntsApproveNumber"]);
    // Webhooks tell of each step that has one, once.
    app.settle().await;
    let types: Vec<String> = app
        .receiver
        .deliveries()
        .iter()
        .filter_map(|delivery| delivery.body["type"].as_str().map(str::to_owned))
        .filter(|kind| kind.starts_with("TaxInvoice."))
        .collect();
    assert_eq!(
        types,
        [
            "TaxInvoice.Requested",
            "TaxInvoice.Issued",
            "TaxInvoice.SendingCompleted"
        ]
    );
}

#[tokio::test]
async fn a_request_that_was_taken_back_frees_its_key_only_when_it_is_deleted() {
    let app = app().await;
    let body = preview_invoice(Some("R-1"), Some("S-1"));
    let path = "request-reverse-issuance";
    preview_step(&app, path, &body).await.ok();
    let recipient = step(MAIN_BRN, "R-1", "RECIPIENT");
    let supplier = step(OTHER_BRN, "S-1", "SUPPLIER");
    let cancelled = preview_step(&app, "cancel-request", &recipient).await.ok();
    assert_eq!(cancelled["status"], "REQUEST_CANCELLED");
    preview_step(&app, "refuse-request", &supplier)
        .await
        .refused(400, "B2B_TAX_INVOICE_NOT_REQUESTED_STATUS");
    preview_step(&app, path, &body)
        .await
        .refused(400, "INVALID_REQUEST");
    let delete = format!("/b2b-preview/tax-invoices/R-1?brn={MAIN_BRN}&test=true");
    assert_eq!(app.delete(&delete).send().await.status, 200);
    get(&app, &delete)
        .await
        .refused(404, "B2B_TAX_INVOICE_NOT_FOUND");
    let again = preview_step(&app, path, &body).await.ok();
    assert_eq!(again["status"], "REQUESTED");
}

#[tokio::test]
async fn an_issue_is_cancelled_before_it_is_sent_and_not_after() {
    let app = app().await;
    for (moved, expected) in [(0, 200), (5 * DAY_S, 400)] {
        let body = preview_invoice(Some("R-1"), Some("S-1"));
        preview_step(&app, "request-reverse-issuance", &body)
            .await
            .ok();
        let supplier = step(OTHER_BRN, "S-1", "SUPPLIER");
        preview_step(&app, "issue", &supplier).await.ok();
        app.move_clock_s(moved).await;
        super::look(&app).await;
        let answer = preview_step(&app, "cancel-issuance", &supplier).await;
        assert_eq!(answer.status, expected, "{}", answer.body);
        if expected == 400 {
            answer.refused(400, "B2B_TAX_INVOICE_NOT_ISSUED_STATUS");
            continue;
        }
        assert_eq!(answer.ok()["status"], "ISSUANCE_CANCELLED");
        let delete = format!("/b2b-preview/tax-invoices/R-1?brn={MAIN_BRN}&test=true");
        assert_eq!(app.delete(&delete).send().await.status, 200);
    }
}

#[tokio::test]
async fn single_reads_and_lists_have_names_of_their_own() {
    let app = app().await;
    let body = preview_invoice(Some("R-1"), Some("S-1"));
    preview_step(&app, "request-reverse-issuance", &body)
        .await
        .ok();
    let supplier = step(OTHER_BRN, "S-1", "SUPPLIER");
    let refused = preview_step(&app, "refuse-request", &supplier).await.ok();
    assert_eq!(refused["status"], "ISSUANCE_REFUSED");
    let list = format!(
        "/b2b-preview/tax-invoices?test=true&brn={MAIN_BRN}\
         &from=2026-01-01&until=2026-01-31&dateType=WRITE"
    );
    let listed = get(&app, &list).await.ok();
    assert_eq!(listed["page"]["totalCount"], 1);
    assert_eq!(listed["items"][0]["status"], "REQUEST_REFUSED");
    // By the day of issue it is in no list: it was not issued.
    let issued = list.replace("WRITE", "ISSUE");
    assert_eq!(get(&app, &issued).await.ok()["page"]["totalCount"], 0);
    // As the supplier's it is another company's.
    let other = list.clone() + "&documentKeyType=SUPPLIER";
    assert_eq!(get(&app, &other).await.ok()["page"]["totalCount"], 0);
}

#[tokio::test]
async fn a_forward_draft_is_not_requested_and_a_reverse_one_not_issued() {
    let app = app().await;
    let mut forward = preview_invoice(None, Some("S-1"));
    let invoice = &mut forward["taxInvoice"];
    let (supplier, recipient) = (invoice["supplier"].clone(), invoice["recipient"].clone());
    invoice["supplier"] = recipient;
    invoice["recipient"] = supplier;
    preview_step(&app, "register", &forward).await.ok();
    let own = step(MAIN_BRN, "S-1", "SUPPLIER");
    preview_step(&app, "request", &own)
        .await
        .refused(400, "B2B_TAX_INVOICE_NO_RECIPIENT_DOCUMENT_KEY");
    assert_eq!(
        preview_step(&app, "issue", &own).await.ok()["status"],
        "ISSUED"
    );
    let reverse = preview_invoice(Some("R-1"), Some("S-2"));
    preview_step(&app, "register", &reverse).await.ok();
    preview_step(&app, "issue", &step(OTHER_BRN, "S-2", "SUPPLIER"))
        .await
        .refused(400, "B2B_TAX_INVOICE_NOT_REQUESTED_STATUS");
}

#[tokio::test]
async fn webhooks_about_invoices_are_tried_five_times_at_their_own_pace() {
    let app = app().await;
    app.receiver.answer_with(500);
    let body = preview_invoice(Some("R-1"), Some("S-1"));
    preview_step(&app, "request-reverse-issuance", &body)
        .await
        .ok();
    app.settle().await;
    let sent = |app: &naru_testkit::TestApp| {
        let about =
            |delivery: &&naru_testkit::Delivery| delivery.body["type"] == "TaxInvoice.Requested";
        app.receiver.deliveries().iter().filter(about).count()
    };
    assert_eq!(sent(&app), 1);
    // Half of the pause is fixed: nothing comes before it, and all of it is over after the whole.
    for (minutes, expected) in [(5, 2), (10, 3), (20, 4), (40, 5), (400, 5)] {
        app.move_clock_s(minutes * 30 - 5).await;
        app.settle().await;
        assert_eq!(sent(&app), expected.min(5) - usize::from(minutes < 400));
        app.move_clock_s(minutes * 30 + 5).await;
        app.settle().await;
        assert_eq!(sent(&app), expected);
    }
}
