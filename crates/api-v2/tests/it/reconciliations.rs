//! The two VAT reports: what they sum, whom they answer, what they refuse.

use naru_domain::settlement::{LineKind, LineMethod, SettlementLine};
use naru_domain::{ChannelKey, Currency, Day, StoreId};
use naru_engine::reconcile::SettlementImport;
use naru_testkit::{Answer, MAIN, OTHER, SUB, TestApp, bodies};
use serde_json::{Value, json};

use crate::{app, text, with};

const SETTLEMENTS: &str = "/payment-reconciliations/settlements/vat-report";
const TRANSACTIONS: &str = "/payment-reconciliations/transactions/vat-report";

/// The one way in which these operations take their input.
pub fn query(body: &Value) -> String {
    let encoded = body.to_string().into_bytes();
    let encoded: Vec<String> = encoded.iter().map(|byte| format!("%{byte:02X}")).collect();
    format!("?requestBody={}", encoded.concat())
}

async fn ask(app: &TestApp, path: &str, body: &Value) -> Answer {
    app.get(&format!("{path}{}", query(body))).send().await
}

fn january() -> Value {
    json!({"dateRange": {"from": "2026-01-01", "until": "2026-01-31"}})
}

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn line(kind: LineKind, method: LineMethod, amount: i64) -> SettlementLine {
    SettlementLine {
        kind,
        pg_tx_id: format!("{}-{amount}", method.name()),
        order_id: None,
        pg_cancellation_id: None,
        transacted_on: day("2026-01-15"),
        transacted_at: None,
        settled_on: day("2026-01-17"),
        method,
        currency: Currency::krw(),
        amount,
        discount: 0,
        tax_free: None,
        vat: None,
        fee: 0,
        fee_vat: None,
        is_escrow: None,
        installment_months: None,
        order_name: None,
    }
}

async fn import(app: &TestApp, lines: Vec<SettlementLine>) {
    let import = SettlementImport {
        channel: ChannelKey::new(MAIN.channels[0]),
        part: String::new(),
        may_remove: false,
        is_trial: false,
        file_name: "test.csv".to_owned(),
        lines: (2..).zip(lines).collect(),
    };
    let imported = app.engine.import_settlement(import, &|_, _| {}).await;
    imported.expect("an import");
}

/// A server whose main store collects settlements.
async fn enrolled() -> TestApp {
    let app = app().await;
    let main = StoreId::new(MAIN.store_id);
    let enrolled = app.engine.enrol(&main, Some(day("2026-01-01"))).await;
    enrolled.expect("an enrolment");
    app
}

fn row(method: &str, [supply, vat, tax_free]: [i64; 3]) -> Value {
    json!({
        "paymentMethod": method,
        "supplyAmount": supply,
        "vatAmount": vat,
        "taxFreeAmount": tax_free,
        "totalAmount": supply + vat + tax_free,
    })
}

#[tokio::test]
async fn rows_are_summed_by_method_and_cancellations_subtracted() {
    let app = enrolled().await;
    let mut tax_free = line(LineKind::Approval, LineMethod::Card, 5_000);
    tax_free.tax_free = Some(2_800);
    let mut dollars = line(LineKind::Approval, LineMethod::Point, 900);
    dollars.currency = Currency::new("USD");
    let lines = vec![
        line(LineKind::Approval, LineMethod::Card, 11_000),
        tax_free,
        line(LineKind::Cancellation, LineMethod::Card, 1_100),
        line(LineKind::Approval, LineMethod::VirtualAccount, 2_200),
        line(LineKind::Cancellation, LineMethod::Mobile, 550),
        dollars,
    ];
    import(&app, lines).await;
    let items = json!([
        row("CARD", [11_000, 1_100, 2_800]),
        row("VIRTUAL_ACCOUNT", [2_000, 200, 0]),
        row("MOBILE", [-500, -50, 0]),
    ]);
    let summary = json!({
        "totalSupplyAmount": 12_500,
        "totalVatAmount": 1_250,
        "totalTaxFreeAmount": 2_800,
        "totalAmount": 16_550,
    });
    for path in [SETTLEMENTS, TRANSACTIONS] {
        let report = ask(&app, path, &january()).await.ok();
        assert_eq!(report["items"], items, "{path}");
        assert_eq!(report["summary"], summary, "{path}");
        let pair = json!([{"pgProvider": "INICIS", "pgMerchantId": "INIpayTest"}]);
        assert_eq!(report["pgSpecifiers"], pair);
    }
}

