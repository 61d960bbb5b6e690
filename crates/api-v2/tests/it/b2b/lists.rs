//! Lists and the sheet.

use serde_json::json;

use super::{act, app, current_invoice, get, in_query, post};

async fn three_drafts(app: &naru_testkit::TestApp) {
    for number in 1..=3 {
        let mut body = current_invoice("NORMAL");
        body["taxInvoice"]["supplierDocumentKey"] = json!(format!("S-{number}"));
        body["taxInvoice"]["recipientDocumentKey"] = json!(format!("R-{number}"));
        body["taxInvoice"]["writeDate"] = json!(format!("2026-01-0{number}"));
        post(app, "/b2b/tax-invoices/draft?test=true", &body)
            .await
            .ok();
    }
}

#[tokio::test]
async fn todays_list_filters_sorts_and_pages() {
    let app = app().await;
    three_drafts(&app).await;
    let list = async |body: serde_json::Value| {
        let path = format!(
            "/b2b/tax-invoices?test=true&requestBody={}",
            in_query(&body)
        );
        get(&app, &path).await
    };
    let count = async |body: serde_json::Value| list(body).await.ok()["page"]["totalCount"].clone();
    assert_eq!(count(json!({})).await, 3);
    let id = {
        let body = json!({ "sort": { "by": "WRITE_DATE", "order": "ASC" }, "pageSize": 2 });
        let found = list(body).await.ok();
        assert_eq!(found["items"].as_array().unwrap().len(), 2);
        assert_eq!(found["items"][0]["writeDate"], "2026-01-01");
        crate::text(&found["items"][0]["id"])
    };
    act(&app, &id, "issue").await.ok();
    for (filter, expected) in [
        (json!({ "statuses": ["ISSUED"] }), 1),
        (json!({ "statuses": ["DRAFTED"] }), 2),
        (json!({ "issuanceTypes": ["REVERSE"] }), 0),
        (
            json!({ "taxationTypes": ["TAXABLE"], "purposeTypes": ["INVOICE"] }),
            3,
        ),
        (json!({ "documentModificationTypes": ["MODIFICATION"] }), 0),
        (json!({ "isDelayed": true }), 3),
        (json!({ "isDelayed": false }), 0),
        (json!({ "partnerBrn": "9876543215" }), 3),
        (json!({ "counterpartyId": "partner" }), 3),
        (json!({ "supplierBrn": "9876543215" }), 0),
        (json!({ "primaryFilter": { "taxInvoiceId": id } }), 1),
        (
            json!({ "primaryFilter": { "supplierDocumentKey": "S-2" } }),
            1,
        ),
        (
            json!({ "primaryFilter": { "recipientDocumentKey": "R-9" } }),
            0,
        ),
        (json!({ "primaryFilter": { "payoutId": "any" } }), 0),
        (
            json!({ "primaryFilter": { "taxInvoiceIds": [id, "nowhere"] } }),
            1,
        ),
        (
            json!({ "primaryFilter": { "dateFilter": {
                "dateType": "WRITE", "dateRange": [{ "from": "2026-01-02", "until": "2026-01-03" }],
            } } }),
            2,
        ),
    ] {
        let body = json!({ "filter": filter });
        assert_eq!(count(body).await, expected, "{filter}");
    }
    let two = json!({ "filter": { "primaryFilter": { "taxInvoiceId": "a", "payoutId": "b" } } });
    list(two).await.refused_field("filter.primaryFilter");
    list(json!({ "pageSize": 1_001 }))
        .await
        .refused_field("pageSize");
    // Deleted ones are in no list.
    app.delete("/b2b/tax-invoices/S-3?taxInvoiceKeyType=SUPPLIER&brn=1234567891&test=true")
        .send()
        .await
        .ok();
    assert_eq!(count(json!({})).await, 2);
}

#[tokio::test]
async fn the_sheet_has_the_columns_that_are_asked_for() {
    let app = app().await;
    let mut body = current_invoice("NORMAL");
    body["memo"] = json!("=HYPERLINK(\"x\")");
    post(&app, "/b2b/tax-invoices/draft?test=true", &body)
        .await
        .ok();
    let asked = in_query(&json!({ "fields": ["WRITE_DATE", "TOTAL_AMOUNT", "MEMO"] }));
    let path = format!("/b2b/tax-invoices-sheet?test=true&requestBody={asked}");
    let answer = get(&app, &path).await;
    assert_eq!(answer.status, 200);
    let text = String::from_utf8(answer.bytes.to_vec()).unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(
        lines,
        [
            "\"작성일자\",\"합계금액\",\"관리용 메모\"",
            "\"2026-01-02\",\"11000\",\"'=HYPERLINK(\"\"x\"\")\""
        ]
    );
    let all = get(&app, "/b2b/tax-invoices-sheet?test=true").await;
    let text = String::from_utf8(all.bytes.to_vec()).unwrap();
    assert_eq!(text.lines().next().unwrap().matches(',').count(), 30);
}

#[tokio::test]
async fn a_page_of_2024_has_limits() {
    let app = app().await;
    let list = "/b2b-preview/tax-invoices?test=true&brn=1234567891&dateType=WRITE";
    let with = |rest: &str| format!("{list}&{rest}");
    get(
        &app,
        &with("from=2026-01-01&until=2026-01-31&pageSize=1001"),
    )
    .await
    .refused_field("pageSize");
    get(&app, &with("from=2026-02-01&until=2026-01-31"))
        .await
        .refused_field("until");
    get(&app, &with("from=yesterday&until=2026-01-31"))
        .await
        .refused_field("from");
}
