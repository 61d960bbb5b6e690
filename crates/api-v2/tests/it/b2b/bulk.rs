//! Bulk invoices as the API shows them.

use std::sync::Arc;

use naru_domain::StoreId;
use naru_domain::b2b::Start;
use naru_domain::b2b::tax_invoice::Issuance;
use naru_engine::b2b::{BulkImported, NewBulk, SheetRow, sheet_digest};
use naru_testkit::{MAIN, MAIN_BRN, TestApp, written_invoice};
use serde_json::{Value, json};

use super::{app, get, in_query};

async fn import(app: &TestApp, id: &str, keys: &[&str]) {
    let store = StoreId::new(MAIN.store_id);
    let rows = (2..).zip(keys).map(|(line, key)| SheetRow {
        line,
        write: written_invoice(key, 10_000),
    });
    let new = NewBulk {
        store: Arc::new(app.engine.existing_store(&store).await.expect("a store")),
        is_test: true,
        id: Some(id.to_owned()),
        name: Some("4월".to_owned()),
        issuance: Issuance::Reverse,
        follows: None,
        digest: sheet_digest(keys.join(",").as_bytes()),
        rows: rows.collect(),
        is_trial: false,
    };
    let made = app.engine.import_bulk(new).await.expect("imported");
    assert!(matches!(made, BulkImported::Made(_)), "{made:?}");
}

async fn bulk(app: &TestApp, id: &str) -> Value {
    let path = format!("/b2b/bulk-tax-invoices/{id}?test=true");
    get(app, &path).await.ok()
}

async fn listed(app: &TestApp, filter: &Value) -> Value {
    let body = json!({ "filter": { "primaryFilter": filter } });
    let path = format!(
        "/b2b/tax-invoices?test=true&requestBody={}",
        in_query(&body)
    );
    get(app, &path).await.ok()
}

#[tokio::test]
async fn a_bulk_counts_its_invoices_by_status() {
    let app = app().await;
    import(&app, "april", &["a", "b"]).await;
    let before = bulk(&app, "april").await;
    assert_eq!(before["status"], "DRAFT_PENDING");
    let expected = json!({ "DRAFT_PENDING": { "count": 2, "amountSum": 22_000 } });
    assert_eq!(before["stats"], expected);
    app.settle().await;
    let drafted = bulk(&app, "april").await;
    assert_eq!(drafted["status"], "DRAFTED");
    assert_eq!(
        (&drafted["sourceType"], &drafted["issuanceType"]),
        (&json!("SHEET"), &json!("REVERSE"))
    );
    assert_eq!(
        (&drafted["name"], &drafted["id"]),
        (&json!("4월"), &json!("april"))
    );
    assert_eq!(drafted["totalInvoiceCount"], 2);
    assert_eq!(drafted["totalAmount"], 22_000);
    assert_eq!(drafted["requestedAt"], Value::Null);
    let store = StoreId::new(MAIN.store_id);
    let started = app
        .engine
        .start_bulk(&store, "april", Start { at: None })
        .await;
    started.unwrap();
    assert_eq!(bulk(&app, "april").await["status"], "REQUEST_PENDING");
    app.settle().await;
    let over = bulk(&app, "april").await;
    assert_eq!(over["status"], "COMPLETED");
    assert_ne!(over["requestedAt"], Value::Null);
    let expected = json!({ "REQUESTED": { "count": 2, "amountSum": 22_000 } });
    assert_eq!(over["stats"], expected);
}

#[tokio::test]
async fn invoices_of_a_bulk_are_found_by_it_and_read_in_both_editions() {
    let app = app().await;
    import(&app, "april", &["a", "b"]).await;
    import(&app, "may", &["c"]).await;
    app.settle().await;
    let found = listed(&app, &json!({ "bulkTaxInvoiceId": "april" })).await;
    assert_eq!(found["page"]["totalCount"], 2);
    for item in found["items"].as_array().unwrap() {
        assert_eq!(item["bulkTaxInvoiceId"], "april");
        let id = crate::text(&item["id"]);
        let read = get(&app, &format!("/b2b/tax-invoices/{id}?test=true"))
            .await
            .ok();
        assert_eq!(read["bulkTaxInvoiceId"], "april");
    }
    let none = listed(&app, &json!({ "bulkTaxInvoiceId": "june" })).await;
    assert_eq!(none["page"]["totalCount"], 0);
    let none = listed(&app, &json!({ "payoutId": "payout-1" })).await;
    assert_eq!(none["page"]["totalCount"], 0);
    let preview = format!("/b2b-preview/tax-invoices/R-c?brn={MAIN_BRN}&test=true");
    assert_eq!(get(&app, &preview).await.ok()["status"], "REGISTERED");
    let sheet = json!({
        "filter": { "primaryFilter": { "bulkTaxInvoiceId": "may" } },
        "fields": ["BULK_TAX_INVOICE_ID", "RECIPIENT_DOCUMENT_KEY"],
    });
    let path = format!(
        "/b2b/tax-invoices-sheet?test=true&requestBody={}",
        in_query(&sheet)
    );
    let answer = get(&app, &path).await;
    let csv = String::from_utf8(answer.bytes.to_vec()).unwrap();
    assert!(csv.contains("\"may\",\"R-c\""), "{csv}");
}

#[tokio::test]
async fn a_bulk_is_seen_by_its_own_store_and_data_only() {
    let app = app().await;
    import(&app, "april", &["a"]).await;
    let path = "/b2b/bulk-tax-invoices/april?test=true";
    get(&app, "/b2b/bulk-tax-invoices/none?test=true")
        .await
        .refused(404, "B2B_BULK_TAX_INVOICE_NOT_FOUND");
    // Live data has no contract here.
    get(&app, "/b2b/bulk-tax-invoices/april")
        .await
        .refused(403, "B2B_NOT_ENABLED");
    app.get(path)
        .secret(naru_testkit::OTHER.secret)
        .send()
        .await
        .refused(404, "B2B_BULK_TAX_INVOICE_NOT_FOUND");
    app.get(path)
        .anonymous()
        .send()
        .await
        .refused(401, "UNAUTHORIZED");
}
