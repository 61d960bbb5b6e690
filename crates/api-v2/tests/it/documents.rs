//! `getBankInfos`, the document and its page.

use std::collections::BTreeSet;

use naru_wire_v2::{Bank, Operation};

use crate::{app, text};

#[tokio::test]
async fn every_bank_has_a_korean_name_of_its_own() {
    let app = app().await;
    let banks = app.get("/banks").anonymous().send().await.ok();
    let items = banks["items"].as_array().unwrap();
    assert_eq!(items.len(), Bank::ALL.len());
    let names: BTreeSet<String> = items.iter().map(|item| text(&item["name"]["ko"])).collect();
    assert_eq!(names.len(), items.len());
    let shinhan = items.iter().find(|item| item["bank"] == "SHINHAN").unwrap();
    assert_eq!(shinhan["name"]["ko"], "신한은행");
}

#[tokio::test]
async fn the_document_is_served_without_a_credential() {
    let app = app().await;
    let document = app.get("/openapi.json").anonymous().send().await.ok();
    assert!(document["paths"]["/payments/{paymentId}/cancel"]["post"].is_object());
    assert!(document["paths"]["/platform/partners"].is_null());
}

#[tokio::test]
async fn the_page_shows_every_operation_and_runs_no_script() {
    let app = app().await;
    let answer = app.get("/docs").anonymous().send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let page = String::from_utf8(answer.bytes.to_vec()).unwrap();
    for operation in Operation::ALL
        .iter()
        .filter(|operation| naru_wire_v2::is_served(**operation))
    {
        assert!(
            page.contains(&format!("id=\"{}\"", operation.id())),
            "{}",
            operation.id()
        );
    }
    assert!(!page.contains("<script"));
    assert!(!page.contains("src=\"http"));
    assert!(page.contains("viewport"));
    assert!(page.contains("결제"));
}