#[tokio::test]
async fn one_goes_by_the_day_of_settlement_and_the_other_by_that_of_the_transaction() {
    let app = enrolled().await;
    import(
        &app,
        vec![line(LineKind::Approval, LineMethod::Card, 1_100)],
    )
    .await;
    for (path, from, until, total) in [
        (TRANSACTIONS, "2026-01-15", "2026-01-15", 1_100),
        (TRANSACTIONS, "2026-01-16", "2026-01-17", 0),
        (SETTLEMENTS, "2026-01-17", "2026-01-17", 1_100),
        (SETTLEMENTS, "2026-01-01", "2026-01-16", 0),
    ] {
        let body = json!({"dateRange": {"from": from, "until": until}});
        let report = ask(&app, path, &body).await.ok();
        assert_eq!(report["summary"]["totalAmount"], total, "{path} {from}");
        let rows = report["items"].as_array().expect("rows").len();
        assert_eq!(rows, usize::from(total != 0));
    }
}

#[tokio::test]
async fn filters_by_status_pg_and_store() {
    let app = enrolled().await;
    // One of our payments, and a line that is about none.
    let paid = app
        .post("/payments/a/instant")
        .json(&bodies::card_payment());
    let paid = paid.send().await.ok();
    let mut ours = line(LineKind::Approval, LineMethod::Card, 1_000);
    ours.pg_tx_id = text(&paid["payment"]["pgTxId"]);
    let payment = app.get("/payments/a").send().await.ok();
    let paid_at = text(&payment["paidAt"]).parse().expect("a moment");
    ours.transacted_on = Day::of(paid_at, &jiff::tz::TimeZone::fixed(jiff::tz::offset(9)));
    ours.settled_on = ours.transacted_on;
    app.settle().await;
    let mut theirs = line(LineKind::Approval, LineMethod::Card, 200);
    theirs.settled_on = ours.settled_on;
    theirs.transacted_on = ours.transacted_on;
    let on = ours.settled_on.to_string();
    import(&app, vec![ours, theirs]).await;
    let body = json!({"dateRange": {"from": on, "until": on}, "filter": {}});
    let total = async |path: &str, pointer: &str, value: Value| {
        let body = with(body.clone(), pointer, value);
        let report = ask(&app, path, &body).await.ok();
        report["summary"]["totalAmount"].as_i64().expect("a sum")
    };
    let statuses = "/filter/reconciliationStatuses";
    for (wanted, sum) in [
        (json!(["MATCHED"]), 1_000),
        (json!(["INCOMPARABLE"]), 200),
        (json!(["MATCHED", "INCOMPARABLE"]), 1_200),
        (json!(["NOT_MATCHED", "NOT_COLLECTED"]), 0),
        (json!([]), 1_200),
    ] {
        assert_eq!(total(TRANSACTIONS, statuses, wanted).await, sum);
    }
    for path in [SETTLEMENTS, TRANSACTIONS] {
        let pair = |id: &str, pg: &str| json!([{"pgMerchantId": id, "pgProvider": pg}]);
        let pgs = "/filter/pgSpecifiers";
        assert_eq!(total(path, pgs, pair("INIpayTest", "INICIS")).await, 1_200);
        assert_eq!(total(path, pgs, pair("INIpayTest", "KCP")).await, 0);
        assert_eq!(total(path, pgs, pair("other", "INICIS")).await, 0);
        let stores = "/filter/storeIds";
        assert_eq!(total(path, stores, json!([MAIN.store_id])).await, 1_200);
        assert_eq!(total(path, stores, json!([SUB.store_id])).await, 0);
        let both = json!([MAIN.store_id, SUB.store_id]);
        assert_eq!(total(path, stores, both).await, 1_200);
    }
}

