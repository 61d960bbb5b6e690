//! Answers of the provider that were lost, late, refused or garbage.

use naru_testkit::TestApp;
use serde_json::json;

use super::{act, app, current_invoice, get, post, preview_invoice, preview_step, requested};

async fn status(app: &TestApp, id: &str) -> String {
    let read = get(app, &format!("/b2b/tax-invoices/{id}?test=true"))
        .await
        .ok();
    crate::text(&read["status"])
}

#[tokio::test]
async fn a_lost_answer_is_found_by_asking_what_the_provider_shows() {
    let app = app().await;
    for kind in ["drop_after", "drop_before"] {
        let id = requested(&app).await;
        app.fault("tax_command", kind).await;
        let answer = act(&app, &id, "issue").await;
        let read = status(&app, &id).await;
        let shown = if kind == "drop_after" {
            // It was done; the connection was cut before the answer.
            "ISSUED"
        } else {
            // Nothing was done, which is final only after a while.
            "ISSUE_PENDING"
        };
        assert_eq!(answer.ok()["taxInvoice"]["status"], shown);
        assert_eq!(read, shown);
        act(&app, &id, "cancel-issuance").await;
        app.delete(&format!("/b2b/tax-invoices/{id}?test=true"))
            .send()
            .await;
        app.clear_faults().await;
        if kind == "drop_after" {
            assert_eq!(
                get(&app, &format!("/b2b/tax-invoices/{id}?test=true"))
                    .await
                    .status,
                404
            );
        }
    }
}

#[tokio::test]
async fn the_edition_of_2024_says_that_it_is_unclear() {
    let app = app().await;
    app.fault("tax_command", "drop_before").await;
    app.fault("tax_inquiry", "http_500").await;
    let body = preview_invoice(Some("R-1"), Some("S-1"));
    let answer = preview_step(&app, "request-reverse-issuance", &body).await;
    let message = answer.refused(502, "B2B_EXTERNAL_SERVICE");
    assert!(message.contains("NARU_OUTCOME_UNKNOWN"), "{message}");
}

#[tokio::test]
async fn a_refusal_leaves_the_invoice_where_it_was() {
    let app = app().await;
    let id = requested(&app).await;
    app.fault("tax_command", "decline").await;
    let answer = act(&app, &id, "issue").await;
    let message = answer.refused(502, "B2B_EXTERNAL_SERVICE");
    assert!(message.contains("-11000001"), "{message}");
    assert_eq!(status(&app, &id).await, "ISSUE_FAILED");
    assert_eq!(
        act(&app, &id, "issue").await.ok()["taxInvoice"]["status"],
        "ISSUED"
    );
}

#[tokio::test]
async fn a_creation_that_was_refused_gives_its_keys_back() {
    let app = app().await;
    app.fault("tax_command", "decline").await;
    let path = "/b2b/tax-invoices/draft?test=true";
    let body = current_invoice("REVERSE");
    post(&app, path, &body)
        .await
        .refused(502, "B2B_EXTERNAL_SERVICE");
    let made = post(&app, path, &body).await.ok();
    assert_eq!(made["taxInvoice"]["status"], "DRAFTED");
    let failed = json!({ "filter": { "statuses": ["DRAFT_FAILED"] } });
    let list = format!(
        "/b2b/tax-invoices?test=true&requestBody={}",
        super::in_query(&failed)
    );
    let found = get(&app, &list).await.ok();
    assert_eq!(found["page"]["totalCount"], 1);
    let id = crate::text(&found["items"][0]["id"]);
    let delete = app.delete(&format!("/b2b/tax-invoices/{id}?test=true"));
    assert_eq!(delete.send().await.status, 200);
}

#[tokio::test]
async fn two_steps_at_once_are_one() {
    let app = app().await;
    let id = requested(&app).await;
    let (one, other) = tokio::join!(act(&app, &id, "issue"), act(&app, &id, "issue"));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
}
