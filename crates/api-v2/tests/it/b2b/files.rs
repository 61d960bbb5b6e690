//! Files on drafts, and the addresses of documents.

use naru_engine::b2b::{BadLink, LinkKind, UploadRefused};
use naru_testkit::TestApp;
use serde_json::json;

use super::{app, current_invoice, get, post, requested};

async fn draft(app: &TestApp) -> String {
    let path = "/b2b/tax-invoices/draft?test=true";
    let made = post(app, path, &current_invoice("REVERSE")).await.ok();
    crate::text(&made["taxInvoice"]["id"])
}

async fn upload(app: &TestApp, name: &str) -> (String, String) {
    let body = json!({ "fileName": name });
    let made = post(app, "/b2b/file-upload-url?test=true", &body)
        .await
        .ok();
    let url = crate::text(&made["url"]);
    let (_, token) = url.split_once("token=").expect("an address with its token");
    (crate::text(&made["fileId"]), token.to_owned())
}

#[tokio::test]
async fn a_file_is_uploaded_attached_and_taken_off() {
    let app = app().await;
    let id = draft(&app).await;
    let (file_id, token) = upload(&app, "계약서.pdf").await;
    let attach = format!("/b2b/tax-invoices/{id}/attach-file?test=true");
    let body = json!({ "fileId": file_id });
    post(&app, &attach, &body)
        .await
        .refused(404, "B2B_FILE_NOT_FOUND");
    let take = async |bytes: &[u8]| app.engine.take_upload(&token, bytes).await.unwrap();
    assert_eq!(take(b"<script>").await, Err(UploadRefused::Kind));
    assert_eq!(take(b"").await, Err(UploadRefused::Size));
    let pdf = [b"%PDF-1.7\n".as_slice(), &vec![0_u8; 700_000]].concat();
    assert_eq!(take(&pdf).await, Ok(()));
    assert_eq!(take(&pdf).await, Err(UploadRefused::Again));
    assert_eq!(post(&app, &attach, &body).await.status, 200);
    let listed = format!("/b2b/tax-invoices/{id}/attachments?test=true");
    let files = get(&app, &listed).await.ok();
    assert_eq!(files["attachments"][0]["name"], "계약서.pdf");
    let attachment = crate::text(&files["attachments"][0]["id"]);
    let off = |one: &str| format!("/b2b/tax-invoices/{id}/attachments/{one}?test=true");
    app.delete(&off("nowhere"))
        .send()
        .await
        .refused(404, "B2B_TAX_INVOICE_ATTACHMENT_NOT_FOUND");
    assert_eq!(app.delete(&off(&attachment)).send().await.status, 200);
    assert_eq!(get(&app, &listed).await.ok()["attachments"], json!([]));
}

#[tokio::test]
async fn only_drafts_take_files() {
    let app = app().await;
    let id = requested(&app).await;
    let (file_id, token) = upload(&app, "a.pdf").await;
    app.engine
        .take_upload(&token, b"%PDF-1.7")
        .await
        .unwrap()
        .unwrap();
    let attach = format!("/b2b/tax-invoices/{id}/attach-file?test=true");
    post(&app, &attach, &json!({ "fileId": file_id }))
        .await
        .refused(400, "B2B_TAX_INVOICE_NOT_DRAFTED_STATUS");
    for name in ["", "a/b.pdf", "a\u{0}b"] {
        let body = json!({ "fileName": name });
        let answer = post(&app, "/b2b/file-upload-url?test=true", &body).await;
        answer.refused_field("fileName");
    }
}

#[tokio::test]
async fn addresses_of_documents_are_signed_and_expire() {
    let app = app().await;
    let id = requested(&app).await;
    for (path, kind) in [
        ("popup-url?test=true", LinkKind::Popup { has_menu: true }),
        (
            "popup-url?test=true&includeMenu=false",
            LinkKind::Popup { has_menu: false },
        ),
        ("print-url?test=true", LinkKind::Print),
        ("pdf-download-url?test=true", LinkKind::Pdf),
    ] {
        let answer = get(&app, &format!("/b2b/tax-invoices/{id}/{path}"))
            .await
            .ok();
        let url = crate::text(&answer["url"]);
        let token = url.split_once("token=").unwrap().1;
        let (found, invoice) = app.engine.follow_link(token).await.unwrap().unwrap();
        assert_eq!((found, invoice.id.to_string()), (kind, id.clone()));
        let forged = format!("{token}x");
        assert_eq!(
            app.engine.follow_link(&forged).await.unwrap().unwrap_err(),
            BadLink::Forged
        );
    }
    let preview = "/b2b-preview/tax-invoices/R-1/print-url?brn=1234567891&test=true";
    let url = crate::text(&get(&app, preview).await.ok()["url"]);
    let token = url.split_once("token=").unwrap().1;
    app.move_clock_s(301).await;
    let late = app.engine.follow_link(token).await.unwrap();
    assert_eq!(late.unwrap_err(), BadLink::Expired);
}