#[tokio::test]
async fn a_sub_store_sees_its_own_alone() {
    let app = enrolled().await;
    import(
        &app,
        vec![line(LineKind::Approval, LineMethod::Card, 1_100)],
    )
    .await;
    for path in [SETTLEMENTS, TRANSACTIONS] {
        let request = app.get(&format!("{path}{}", query(&january())));
        let report = request.secret(SUB.secret).send().await.ok();
        assert_eq!(report["summary"]["totalAmount"], 0);
    }
}

#[tokio::test]
async fn a_store_that_is_not_enrolled_is_forbidden_and_told_why() {
    let app = app().await;
    for path in [SETTLEMENTS, TRANSACTIONS] {
        let message = ask(&app, path, &january()).await.refused(403, "FORBIDDEN");
        assert!(message.contains("not collected"), "{message}");
        // Another merchant's enrolment opens nothing.
        let other = StoreId::new(OTHER.store_id);
        app.engine.enrol(&other, None).await.expect("an enrolment");
        ask(&app, path, &january()).await.refused(403, "FORBIDDEN");
    }
}

#[tokio::test]
async fn without_a_credential_nothing_is_told() {
    let app = enrolled().await;
    for path in [SETTLEMENTS, TRANSACTIONS] {
        let request = app.get(&format!("{path}{}", query(&january())));
        request
            .anonymous()
            .send()
            .await
            .refused(401, "UNAUTHORIZED");
        let request = app.get(&format!("{path}{}", query(&january())));
        let wrong = request.secret("wrong").send().await;
        wrong.refused(401, "UNAUTHORIZED");
    }
}

#[tokio::test]
async fn bad_input_is_refused_by_its_field() {
    let app = enrolled().await;
    let days = |from: &str, until: &str| json!({"dateRange": {"from": from, "until": until}});
    for path in [SETTLEMENTS, TRANSACTIONS] {
        // A body is not read.
        let body = app.get(path).json(&january()).send().await;
        body.refused_field("requestBody");
        app.get(path).send().await.refused_field("requestBody");
        let broken = app.get(&format!("{path}?requestBody=%7B")).send().await;
        broken.refused(400, "INVALID_REQUEST");
        for (body, field) in [
            (json!({}), "dateRange"),
            (
                json!({"dateRange": {"from": "2026-01-01"}}),
                "dateRange.until",
            ),
            (days("01.01.2026", "2026-01-31"), "dateRange.from"),
            (days("2026-01-01", "2026-02-30"), "dateRange.until"),
            (days("2026-01-01T00:00:00Z", "2026-01-31"), "dateRange.from"),
            (days("2026-01-31", "2026-01-01"), "dateRange.until"),
            (days("2024-01-01", "2026-01-31"), "dateRange"),
            (
                with(january(), "/filter", json!({"storeIds": vec!["s"; 201]})),
                "filter.storeIds",
            ),
        ] {
            ask(&app, path, &body).await.refused_field(field);
        }
        let unknown = json!({"pgSpecifiers": [{"pgMerchantId": "x", "pgProvider": "NOBODY"}]});
        let unknown = with(january(), "/filter", unknown);
        ask(&app, path, &unknown)
            .await
            .refused(400, "INVALID_REQUEST");
    }
    let unknown = json!({"reconciliationStatuses": ["PERHAPS"]});
    let unknown = with(january(), "/filter", unknown);
    ask(&app, TRANSACTIONS, &unknown)
        .await
        .refused(400, "INVALID_REQUEST");
    // A year and a day at once is as long as it may be.
    ask(&app, TRANSACTIONS, &days("2024-01-01", "2024-12-31"))
        .await
        .ok();
}
